// Entry: folium makes the map and calls `ntmgis.start(map)`; everything else is drawn from the page's data blocks.

import L from "leaflet";
import { readBlocks } from "./data.js";
import { watchDetails } from "./details.js";
import { byId } from "./dom.js";
import { contrast, haloOf } from "./labels.js";
import { legendCounts, watchLegend } from "./legend.js";
import { find } from "./find.js";
import { createGo } from "./go.js";
import { watchHash } from "./hash.js";
import { headline, lookAt } from "./look.js";
import { createModel } from "./model.js";
import { drawingOrder } from "./order.js";
import { Painter } from "./painter.js";
import { watchLocating } from "./locate.js";
import { watchMeasuring } from "./measuring.js";
import { watchPeriods } from "./periods.js";
import { gridToLatLng, watchPointer } from "./pick.js";
import { bestWay, watchPrint } from "./print.js";
import { loadRelief } from "./relief.js";
import { watchSearch } from "./search.js";
import { coveredRight, NARROW, watchSheet } from "./sheet.js";
import { watchFoot } from "./sources.js";
import { createState, keepTogether } from "./state.js";
import { csv, watchTable } from "./table.js";
import { watchHead, watchMapControls } from "./tools.js";
import { createWords } from "./words.js";

window.L = L;

async function start(map) {
  if (typeof DecompressionStream === "undefined") {
    byId("title").textContent =
      "Trình duyệt này quá cũ để mở trang. Hãy dùng Chrome hoặc Edge từ bản 99, Firefox từ bản 113. / This browser is too old.";
    return;
  }
  keepStill(map);
  const model = createModel(await readBlocks());
  const state = createState(
    {
      lang: "vi",
      period: model.firstPeriod,
      since: "",
      theme: "status",
      selected: -1,
      village: -1, // one that was asked for, of the chosen commune
      hover: -1,
      lit: null, // communes that another part of the page points at
      asked: 0,
      filter: null, // ids of classes
      focus: null, // communes behind a target
      patterns: false,
      shown: new Set(["names", ...model.layers.filter((layer) => layer.base || layer.id === "road").map((layer) => layer.id)]),
      order: drawingOrder(model),
      opacity: { relief: 0.5 },
      open: new Set(["plan", "districts"]),
      sort: { by: "code", down: false },
      query: "",
      tab: "legend",
      sheet: "peek",
      details: window.innerWidth >= 1300 ? "open" : "closed",
      table: "closed",
      measuring: false,
      locating: false,
      paper: { size: "a4", way: bestWay(model.facts.page.bounds) },
    },
    keepTogether(model),
  );
  const words = createWords(state);
  const { page } = model.facts;
  const [west, south, east, north] = page.bounds;
  const bounds = L.latLngBounds([south, west], [north, east]);
  let home = false;
  const fit = (animate = true) => {
    map.once("moveend", () => (home = true));
    map.fitBounds(bounds, { ...roomAround(map), animate });
  };
  const painter = new Painter(model, state, words);

  const app = {
    model,
    state,
    words,
    tell: createTeller(),
    select: (index) => state.set({ selected: index, asked: state.asked + 1 }),
    closeDetails: () => state.set({ selected: -1, details: "closed", sheet: "peek" }),
  };
  app.go = createGo(map, app);
  watchSheet(map, app);
  watchHead(app);
  watchLegend(app);
  watchDetails(app);
  watchTable(app);
  watchSearch(app);
  watchPeriods(app);
  watchFoot(app);
  app.bounds = bounds;
  app.fit = fit;
  watchMapControls(map, app, fit);
  // Only now the bars and the map have their real size.
  app.measureBars();
  map.invalidateSize({ animate: false, pan: false });
  fit(false);
  // The whole province stays whole when panels or windows change, until the reader moves the map.
  app.isHome = () => home;
  map.on("dragstart zoomstart", () => (home = false));
  map.on("resize", () => home && !document.documentElement.classList.contains("printing") && fit(false));
  // A longer title or an open table changes the map's frame.
  new ResizeObserver(() => map.invalidateSize({ animate: false, pan: false })).observe(map.getContainer());
  // On a phone the south must come up above the sheet, which covers half of the map.
  map.setMaxBounds(bounds.pad(NARROW.matches ? 3 : 0.6));
  map.setMaxZoom(18); // half a metre: closer than any data
  painter.addTo(map);
  watchPointer(map, painter, model, state, words);
  const measuring = watchMeasuring(map, app);
  watchLocating(map, app);
  watchPrint(map, painter, app);
  state.on(["period", "since", "theme", "filter", "focus", "patterns", "shown", "order", "opacity", "selected", "lang"], () => painter.redraw());
  state.on(["hover", "lit", "village"], () => painter.drawTop());
  state.on(["asked"], () => {
    state.set({ details: "open", tab: "details", sheet: state.sheet === "full" ? "full" : "half" });
    if (state.selected < 0) return;
    const at = gridToLatLng(page, model.communes.x[state.selected], model.communes.y[state.selected]);
    if (NARROW.matches) map.panInside(at, { paddingTopLeft: [40, 40], paddingBottomRight: [40, Math.round(window.innerHeight * 0.5) + 80] });
    else if (coveredRight() > 30) map.panInside(at, { paddingTopLeft: [40, 40], paddingBottomRight: [coveredRight() + 20, 80] });
  });
  watchHash(app);
  loadRelief(model).then((terrain) => {
    painter.terrain = terrain;
    if (state.shown.has("relief")) painter.redraw();
  });
  const look = () => lookAt(model, state);
  window.ntmgis.page = { model, state, words, map, painter, look, csv: () => csv(app), find: (text) => find(model, text), legendCounts, headline, measuring, contrast, haloOf };
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.documentElement.dataset.ready = String(Math.round(performance.now()));
      painter.warm();
    }),
  );
}

/** Where bars lie over the upper and lower edge of the map, the province keeps off them. */
function roomAround(map) {
  const frame = map.getContainer().getBoundingClientRect();
  const dates = byId("periods").getBoundingClientRect();
  const scale = NARROW.matches ? map.getContainer().querySelector(".leaflet-control-scale")?.getBoundingClientRect() : null;
  const floor = Math.min(...[dates, scale].filter((one) => one?.height).map((one) => one.top), frame.bottom);
  const buttons = map.getContainer().querySelector(".leaflet-bar")?.getBoundingClientRect();
  // On a phone the buttons stand in a row, elsewhere in a column beside the province.
  const row = buttons && buttons.width > buttons.height ? buttons.bottom - frame.top : 0;
  return { paddingTopLeft: [14, row + 14], paddingBottomRight: [14, frame.bottom - floor + 14] };
}

/** Readers who asked their system for less motion get none. */
function keepStill(map) {
  if (!window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  map.options.inertia = false;
  const still = (name, at) => {
    const moving = map[name];
    map[name] = (...given) => {
      given[at] = { ...given[at], animate: false };
      return moving.apply(map, given);
    };
  };
  for (const [name, at] of [["panBy", 1], ["setView", 2], ["fitBounds", 1], ["panInside", 1]]) still(name, at);
}

/** Short news for everyone: shown for a moment and read out. */
function createTeller() {
  let timer = null;
  return (text, quiet = false) => {
    const live = byId("live");
    live.textContent = text;
    live.classList.toggle("quiet", quiet);
    live.classList.add("on");
    clearTimeout(timer);
    timer = setTimeout(() => live.classList.remove("on"), 2500);
  };
}

window.ntmgis = { start: (map) => start(map).catch((error) => console.error("ntmgis:", error)) };
