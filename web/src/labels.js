// Names on the map: each where it fits, none over another, the important first.

import { meets, simplify } from "./geometry.js";
import { closerThan, place } from "./layerpaint.js";
import { lookAt } from "./look.js";
import { passes } from "./model.js";
import { Owners } from "./owners.js";

const FONT = '"Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const LONGEST = 40;
const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** `marks`: boxes of the canvas where signs stand that no name may cover. */
export function drawLabels(painter, view, marks) {
  const { context, model, state } = painter;
  const frame = frameOf(painter);
  const taken = new Taken(covered(painter, frame), marks, frame, new Crowd(painter, view));
  painter.names = taken.names;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const far = view.zoom < 10.25;
  if (state.selected >= 0) communeLabel(painter, view, state.selected, taken, true);
  if (far && !(state.focus?.units.size <= FEW)) districtLabels(painter, view, taken);
  const order = model.communes.radius_m.map((radius, index) => [radius, index]).sort((a, b) => b[0] - a[0]);
  for (const [, index] of order) if (index !== state.selected) communeLabel(painter, view, index, taken, false);
  if (!far && view.zoom < 12.5) districtLabels(painter, view, taken);
  if (view.zoom >= 12 && state.shown.has("villages")) villageLabels(painter, view, taken);
}

// What lies over the map; a name under it would not be read.
const OVER = "#periods, #map-corner > div, #on-paper p, .leaflet-control-zoom, .leaflet-control-scale";

/** The part of the canvas that the reader sees. */
function frameOf(painter) {
  const { x, y } = painter._map.containerPointToLayerPoint([0, 0]).subtract(painter._bounds.min);
  const room = painter._map.getSize();
  return [x, y, x + room.x, y + room.y];
}

/** Boxes of the canvas that are covered by the page's own bars and panels. */
function covered(painter, [x, y]) {
  const frame = painter._map.getContainer().getBoundingClientRect();
  const made = [];
  for (const element of document.getElementById("stage").querySelectorAll(OVER)) {
    const { left, top, right, bottom, width } = element.getBoundingClientRect();
    if (width) made.push([left - frame.left + x, top - frame.top + y, right - frame.left + x, bottom - frame.top + y]);
  }
  return made;
}

const luminance = (hex) => {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** Contrast of two colours by the rule of WCAG. */
export function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const halos = new Map();

/** What stands around a name: the colour of its class, darker or lighter until the name can be read on it. */
export function haloOf({ fill, text }) {
  const key = fill + text;
  if (!halos.has(key)) {
    const end = luminance(text) > 0.5 ? 0 : 255;
    let made = fill;
    for (let share = 0; share <= 1 && contrast(made, text) < 4.6; share += 0.05)
      made = `#${[1, 3, 5].map((at) => Math.round(parseInt(fill.slice(at, at + 2), 16) * (1 - share) + end * share).toString(16).padStart(2, "0")).join("")}`;
    halos.set(key, made);
  }
  return halos.get(key);
}

const apart = (box, other) => box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3];

/** Where nothing more can be written: under bars and panels, on names, and, if there is a choice, on signs. */
class Taken {
  constructor(covered, marks, frame, crowd) {
    this.covered = covered;
    this.marks = marks;
    this.frame = frame;
    this.crowd = crowd;
    this.names = [];
  }

  /** A name that the edge of the view cuts off is not free either. */
  free(box, overMarks = false) {
    const clear = (other) => apart(box, other);
    const [left, top, right, bottom] = this.frame;
    if (!clear(this.frame) && (box[0] < left || box[1] < top || box[2] > right || box[3] > bottom)) return false;
    return this.names.every((one) => clear(one.box)) && this.covered.every(clear) && (overMarks || this.marks.every(clear));
  }

  add(text, box) {
    this.names.push({ text, box });
  }
}

/** Where works, villages and main roads stand: a name keeps off them if it can. */
class Crowd {
  constructor({ hits: { points, villages }, model, state }, view) {
    const { size } = view;
    this.columns = Math.ceil(size.x / CELL);
    this.cells = new Uint8Array(this.columns * Math.ceil(size.y / CELL));
    for (const [x, y, radius] of [...points, ...villages]) this.#over([x - radius, y - radius, x + radius, y + radius], (cell) => (this.cells[cell] = 1));
    if (state.shown.has("road")) for (const line of mainRoads(model)) this.#along(line, view);
  }

  #along(line, { s, tx, ty, size }) {
    for (let i = 2; i < line.length; i += 2) {
      const x = line[i - 2] * s + tx;
      const y = line[i - 1] * s + ty;
      const dx = line[i] * s + tx - x;
      const dy = line[i + 1] * s + ty - y;
      if (Math.min(x, x + dx) > size.x || Math.max(x, x + dx) < 0 || Math.min(y, y + dy) > size.y || Math.max(y, y + dy) < 0) continue;
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)) / CELL));
      for (let step = 0; step <= steps; step++) {
        const column = Math.floor((x + (dx * step) / steps) / CELL);
        const row = Math.floor((y + (dy * step) / steps) / CELL);
        if (column >= 0 && column < this.columns && row >= 0) this.cells[row * this.columns + column] = 1; // beyond the last row nothing is kept
      }
    }
  }

  #over([left, top, right, bottom], act) {
    for (let row = Math.max(0, Math.floor(top / CELL)); row <= bottom / CELL; row++)
      for (let column = Math.max(0, Math.floor(left / CELL)); column <= right / CELL && column < this.columns; column++) act(row * this.columns + column);
  }

  /** How many cells of a box are taken. */
  under(box) {
    let found = 0;
    this.#over(box, (cell) => (found += this.cells[cell] ?? 0));
    return found;
  }
}

const CELL = 6; // px
const mains = new WeakMap();

/** Chains of the roads that are drawn from far out. */
function mainRoads(model) {
  if (!mains.has(model)) {
    const layer = model.layers.find((one) => one.id === "road");
    const found = layer ? layer.features.filter((feature, row) => feature.kind === 2 && closerThan(layer.value("class", row)) === 0) : [];
    mains.set(model, found.flatMap((feature) => feature.parts.map((part) => simplify(part, 1))));
  }
  return mains.get(model);
}

function write(context, text, x, y, { color, halo, width }) {
  context.strokeStyle = halo;
  context.lineWidth = width;
  context.strokeText(text, x, y);
  context.fillStyle = color;
  context.fillText(text, x, y);
}

/** Pixels per metre on the ground, for radii told in metres. */
const pixelsPerMetre = (painter, view) => {
  const latitude = (painter.model.facts.page.bounds[1] + painter.model.facts.page.bounds[3]) / 2;
  return (256 * 2 ** view.zoom) / (40075016.686 * Math.cos((latitude * Math.PI) / 180));
};

const owners = new WeakMap();

function ownersOf(scene) {
  if (!owners.has(scene)) owners.set(scene, { raster: new Owners(scene.coverage), spots: new Map() });
  return owners.get(scene);
}

const ROWS = 9; // of places in a commune's box where its name is tried, and as many columns

/** Places (grid steps) of a commune inside a box: first the middle of its largest circle, then others by their distance from it. */
function spotsIn({ west, north, east, south }, raster, index, x, y) {
  const made = [];
  for (let i = 0.5; i < ROWS; i++)
    for (let j = 0.5; j < ROWS; j++) {
      const [px, py] = [west + ((east - west) * i) / ROWS, north + ((south - north) * j) / ROWS];
      if (raster.owns(index, px, py)) made.push([px, py, (px - x) ** 2 + (py - y) ** 2]);
    }
  const middle = x >= west && x <= east && y >= north && y <= south ? [[x, y]] : [];
  return [...middle, ...made.sort((a, b) => a[2] - b[2])];
}

/** Far out the same places at every draw; close up those of the part in view. */
function spotsOf(model, index, { s, tx, ty, zoom }, [left, top, right, bottom]) {
  const { raster, spots } = ownersOf(model.scene);
  const [x, y, box] = [model.communes.x[index], model.communes.y[index], model.coverage.boxes[index]];
  const seen = { west: Math.max(box.west, (left - tx) / s), north: Math.max(box.north, (top - ty) / s), east: Math.min(box.east, (right - tx) / s), south: Math.min(box.south, (bottom - ty) / s) };
  if (zoom >= 11 && seen.west < seen.east && seen.north < seen.south) return spotsIn(seen, raster, index, x, y);
  if (!spots.has(index)) spots.set(index, spotsIn(box, raster, index, x, y));
  return spots.get(index);
}

/** Ways to write a name, the best first: on one line, on two, smaller; on paper smaller still. */
function formsOf(text, size, smallest) {
  const key = `${text}|${size}|${smallest}`;
  if (!forms.has(key)) forms.set(key, makeForms(text, size, smallest));
  return forms.get(key);
}

const forms = new Map();

function makeForms(text, size, smallest) {
  const gaps = [...text.matchAll(/ /g)].map((found) => found.index);
  const middle = gaps.sort((a, b) => Math.abs(2 * a - text.length) - Math.abs(2 * b - text.length))[0];
  const ways = middle === undefined ? [[text]] : [[text], [text.slice(0, middle), text.slice(middle + 1)]];
  const made = [];
  for (let px = size; px >= smallest; px--) for (const lines of ways) made.push({ lines, size: px });
  return made;
}

const FEW = 15;
const OUTSIDE = { color: "#1f2933", halo: "#ffffff" }; // of a name that reaches beyond its commune
const LINE = 1.15; // of the size, from one line to the next
const SMALLEST = { screen: 11, paper: 10 }; // px; 10 are 7.5 pt

/** The name of a commune where it fits inside its borders and nothing else stands; close up also where it does not fit. */
function communeLabel(painter, view, index, taken, chosen) {
  const { context, model, state } = painter;
  const { s, tx, ty } = view;
  const own = model.coverage.boxes[index];
  if (!meets(own, view.box)) return;
  const look = lookAt(model, state);
  const entry = look.classes[look.at[index]];
  if (!chosen && !passes(model, state, look, index)) return;
  // Of a few communes that the reader asked for, every name is written, and before others.
  const wanted = state.focus !== null && state.focus.units.size <= FEW;
  const close = chosen || wanted || view.zoom >= 12;
  const size = chosen || view.zoom >= 12 ? 14 : 12;
  const style = `${entry.id === "not_applicable" ? "italic " : ""}${chosen ? "700" : view.zoom >= 12 ? "600" : "500"}`;
  const text = cut(model.shortName(index));
  const { raster } = ownersOf(model.scene);
  const spots = spotsOf(model, index, view, taken.frame);
  const put = ({ lines, size: px }, [left, top, right, bottom], colours = { color: entry.text, halo: haloOf(entry) }) => {
    taken.add(text, [left, top, right, bottom]);
    context.font = `${style} ${px}px ${FONT}`;
    lines.forEach((line, at) =>
      write(context, line, (left + right) / 2, (top + bottom) / 2 + (at - (lines.length - 1) / 2) * px * LINE, { ...colours, width: px / 3 }),
    );
  };
  const boxAt = ([x, y], half, high) => [x * s + tx - half, y * s + ty - high, x * s + tx + half, y * s + ty + high];
  const ways = formsOf(text, size, painter.resolution ? SMALLEST.paper : SMALLEST.screen);
  const measure = ({ lines, size: px }) => {
    const font = `${style} ${px}px ${FONT}`;
    return [Math.max(...lines.map((line) => widthOf(context, font, line))) / 2 + 2, px * 0.7 + ((lines.length - 1) * px * LINE) / 2];
  };
  for (const form of ways) {
    const [half, high] = measure(form);
    if (2 * half > (own.east - own.west) * s || 2 * high > (own.south - own.north) * s) continue;
    let best = null;
    const [wide, tall] = [half / s, high / s];
    for (const spot of spots) {
      const x = spot[0];
      const y = spot[1];
      if (!raster.holds(index, x - wide, y - tall, x + wide, y + tall)) continue;
      const box = boxAt(spot, half, high);
      if (!taken.free(box, chosen)) continue;
      const under = taken.crowd.under(box);
      if (best === null || under < best.under) best = { under, box };
      if (under === 0) break;
    }
    if (best === null) continue;
    put(form, best.box);
    return;
  }
  if (!close) return;
  const [half, high] = measure(ways[0]);
  const boxes = spots.map((spot) => boxAt(spot, half, high));
  const loose = boxes.find((box) => taken.free(box, chosen)) ?? (wanted ? boxes.find((box) => taken.free(box, true)) : undefined);
  if (loose) put(ways[0], loose, wanted ? OUTSIDE : undefined);
}

const widths = new Map();

/** Measured once: to set a font costs more than all else that looks for room. */
function widthOf(context, font, text) {
  const key = `${font}|${text}`;
  if (!widths.has(key)) {
    context.font = font;
    widths.set(key, context.measureText(text).width);
  }
  return widths.get(key);
}

// The same for a district, in shares of its radius.
const DISTRICT_PLACES = [[0, 0], [0, -0.5], [0, 0.5], [0, -1], [0, 1], [-1, 0], [1, 0], [-0.7, -0.7], [0.7, -0.7], [-0.7, 0.7], [0.7, 0.7], [0, -1.5], [0, 1.5]];

function districtLabels(painter, view, taken) {
  const { context, model } = painter;
  const { name, x, y, radius_m } = model.districts;
  const size = view.zoom < 8.5 ? 11 : 13;
  context.font = `700 ${size}px ${FONT}`;
  if ("letterSpacing" in context) context.letterSpacing = "0.06em";
  name.forEach((full, index) => {
    const text = cut((full ?? "").replace(/^(Huyện|Thị xã)\s+/u, "").replace(/^Thành phố\s+/u, "TP ")).toLocaleUpperCase("vi");
    const half = context.measureText(text).width / 2 + 4;
    const reach = radius_m[index] * pixelsPerMetre(painter, view) * 0.6;
    const [cx, cy] = place(view, x[index], y[index]);
    const boxAt = ([dx, dy]) => {
      const [px, py] = [cx + dx * reach, cy + dy * reach];
      return [px - half, py - size * 0.8, px + half, py + size * 0.8];
    };
    const spots = DISTRICT_PLACES.map(boxAt);
    const box = spots.find((one) => taken.free(one)) ?? spots.find((one) => taken.free(one, true));
    if (!box) return;
    taken.add(text, box);
    write(context, text, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, { color: "#111827", halo: "rgba(255,255,255,.9)", width: 4 });
  });
  if ("letterSpacing" in context) context.letterSpacing = "0px";
}

function villageLabels(painter, view, taken) {
  const { context, model } = painter;
  const { name, x, y } = model.villages;
  const font = `12px ${FONT}`;
  name.forEach((full, index) => {
    if (x[index] < 0 || !full) return;
    const [px, py] = place(view, x[index], y[index]);
    if (px < 0 || py < 0 || px > view.size.x || py > view.size.y) return;
    const text = cut(full);
    const half = widthOf(context, font, text) / 2 + 2;
    // Below its sign, above or beside it: where the fewest other signs stand.
    const free = [[0, 14], [0, -14], [half + 8, 0], [-half - 8, 0]]
      .map(([dx, dy]) => [px + dx - half, py + dy - 8, px + dx + half, py + dy + 8])
      .filter((box) => taken.free(box))
      .map((box) => ({ box, under: taken.crowd.under(box) }));
    const best = free.reduce((least, one) => (least === null || one.under < least.under ? one : least), null)?.box;
    if (!best) return;
    taken.add(text, best);
    context.font = font;
    write(context, text, (best[0] + best[2]) / 2, (best[1] + best[3]) / 2, { color: "#1f2933", halo: "rgba(255,255,255,.85)", width: 3 });
  });
}
