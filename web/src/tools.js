// Head of the page: title, language, print, full screen, sample band; and the map's own small controls.

import L from "leaflet";
import { byId, fill, h, icon } from "./dom.js";
import { headline, lookAt, subline } from "./look.js";
import { sampleText } from "./sources.js";

const ICONS = {
  print: "M6 9V3h12v6M6 18H4a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2M6 14h12v7H6z",
  full: "M8 3H3v5M16 3h5v5M8 21H3v-5M16 21h5v-5",
  measure: "M3 17L17 3l4 4L7 21zM7 13l2 2M10 10l3 3M13 7l2 2",
  locate: "M12 2v4M12 18v4M2 12h4M18 12h4M12 6a6 6 0 1 0 0 12a6 6 0 0 0 0-12M12 11a1 1 0 1 0 .01 0",
  home: "M3 11l9-8 9 8M5 9.5V21h14V9.5",
};

export function watchHead(app) {
  const { model, state, words, tell } = app;
  const { page } = model.facts;
  const render = () => {
    const title = headline(model, words, state);
    byId("title").textContent = title;
    if (document.title && document.title !== title) tell(title, true);
    document.title = title;
    document.documentElement.lang = state.lang;
    byId("subtitle").textContent = subline(words, lookAt(model, state));
    document.querySelectorAll("[data-word]").forEach((element) => (element.textContent = words.say(element.dataset.word)));
    const band = byId("sample-band");
    band.hidden = !page.sample;
    if (page.sample) fill(band, h("b", null, words.pick(model.facts.symbols.sample)), h("span", null, sampleText(model, words)));
    const full = document.fullscreenEnabled;
    fill(
      byId("tools"),
      h(
        "button",
        {
          type: "button",
          class: "tool language",
          "data-key": "language",
          lang: state.lang === "vi" ? "en" : "vi",
          onclick: () => state.set({ lang: state.lang === "vi" ? "en" : "vi" }),
        },
        h("span", { class: state.lang === "vi" ? "on" : "", "aria-hidden": "true" }, "VI"),
        h("span", { class: state.lang === "en" ? "on" : "", "aria-hidden": "true" }, "EN"),
        h("span", { class: "away-on-screen" }, words.say("language")),
      ),
      tool("print", words.say("print"), ICONS.print, () => app.askPaper()),
      full ? tool("full", words.say("fullscreen"), ICONS.full, toggleFull) : null,
    );
  };
  state.on(["lang", "period", "theme"], render);
  render();
}

function tool(key, label, path, onclick) {
  return h("button", { type: "button", class: `tool ${key}`, "data-key": key, "aria-label": label, title: label, onclick }, icon(path));
}

function toggleFull() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
}

/** Zoom, whole province, measure, position and scale bar, in the page's language. */
export function watchMapControls(map, { model, state, words }, fit) {
  const zoom = L.control.zoom({ position: "topleft" }).addTo(map);
  const scale = L.control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
  const bar = zoom.getContainer();
  const add = (id, path, act) => {
    const button = h("a", { id, class: "leaflet-control-own", href: "#", role: "button" }, icon(path));
    button.addEventListener("click", (event) => {
      event.preventDefault();
      act();
    });
    bar.append(button);
    return button;
  };
  const home = add("home-button", ICONS.home, () => fit());
  const measure = add("measure-button", ICONS.measure, () => state.set({ measuring: !state.measuring }));
  const locate = add("locate-button", ICONS.locate, () => state.set({ locating: !state.locating }));
  // What says it is a button is pressed by the space bar too.
  bar.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    event.target.closest("a")?.click();
  });
  L.DomEvent.disableClickPropagation(bar);
  const name = () => {
    const [closer, farther] = bar.children;
    for (const [element, word] of [[closer, "zoomIn"], [farther, "zoomOut"], [home, "home"], [measure, "measure"], [locate, "locate"]]) {
      element.title = words.say(word);
      element.setAttribute("aria-label", words.say(word));
    }
    for (const [element, on] of [[measure, state.measuring], [locate, state.locating]]) element.setAttribute("aria-pressed", String(on));
    map.getContainer().setAttribute("aria-label", words.say("mapLabel"));
  };
  state.on(["lang", "measuring", "locating"], name);
  name();
  return { zoom, scale, page: model.facts.page };
}
