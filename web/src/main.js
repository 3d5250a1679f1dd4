// Entry: folium makes the map and calls `ntmgis.start(map)`; everything else is drawn from the page's data blocks.

import L from "leaflet";
import { readBlocks } from "./data.js";
import { watchDetails } from "./details.js";
import { byId } from "./dom.js";
import { legendCounts, watchLegend } from "./legend.js";
import { createModel, find, headline } from "./model.js";
import { Painter } from "./painter.js";
import { watchPeriods } from "./periods.js";
import { gridToLatLng, watchPointer } from "./pick.js";
import { watchPrint } from "./print.js";
import { watchSearch } from "./search.js";
import { NARROW, watchSheet } from "./sheet.js";
import { watchFoot } from "./sources.js";
import { createState } from "./state.js";
import { csv, watchTable } from "./table.js";
import { watchHead, watchMapControls } from "./tools.js";
import { createWords } from "./words.js";

window.L = L;

async function start(map) {
  if (typeof DecompressionStream === "undefined") {
    byId("title").textContent =
      "Trình duyệt này quá cũ để mở trang. Hãy dùng Chrome hoặc Edge từ bản 90, Firefox từ bản 113. / This browser is too old.";
    return;
  }
  const model = createModel(await readBlocks());
  const state = createState({
    lang: "vi",
    period: model.periods.length - 1,
    selected: -1,
    hover: -1,
    asked: 0,
    filter: null,
    patterns: false,
    shown: new Set(["names", ...model.layers.filter((layer) => layer.base || layer.id === "road").map((layer) => layer.id)]),
    open: new Set(),
    sort: { by: "code", down: false },
    tab: "legend",
    sheet: "peek",
    details: window.innerWidth >= 1300 ? "open" : "closed",
    table: "closed",
  });
  const words = createWords(state);
  const { page } = model.facts;
  const [west, south, east, north] = page.bounds;
  const bounds = L.latLngBounds([south, west], [north, east]);
  // The reporting dates lie over the lower edge of the map.
  let home = false;
  const fit = (animate = true) => {
    map.once("moveend", () => (home = true));
    map.fitBounds(bounds, {
      paddingTopLeft: [14, 14],
      paddingBottomRight: [14, model.periods.length > 1 ? 62 : 14],
      animate,
    });
  };
  const painter = new Painter(model, state, words);

  const app = {
    model,
    state,
    words,
    tell: createTeller(),
    select: (index) => state.set({ selected: index, asked: state.asked + 1 }),
    closeDetails: () => state.set({ selected: -1, details: "closed", sheet: "peek" }),
    go: (unit) => go(map, app, unit),
  };
  watchSheet(map, app);
  watchHead(app);
  watchLegend(app);
  watchDetails(app);
  watchTable(app);
  watchSearch(app);
  watchPeriods(app);
  watchFoot(app);
  // Only now the map has its real size.
  map.invalidateSize({ animate: false, pan: false });
  fit(false);
  // The whole province stays whole when panels or windows change, until the reader moves the map.
  app.isHome = () => home;
  map.on("dragstart zoomstart", () => (home = false));
  map.on("resize", () => home && !document.documentElement.classList.contains("printing") && fit(false));
  map.setMaxBounds(bounds.pad(0.6));
  painter.addTo(map);
  watchMapControls(map, app, fit);
  watchPointer(map, painter, model, state, words);
  watchPrint(map, painter, app);
  state.on(["period", "filter", "patterns", "shown", "selected", "lang"], () => painter.redraw());
  state.on(["hover"], () => painter.drawTop());
  state.on(["asked"], () => {
    state.set({ details: "open", tab: "details", sheet: state.sheet === "full" ? "full" : "half" });
    if (!NARROW.matches || state.selected < 0) return;
    const at = gridToLatLng(page, model.communes.x[state.selected], model.communes.y[state.selected]);
    map.panInside(at, { paddingTopLeft: [40, 40], paddingBottomRight: [40, Math.round(window.innerHeight * 0.5)] });
  });
  watchHash(app);
  app.bounds = bounds;
  app.fit = fit;
  window.ntmgis.page = { model, state, words, map, painter, csv: () => csv(app), find: (text) => find(model, text), legendCounts, headline };
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.documentElement.dataset.ready = String(Math.round(performance.now()));
    }),
  );
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

function go(map, app, unit) {
  const { model, state } = app;
  const { page } = model.facts;
  const below = NARROW.matches ? Math.round(window.innerHeight * 0.5) : 30; // the sheet covers half of a phone
  const options = { animate: true, maxZoom: 12, paddingTopLeft: [30, 30], paddingBottomRight: [30, below] };
  const fit = (box) => {
    const target = L.latLngBounds(gridToLatLng(page, box.west, box.south), gridToLatLng(page, box.east, box.north));
    map.fitBounds(target, options);
  };
  // Panels open first: the map's size decides how it fits.
  if (unit.kind === "commune") {
    app.select(unit.index);
    afterLayout(map, () => fit(model.coverage.boxes[unit.index]));
  } else if (unit.kind === "district") {
    if (NARROW.matches) {
      state.set({ sheet: "peek" });
      options.paddingBottomRight = [30, 60];
    }
    const boxes = model.coverage.boxes.filter((_, i) => model.communes.district[i] === unit.index);
    afterLayout(map, () => fit(union(boxes)));
  } else {
    const commune = model.villages.commune[unit.index];
    state.set({ shown: new Set([...state.shown, "villages"]) });
    if (commune >= 0) app.select(commune);
    const [x, y] = [model.villages.x[unit.index], model.villages.y[unit.index]];
    if (x >= 0) afterLayout(map, () => map.setView(gridToLatLng(page, x, y), 13, { animate: true }));
  }
}

const afterLayout = (map, action) =>
  requestAnimationFrame(() => {
    map.invalidateSize({ animate: false, pan: false });
    action();
  });

const union = (boxes) => ({
  west: Math.min(...boxes.map((box) => box.west)),
  north: Math.min(...boxes.map((box) => box.north)),
  east: Math.max(...boxes.map((box) => box.east)),
  south: Math.max(...boxes.map((box) => box.south)),
});

/** #commune=23500 names the chosen commune, #as-of=2024-12-31 the period. */
function watchHash(app) {
  const { model, state } = app;
  const read = () => {
    const asked = new URLSearchParams(window.location.hash.slice(1));
    const period = model.periods.findIndex((one) => one.as_of === asked.get("as-of"));
    if (period >= 0) state.set({ period });
    const index = model.communeByCode.get(asked.get("commune"));
    if (index !== undefined && index !== state.selected) app.go({ kind: "commune", index });
  };
  const write = () => {
    const wanted = new URLSearchParams();
    if (state.selected >= 0) wanted.set("commune", model.communes.code[state.selected]);
    if (!model.periods[state.period].current) wanted.set("as-of", model.periods[state.period].as_of);
    const text = wanted.toString();
    if (text === window.location.hash.slice(1)) return;
    window.history.replaceState(null, "", text ? `#${text}` : `${window.location.pathname}${window.location.search}`);
  };
  read();
  state.on(["selected", "period"], write);
  window.addEventListener("hashchange", read);
}

window.ntmgis = { start: (map) => start(map).catch((error) => console.error("ntmgis:", error)) };
