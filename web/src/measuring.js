// Measures distance and area: points by click or tap, or by Enter at the middle of the map.

import L from "leaflet";
import { byId, fill, h } from "./dom.js";
import { area, distance, pathLength } from "./geodesy.js";

const LINE = { color: "#b5179e", weight: 3, interactive: false };

export function watchMeasuring(map, app) {
  const { state, words } = app;
  const panel = byId("measuring");
  let points = [];
  let ahead = null; // where the pointer is
  const shapes = L.layerGroup();
  // Leaflet's own lines would be drawn by a second copy of our canvas: they get theirs.
  const renderer = L.svg({ padding: 0.5 });
  const line = L.polyline([], { ...LINE, renderer });
  const next = L.polyline([], { ...LINE, weight: 2, dashArray: "4 5", renderer });
  const inside = L.polygon([], { ...LINE, weight: 1.5, dashArray: "2 5", fillOpacity: 0.12, renderer });
  const dots = L.layerGroup();
  for (const one of [inside, line, next, dots]) shapes.addLayer(one);

  const draw = () => {
    line.setLatLngs(points);
    inside.setLatLngs(points.length > 2 ? points : []);
    next.setLatLngs(points.length && ahead ? [points.at(-1), ahead] : []);
    dots.clearLayers();
    for (const point of points) dots.addLayer(L.circleMarker(point, { ...LINE, weight: 2, radius: 5, fillColor: "#ffffff", fillOpacity: 1, renderer }));
  };
  const figures = () => {
    const n = points.length;
    return [
      [words.say("measureLength"), n > 1 ? words.length(pathLength(points)) : null],
      [words.say("measureLast"), n > 2 ? words.length(distance(points[n - 2], points[n - 1])) : null],
      [words.say("measureArea"), n > 2 ? words.area(area(points)) : null],
      [words.say("measureAround"), n > 2 ? words.length(pathLength([...points, points[0]])) : null],
    ].filter(([, value]) => value !== null);
  };
  const render = () => {
    panel.hidden = !state.measuring;
    if (!state.measuring) return;
    const told = figures();
    fill(
      panel,
      h("button", { type: "button", class: "close", "data-key": "measure-close", "aria-label": words.say("close"), onclick: () => state.set({ measuring: false }) }, "×"),
      h("h2", null, words.say("measure")),
      told.length ? h("dl", { class: "pairs" }, told.map(([name, value]) => [h("dt", null, name), h("dd", null, value)])) : h("p", null, words.say("measureHint")),
      h("p", { class: "hint keys-hint" }, words.say("measureKeys")),
      points.length
        ? h(
            "p",
            { class: "row" },
            h("button", { type: "button", class: "plain", "data-key": "measure-undo", onclick: undo }, words.say("measureUndo")),
            h("button", { type: "button", class: "plain", "data-key": "measure-clear", onclick: clear }, words.say("measureClear")),
          )
        : null,
    );
  };
  const changed = () => {
    draw();
    render();
    const told = figures();
    const text = told.length ? told.map((pair) => pair.join(": ")).join("; ") : words.say("measurePoints", { n: words.number(points.length) });
    app.tell(text, true);
  };
  const add = (place) => {
    const last = points.at(-1);
    if (last && last.equals(place, 1e-9)) return;
    points = [...points, place];
    changed();
  };
  function undo() {
    points = points.slice(0, -1);
    changed();
  }
  function clear() {
    points = [];
    ahead = null;
    changed();
  }

  map.on("click", (event) => state.measuring && add(event.latlng));
  map.on("mousemove", (event) => {
    if (!state.measuring || !points.length || event.originalEvent.pointerType === "touch") return;
    ahead = event.latlng;
    draw();
  });
  map.on("mouseout", () => {
    ahead = null;
    if (state.measuring) draw();
  });
  document.addEventListener("keydown", (event) => {
    if (!state.measuring) return;
    if (event.key === "Escape") {
      state.set({ measuring: false });
      byId("measure-button")?.focus();
    } else if (event.target === map.getContainer()) {
      if (event.key === "Enter") add(map.getCenter());
      else if (event.key === "Backspace" || event.key === "Delete") undo();
      else return;
      event.preventDefault();
    }
  });
  state.on(["measuring"], () => {
    map.getContainer().classList.toggle("measuring", state.measuring);
    if (state.measuring) {
      map.doubleClickZoom.disable();
      shapes.addTo(map);
      map.getContainer().focus({ preventScroll: true });
    } else {
      map.doubleClickZoom.enable();
      points = [];
      ahead = null;
      draw();
      shapes.remove();
    }
    render();
  });
  state.on(["lang"], render);
  return { points: () => points, figures };
}
