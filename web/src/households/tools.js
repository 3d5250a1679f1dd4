// Head, mark, foot and the map's own small controls; the page on paper.

import { DomEvent, control } from "leaflet";
import { byId, fill, h, icon } from "../dom.js";

const ICONS = {
  print: "M6 9V3h12v6M6 18H4a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2M6 14h12v7H6z",
  home: "M3 11l9-8 9 8M5 9.5V21h14V9.5",
  list: "M4 6h16M4 12h16M4 18h16",
};

/** The mark of personal data and of sample data: there before anything of the data is. */
export function watchMark(opened, state, words) {
  const render = () => {
    const { mark } = opened;
    fill(byId("mark"), h("b", null, words.pick(mark)), h("span", null, words.pick(mark.long)));
    const band = byId("sample-band");
    band.hidden = !opened.sample;
    if (opened.sample) fill(band, h("b", null, words.pick(opened.sample)), h("span", null, words.pick(opened.sample.long)));
    document.documentElement.lang = state.lang;
  };
  state.on(["lang"], render);
  render();
}

export function watchTools(opened, state, words) {
  const render = () =>
    fill(
      byId("tools"),
      h(
        "button",
        {
          type: "button",
          class: "tool language",
          "data-key": "language",
          lang: state.lang === "vi" ? "en" : "vi",
          "aria-label": words.say("language"),
          onclick: () => state.set({ lang: state.lang === "vi" ? "en" : "vi" }),
        },
        h("span", { class: state.lang === "vi" ? "on" : "" }, "VI"),
        h("span", { class: state.lang === "en" ? "on" : "" }, "EN"),
      ),
      state.ready ? tool("print", words.say("print"), ICONS.print, () => window.print()) : null,
      state.ready ? tool("sheet", words.say("legend"), ICONS.list, () => state.set({ sheet: state.sheet === "half" ? "peek" : "half" })) : null,
    );
  state.on(["lang", "ready"], render);
  state.on(["sheet"], () => (byId("app").dataset.sheet = state.sheet));
  render();
}

function tool(key, label, path, onclick) {
  return h("button", { type: "button", class: `tool ${key}`, "data-key": key, "aria-label": label, title: label, onclick }, icon(path));
}

export function watchHead({ model, state, words }) {
  const { page } = model.meta;
  const render = () => {
    byId("title").textContent = words.pick(page.title);
    byId("subtitle").textContent = words.pick(page.subtitle);
    document.title = words.pick(page.title);
    const dates = page.sources.map((one) => `${one.title} (${one.as_of ? words.day(one.as_of) : words.say("noDate")})`);
    fill(byId("foot"), h("span", null, dates.join("; ")));
  };
  state.on(["lang"], render);
  render();
}

export function watchMapControls(map, { state, words }, fit) {
  const zoom = control.zoom({ position: "topleft" }).addTo(map);
  control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
  const home = h("a", { class: "leaflet-control-home", href: "#", role: "button" }, icon(ICONS.home));
  home.addEventListener("click", (event) => {
    event.preventDefault();
    fit();
  });
  zoom.getContainer().append(home);
  DomEvent.disableClickPropagation(zoom.getContainer());
  const name = () => {
    const [closer, farther] = zoom.getContainer().children;
    for (const [element, word] of [[closer, "zoomIn"], [farther, "zoomOut"], [home, "home"]]) {
      element.title = words.say(word);
      element.setAttribute("aria-label", words.say(word));
    }
    map.getContainer().setAttribute("aria-label", words.say("mapLabel"));
  };
  state.on(["lang"], name);
  name();
}

/** Lays the page out at paper size while the printer looks. */
export function watchPrint(map, painter, app) {
  let kept = null;
  const begin = () => {
    if (kept) return;
    kept = { center: map.getCenter(), zoom: map.getZoom(), home: app.isHome() };
    const bounds = kept.home ? app.bounds : map.getBounds();
    document.documentElement.classList.add("printing");
    painter.resolution = 2;
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(bounds, { animate: false, padding: kept.home ? [10, 10] : [0, 0] });
    painter._update();
  };
  const end = () => {
    if (!kept) return;
    document.documentElement.classList.remove("printing");
    painter.resolution = 0;
    map.invalidateSize({ animate: false, pan: false });
    map.setView(kept.center, kept.zoom, { animate: false });
    kept = null;
    painter._update();
  };
  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
}
