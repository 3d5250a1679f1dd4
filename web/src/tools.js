// Head of the page: title, language, print, full screen, sample band; and the map's own small controls.

import L from "leaflet";
import { byId, fill, h, icon } from "./dom.js";
import { headline } from "./look.js";
import { sampleText } from "./sources.js";

const ICONS = {
  print: "M6 9V3h12v6M6 18H4a2 2 0 0 1-2-2v-5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2h-2M6 14h12v7H6z",
  full: "M8 3H3v5M16 3h5v5M8 21H3v-5M16 21h5v-5",
  home: "M3 11l9-8 9 8M5 9.5V21h14V9.5",
};

export function watchHead({ model, state, words }) {
  const { page } = model.facts;
  const render = () => {
    const title = headline(model, words, state);
    byId("title").textContent = title;
    document.title = title;
    document.documentElement.lang = state.lang;
    const period = model.periods[state.period];
    const { view } = period.scene;
    byId("subtitle").textContent =
      period.current && state.theme === "status" ? words.pick(view.subtitle) : `${view.province.name}, ${words.pick(view.epoch)}`;
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
          "aria-label": words.say("language"),
          onclick: () => state.set({ lang: state.lang === "vi" ? "en" : "vi" }),
        },
        h("span", { class: state.lang === "vi" ? "on" : "" }, "VI"),
        h("span", { class: state.lang === "en" ? "on" : "" }, "EN"),
      ),
      tool("print", words.say("print"), ICONS.print, () => window.print()),
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

/** Zoom, whole province and scale bar, in the page's language. */
export function watchMapControls(map, { model, state, words }, fit) {
  const zoom = L.control.zoom({ position: "topleft" }).addTo(map);
  const scale = L.control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
  const home = h("a", { class: "leaflet-control-home", href: "#", role: "button" }, icon(ICONS.home));
  home.addEventListener("click", (event) => {
    event.preventDefault();
    fit();
  });
  zoom.getContainer().append(home);
  L.DomEvent.disableClickPropagation(zoom.getContainer());
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
  return { zoom, scale, page: model.facts.page };
}
