// Entry: folium makes the map and calls `ntmgis.start(map)`; everything else is drawn from the page's data blocks.

import { CRS, latLng, latLngBounds, map as createMap } from "leaflet";
import { byId } from "../dom.js";
import { createState } from "../state.js";
import { watchCard, watchPointer } from "./card.js";
import { take } from "./blocks.js";
import { fromBase64 } from "./decode.js";
import { visit } from "./dots.js";
import { askPassword } from "./gate.js";
import { watchLegend } from "./legend.js";
import { createModel } from "./model.js";
import { Painter } from "./painter.js";
import { createParts } from "./parts.js";
import { deriveKey, open } from "./seal.js";
import { watchSearch } from "./search.js";
import { readOutlines } from "./shapes.js";
import { watchHead, watchMapControls, watchMark, watchPrint, watchTools } from "./tools.js";
import { createWords } from "./words.js";

// What folium's line in the page asks for.
window.L = { CRS, map: createMap };
window.ntmgis.start = (map) => start(map).catch((error) => console.error("ntmgis:", error));

async function start(map) {
  const opened = JSON.parse(take("open"));
  const state = createState({
    lang: "vi",
    color: "has_code",
    hidden: {},
    hover: null,
    selected: null,
    sheet: window.matchMedia("(max-width: 760px)").matches ? "peek" : "half",
    status: "",
    ready: opened.sealed === null,
  });
  byId("app").dataset.sheet = state.sheet;
  byId("app").hidden = false;
  const words = createWords(state);
  watchMark(opened, state, words);
  watchTools(opened, state, words);
  if (typeof DecompressionStream === "undefined") {
    byId("title").textContent =
      "Trình duyệt này quá cũ để mở trang. Hãy dùng Chrome hoặc Edge từ bản 90, Firefox từ bản 113. / This browser is too old.";
    return;
  }
  let started = performance.now();
  try {
    const data = opened.sealed ? await unseal(opened.sealed, words) : plain();
    if (opened.sealed) started = performance.now();
    const model = createModel(JSON.parse(data.meta), readOutlines(data.shapes));
    await show({ map, model, state, words, opened, ...data, started });
  } catch (error) {
    byId("title").textContent = words.say("unreadable");
    throw error;
  }
}

/** What the page holds, its points on the way: a worker has had them since the browser read them. */
function plain() {
  const { decoder } = window.ntmgis;
  return { key: null, meta: take("meta"), shapes: fromBase64(take("shapes")), decoder, decoding: decoder.decoded };
}

/** The same of a sealed page, when the password was found. */
async function unseal(sealed, words) {
  const blocks = { meta: fromBase64(take("meta")), shapes: fromBase64(take("shapes")), points: fromBase64(take("points")) };
  const { key, meta, shapes, points } = await askPassword(words, async (password) => {
    const key = await deriveKey(password, sealed);
    const [meta, shapes, points] = await Promise.all(["meta", "shapes", "points"].map((name) => open(key, name, blocks[name])));
    return { key, meta, shapes, points };
  });
  const decoder = window.ntmgis.createDecoder();
  return { key, meta: new TextDecoder().decode(meta), shapes, decoder, decoding: decoder.decode(points) };
}

async function show({ map, model, state, words, opened, decoder, key, decoding, started }) {
  const { meta } = model;
  const [west, south, east, north] = meta.bounds;
  const bounds = latLngBounds([south, west], [north, east]);
  let home = false;
  const fit = (animate = true) => {
    map.once("moveend", () => (home = true));
    map.fitBounds(bounds, { padding: [14, 14], animate });
  };
  let main = null; // all points, or the overview of a folder
  let cache = {};
  let drawings = 0;
  const colours = new Map();

  const app = {
    model,
    state,
    words,
    bounds,
    fit,
    parts: null,
    thinned: 1,
    broken: [], // data scripts that could not be used: why, and which
    isHome: () => home,
    decoded: () => main !== null,
    tell: createTeller(),
    /** Classes of the attribute that colours, with their colours as numbers. */
    classes() {
      if (!colours.has(state.color))
        colours.set(state.color, model.classes[state.color].map((one) => ({ ...one, rgb: rgb(one.color) })));
      return colours.get(state.color);
    },
    /** Its classes, the most frequent first. */
    order() {
      const counts = (cache.counts ??= model.counts(state.color, {}));
      return counts.map((_, i) => i).sort((a, b) => counts[b] - counts[a]);
    },
    shownPerVillage: () => (cache.shown ??= model.shown(state.hidden)),
    /** What is drawn in a view. */
    sets(view) {
      const lut = (cache.lut ??= model.lut(state.color, state.hidden));
      if (!app.parts) return [{ points: main, lut, weight: 1, skip: null }];
      const { exact, whole, waiting } = app.parts.need(view.box);
      const sets = exact.map((number) => ({ points: app.parts.loaded.get(number), lut, weight: 1, skip: null }));
      const thinned = whole ? 1 : meta.weight;
      if (!whole) {
        const skip = new Uint8Array(model.villages.code.length);
        const done = new Set(exact.map((number) => meta.parts[number - 1].commune));
        model.villages.commune.forEach((commune, village) => (skip[village] = done.has(commune) ? 1 : 0));
        sets.unshift({ points: main, lut, weight: meta.weight, skip });
      }
      app.thinned = thinned;
      const status = `${thinned} ${app.broken.length}`;
      if (status !== state.status) requestAnimationFrame(() => state.set({ status }));
      if (waiting && !app.broken.length) app.tell(words.say("loading", { n: words.number(waiting) }), true);
      return sets;
    },
    /** Changes with everything that is drawn but the view. */
    token: (sets) => `${(cache.number ??= (drawings += 1))} ${sets.map(({ points, weight }) => `${points.id}x${weight}`).join(" ")}`,
    /** How many of the shown points lie in a box of steps, limits included. */
    countIn(box) {
      let n = 0;
      for (const { points, lut, skip } of painter.sets)
        visit(points, box, (start, end) => {
          for (let i = start; i < end; i++)
            if (points.x[i] >= box.west && points.x[i] <= box.east && points.y[i] >= box.north && points.y[i] <= box.south)
              n += lut[points.combo[i]] >= 0 && !(skip && skip[points.first + points.village[i]]) ? 1 : 0;
        });
      return n;
    },
    /** The same for what the map shows. */
    drawn: () => app.countIn(painter.view.box),
    select(thing) {
      state.set({ selected: thing });
    },
    /** Points with this address (ten digits) or these last five. */
    async findAddress(digits) {
      const places = app.parts ? await partsFor(app, digits) : [main];
      return places.map((points) => ({ points, i: points ? model.findAddress(points, digits) : -1 })).filter(({ i }) => i >= 0);
    },
    go: (unit) => go(map, app, unit),
  };

  // The words first: they decide how much room the map has.
  watchHead(app);
  watchLegend(app);
  watchCard(app);
  watchSearch(app);
  state.set({ ready: true });
  byId("app").dataset.state = "open";
  map.invalidateSize({ animate: false, pan: false });
  fit(false);
  map.on("dragstart zoomstart", () => (home = false));
  map.on("resize", () => home && !document.documentElement.classList.contains("printing") && fit(false));
  map.setMaxBounds(bounds.pad(0.6));
  map.setMaxZoom(19); // 0.3 m a pixel: closer than a point is known
  const painter = new Painter(app);
  painter.addTo(map);
  watchMapControls(map, app, fit);
  watchPointer(map, painter, app);
  watchPrint(map, painter, app);
  state.on(["hidden", "color"], () => {
    cache = {};
    painter.redraw();
  });
  state.on(["selected", "lang"], () => painter.redraw());

  main = await decoding;
  main.id = 0;
  const offThread = decoder.off;
  if (opened.folder) {
    main.overview = true;
    app.parts = createParts({
      about: meta.parts,
      build: opened.folder.build,
      unpack: async (number, text) => {
        const points = await decoder.decode(key ? await open(key, `part ${number}`, fromBase64(text)) : text);
        return Object.assign(points, { id: number });
      },
      changed: () => painter.redraw(),
      failed: (word, file) => {
        app.broken.push({ word, file });
        app.tell(words.say(word, { file }));
      },
    });
  }
  painter.draw();
  Object.assign(window.ntmgis, { page: { app, model, state, words, map, painter, main, offThread } });
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.documentElement.dataset.opened = String(Math.round(performance.now() - started));
      document.documentElement.dataset.ready = String(Math.round(performance.now()));
      if (!opened.folder) decoder.close();
    }),
  );
}

/** In a folder: the parts whose villages use this prefix, or for five digits those at hand. */
async function partsFor(app, digits) {
  const { model, parts } = app;
  if (digits.length < 10) return [...parts.loaded.values()];
  const prefix = digits.slice(0, 5);
  const communes = new Set();
  model.villages.prefix.forEach((one, village) => one === prefix && communes.add(model.villages.commune[village]));
  const numbers = model.meta.parts.map((part, i) => (communes.has(part.commune) ? i + 1 : 0)).filter(Boolean);
  return parts.load(numbers.slice(0, 4));
}

const rgb = (color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

/** Short news for everyone: shown for a moment and read out. */
function createTeller() {
  let timer = null;
  return (text, quiet = false) => {
    const live = byId("live");
    live.textContent = text;
    live.classList.toggle("quiet", quiet);
    live.classList.add("on");
    clearTimeout(timer);
    timer = setTimeout(() => live.classList.remove("on"), 4000);
  };
}

function go(map, app, unit) {
  const { model, state } = app;
  const side = 2 ** model.meta.bits;
  const at = (x, y) => latLng((Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / side))) * 180) / Math.PI, (x / side - 0.5) * 360);
  if (window.matchMedia("(max-width: 760px)").matches) state.set({ sheet: "peek" });
  if (unit.kind === "address") {
    const { points, i, village } = unit;
    app.select({ kind: "point", points, i, village, x: points.x[i], y: points.y[i] });
    map.setView(at(points.x[i], points.y[i]), 17, { animate: false });
  } else if (unit.kind === "village") {
    app.select({ kind: "village", index: unit.index });
    map.setView(at(model.villages.x[unit.index], model.villages.y[unit.index]), 14, { animate: false });
  } else {
    app.select({ kind: "commune", index: unit.index });
    const box = model.outlines.communes.boxes[unit.index];
    const { bits, grid } = model.meta;
    const factor = 2 ** (bits - grid.bits);
    const corner = (x, y) => at((grid.x + x) * factor, (grid.y + y) * factor);
    map.fitBounds(latLngBounds(corner(box.west, box.south), corner(box.east, box.north)), { padding: [24, 24], maxZoom: 14, animate: false });
  }
}
