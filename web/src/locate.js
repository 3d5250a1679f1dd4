// "Where am I": the browser's own positioning, shown with its uncertainty. The page sends the position nowhere.

import L from "leaflet";
import { byId, fill, h } from "./dom.js";
import { communeAt, latLngToGrid } from "./pick.js";

const PROBLEMS = { 1: "locateRefused", 2: "locateNone", 3: "locateLate" };

export function watchLocating(map, app) {
  const { model, state, words } = app;
  const panel = byId("locating");
  const renderer = L.svg({ padding: 0.5 });
  const circle = L.circle([0, 0], { radius: 1, renderer, interactive: false, color: "#1d6fb8", weight: 1.5, fillColor: "#1d6fb8", fillOpacity: 0.15 });
  const dot = L.circleMarker([0, 0], { radius: 7, renderer, interactive: false, color: "#ffffff", weight: 2.5, fillColor: "#1d6fb8", fillOpacity: 1 });
  const shapes = L.layerGroup([circle, dot]);
  let watch = null;
  let found = null; // { place, accuracy }
  let trouble = null; // word

  const render = () => {
    panel.hidden = !state.locating;
    if (!state.locating) return;
    fill(
      panel,
      h("button", { type: "button", class: "close", "data-key": "locate-close", "aria-label": words.say("close"), onclick: () => state.set({ locating: false }) }, "×"),
      h("h2", null, words.say("locate")),
      h("p", { class: trouble ? "failed" : "" }, trouble ? words.say(trouble) : found ? where() : words.say("locateWait")),
      h("p", { class: "hint" }, words.say("locatePrivate")),
    );
  };
  /** The commune that holds the place, and how sure the place is. */
  function where() {
    const commune = communeOf(found.place);
    const sure = words.say("locateSure", { n: words.length(found.accuracy) });
    if (commune < 0) return `${words.say("locateOutside", { name: model.scene.view.province.name })} ${sure}`;
    return [
      h("button", { type: "button", class: "link", "data-key": "locate-commune", onclick: () => app.select(commune) }, model.communes.name[commune] ?? model.communes.code[commune]),
      model.districtName(commune) ? `, ${model.districtName(commune)}` : "",
      ` · ${sure}`,
    ];
  }
  function communeOf(place) {
    return communeAt(model, ...latLngToGrid(model.facts.page, place.lat, place.lng))?.index ?? -1;
  }
  const show = ({ coords }) => {
    const place = L.latLng(coords.latitude, coords.longitude);
    const first = found === null;
    found = { place, accuracy: coords.accuracy };
    trouble = null;
    circle.setLatLng(place).setRadius(coords.accuracy);
    dot.setLatLng(place);
    shapes.addTo(map);
    if (first && app.bounds.pad(0.3).contains(place)) map.fitBounds(place.toBounds(Math.max(4000, 2.5 * coords.accuracy)), { maxZoom: 14 });
    render();
    if (first) app.tell(panel.querySelector("p").textContent, true);
  };
  const fail = (word) => {
    trouble = word;
    render();
    app.tell(words.say(word), true);
  };
  const start = () => {
    [found, trouble] = [null, null];
    render();
    if (!navigator.geolocation) {
      fail("locateNone");
      return;
    }
    watch = navigator.geolocation.watchPosition(show, (error) => (found ? null : fail(PROBLEMS[error.code] ?? "locateNone")), {
      enableHighAccuracy: true,
      timeout: 20_000,
      maximumAge: 10_000,
    });
  };
  const stop = () => {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = null;
    shapes.remove();
    render();
  };
  state.on(["locating"], () => (state.locating ? start() : stop()));
  state.on(["lang", "period"], render);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.locating && panel.contains(event.target)) {
      state.set({ locating: false });
      byId("locate-button")?.focus();
    }
  });
}
