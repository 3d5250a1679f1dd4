// Names on the map: each where it fits, none over another, the important first.

import { lookAt } from "./look.js";
import { passes } from "./model.js";
import { place } from "./layerpaint.js";

const FONT = '"Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const LONGEST = 40;
const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** `marks`: boxes of the canvas where signs stand that no name may cover. */
export function drawLabels(painter, view, marks) {
  const { context, model, state } = painter;
  const taken = new Taken(covered(painter), marks);
  painter.names = taken.names;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  const far = view.zoom < 10.25;
  if (state.selected >= 0) communeLabel(painter, view, state.selected, taken, true);
  if (far) districtLabels(painter, view, taken);
  const order = model.communes.radius_m.map((radius, index) => [radius, index]).sort((a, b) => b[0] - a[0]);
  for (const [, index] of order) if (index !== state.selected) communeLabel(painter, view, index, taken, false);
  if (!far && view.zoom < 12.5) districtLabels(painter, view, taken);
  if (view.zoom >= 12 && state.shown.has("villages")) villageLabels(painter, view, taken);
}

// What lies over the map; a name under it would not be read.
const OVER = "#periods, #map-corner > div, #on-paper p, .leaflet-control-zoom, .leaflet-control-scale";

/** Boxes of the canvas that are covered by the page's own bars and panels. */
function covered(painter) {
  const frame = painter._map.getContainer().getBoundingClientRect();
  const corner = painter._map.containerPointToLayerPoint([0, 0]).subtract(painter._bounds.min);
  const made = [];
  for (const element of document.getElementById("stage").querySelectorAll(OVER)) {
    const { left, top, right, bottom, width } = element.getBoundingClientRect();
    if (width) made.push([left - frame.left + corner.x, top - frame.top + corner.y, right - frame.left + corner.x, bottom - frame.top + corner.y]);
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
  constructor(covered, marks) {
    this.covered = covered;
    this.marks = marks;
    this.names = [];
  }

  free(box, overMarks = false) {
    const clear = (other) => apart(box, other);
    return this.names.every((one) => clear(one.box)) && this.covered.every(clear) && (overMarks || this.marks.every(clear));
  }

  add(text, box) {
    this.names.push({ text, box });
  }
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

// Where a name may stand, in radii of the largest circle inside the commune: the middle first.
const PLACES = [[0, 0], [0, -0.4], [0, 0.4], [0.4, 0], [-0.4, 0], [0, -0.8], [0, 0.8]];
const tester = document.createElement("canvas").getContext("2d");

/** Whether a box of the canvas lies inside a polygon of grid steps. */
const within = (path, { s, tx, ty }, [left, top, right, bottom]) =>
  [[left, top], [right, top], [right, bottom], [left, bottom]].every(([x, y]) => tester.isPointInPath(path, (x - tx) / s, (y - ty) / s, "evenodd"));

/** The name of a commune where it fits inside its borders and nothing else stands; close up also where it does not fit. */
function communeLabel(painter, view, index, taken, chosen) {
  const { context, model, state } = painter;
  const { x, y, radius_m } = model.communes;
  const [cx, cy] = place(view, x[index], y[index]);
  if (cx < 0 || cy < 0 || cx > view.size.x || cy > view.size.y) return;
  const look = lookAt(model, state);
  const entry = look.classes[look.at[index]];
  if (!chosen && !passes(model, state, look, index)) return;
  const quiet = entry.id === "not_applicable";
  const size = chosen || view.zoom >= 12 ? 14 : 12;
  const reach = radius_m[index] * pixelsPerMetre(painter, view);
  context.font = `${quiet ? "italic " : ""}${chosen ? "700 " : "500 "}${size}px ${FONT}`;
  const text = cut(model.shortName(index));
  const half = context.measureText(text).width / 2 + 2;
  const loose = chosen || view.zoom >= 12;
  if (!loose && half > reach * 1.7) return;
  const path = model.coverage.level(view.band).polygons[index];
  for (const [dx, dy] of PLACES) {
    const [px, py] = [cx + dx * reach, cy + dy * reach];
    const box = [px - half, py - size * 0.7, px + half, py + size * 0.7];
    if (!taken.free(box, chosen) || !(loose || within(path, view, box))) continue;
    taken.add(text, box);
    write(context, text, px, py, { color: entry.text, halo: haloOf(entry), width: 3 });
    return;
  }
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
  context.font = `12px ${FONT}`;
  name.forEach((full, index) => {
    if (x[index] < 0 || !full) return;
    const [px, py] = place(view, x[index], y[index]);
    if (px < 0 || py < 0 || px > view.size.x || py > view.size.y) return;
    const text = cut(full);
    const half = context.measureText(text).width / 2 + 2;
    const box = [px - half, py + 6, px + half, py + 22];
    if (!taken.free(box)) return;
    taken.add(text, box);
    write(context, text, px, py + 14, { color: "#1f2933", halo: "rgba(255,255,255,.85)", width: 3 });
  });
}
