// A clean printed page: paper is chosen first, then the map is laid out and drawn anew at its size while the printer looks.

import { byId, fill, h } from "./dom.js";
import { MARGIN } from "./painter.js";

// Dots of the canvas per px (1/96 inch): about 290 and 190 dots per inch.
const RESOLUTION = { a4: 3, a3: 2 };
const MM_PER_PX = 25.4 / 96;
const SIZES = ["a4", "a3"];
const STEPS = ["dense", "wide-legend", "denser", "widest"];
const WAYS = ["landscape", "portrait"];

/** How the sheet lies best for a province: west, south, east, north in degrees. */
export function bestWay([west, south, east, north]) {
  return (east - west) * Math.cos((((south + north) / 2) * Math.PI) / 180) > north - south ? "landscape" : "portrait";
}

export function watchPrint(map, painter, app) {
  const { state, words } = app;
  const root = document.documentElement;
  let kept = null;
  const begin = () => {
    if (kept) return;
    const { size, way } = state.paper;
    kept = { center: map.getCenter(), zoom: map.getZoom(), home: app.isHome(), classes: ["printing", size, way, `paper-${size}-${way}`] };
    const bounds = kept.home ? app.bounds : map.getBounds();
    root.classList.add(...kept.classes);
    painter.resolution = RESOLUTION[size];
    painter.options.padding = 0;
    const fit = () => {
      map.invalidateSize({ animate: false, pan: false });
      map.fitBounds(bounds, { animate: false, padding: kept.home ? [14, 14] : [0, 0] });
    };
    fit();
    fitLegend(map.getZoom());
    fit(); // the legend may have taken room from the map
    const today = new Date();
    fill(
      byId("on-paper"),
      h("p", { class: "north" }, h("span", { "aria-hidden": "true" }, "▲"), words.say("north")),
      h("p", { class: "ratio" }, words.say("ratio", { n: words.number(ratioOf(map)) })),
    );
    byId("printed").textContent = ` · ${words.say("printedOn", { date: words.day([today.getFullYear(), today.getMonth() + 1, today.getDate()].map((n) => String(n).padStart(2, "0")).join("-")) })}`;
    painter.drawAll(); // now that names know what stands on the map
  };
  const end = () => {
    if (!kept) return;
    root.classList.remove(...kept.classes, ...STEPS);
    byId("legend").style.zoom = byId("legend").style.maxHeight = "";
    for (const entry of document.querySelectorAll(".absent")) entry.classList.remove("absent");
    painter.resolution = 0;
    painter.options.padding = MARGIN;
    map.invalidateSize({ animate: false, pan: false });
    if (kept.home) app.fit(false);
    else map.setView(kept.center, kept.zoom, { animate: false });
    kept = null;
    painter.drawAll();
  };
  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);

  const dialog = byId("paper");
  const render = () =>
    fill(
      dialog,
      h("h2", { id: "paper-title" }, words.say("paperTitle")),
      h(
        "fieldset",
        null,
        h("legend", null, words.say("paperSize")),
        SIZES.flatMap((size) => WAYS.map((way) => choice(size, way))),
      ),
      h(
        "label",
        { class: "check" },
        h("input", { type: "checkbox", checked: state.patterns, "data-key": "paper-patterns", onchange: (event) => state.set({ patterns: event.target.checked }) }),
        h("span", null, words.say("pattern")),
      ),
      h("p", { class: "hint" }, words.say("paperNote")),
      h(
        "p",
        { class: "row" },
        h("button", { type: "button", class: "plain", "data-key": "paper-close", onclick: () => dialog.close() }, words.say("close")),
        h("button", { type: "button", class: "plain strong", "data-key": "paper-print", onclick: go }, words.say("print")),
      ),
    );
  function choice(size, way) {
    const on = state.paper.size === size && state.paper.way === way;
    return h(
      "label",
      { class: "check" },
      h("input", { type: "radio", name: "paper", value: `${size}-${way}`, checked: on, "data-key": `paper-${size}-${way}`, onchange: () => state.set({ paper: { size, way } }) }),
      h("i", { class: `sheet ${size} ${way}`, "aria-hidden": "true" }),
      h("span", null, `${size.toUpperCase()} ${words.say(way)}`),
    );
  }
  function go() {
    dialog.close();
    // The window of the printer stops the page: the dialog goes first, and a pattern just chosen is drawn.
    setTimeout(() => window.print(), 60);
  }
  app.askPaper = () => {
    render();
    dialog.showModal();
  };
  state.on(["paper", "lang", "patterns"], () => dialog.open && render());
}

/** How much smaller the map is than the ground at its middle, to two figures: paper and printer change it a little. */
function ratioOf(map) {
  const metres = (40075016.686 * Math.cos((map.getCenter().lat * Math.PI) / 180)) / (256 * 2 ** map.getZoom());
  const ratio = (metres * 1000) / MM_PER_PX;
  const step = 10 ** (Math.floor(Math.log10(ratio)) - 1);
  return Math.round(ratio / step) * step;
}

/** Leaves out what the printed zoom does not show, and makes the rest fit beside or below the map. */
function fitLegend(zoom) {
  const panel = byId("legend");
  panel.scrollTop = 0;
  for (const entry of panel.querySelectorAll("[data-closer]"))
    entry.closest("li").classList.toggle("absent", zoom < Number(entry.dataset.closer));
  const tight = () => panel.scrollHeight > panel.clientHeight + 2 || panel.scrollWidth > panel.clientWidth + 2;
  for (const step of STEPS) if (tight()) document.documentElement.classList.add(step);
  // Everything switched on at once: small, but all of it.
  const high = parseFloat(getComputedStyle(panel).maxHeight);
  for (let zoom = 0.9; zoom > 0.45 && tight(); zoom -= 0.1) {
    panel.style.zoom = String(zoom);
    if (high) panel.style.maxHeight = `${high / zoom}px`; // its own height is zoomed too
  }
}
