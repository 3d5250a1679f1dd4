// Names on the map: each where it fits, none over another, the important first.

import { lookAt } from "./look.js";
import { passes } from "./model.js";
import { place } from "./layerpaint.js";

const FONT = '"Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
const LONGEST = 40;
const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

export function drawLabels(painter, view) {
  const { context, model, state } = painter;
  const taken = [];
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

function free(taken, box) {
  return taken.every((other) => box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
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

function communeLabel(painter, view, index, taken, always) {
  const { context, model, state } = painter;
  const { x, y, radius_m } = model.communes;
  const [px, py] = place(view, x[index], y[index]);
  if (px < 0 || py < 0 || px > view.size.x || py > view.size.y) return;
  const look = lookAt(model, state);
  const entry = look.classes[look.at[index]];
  if (!always && !passes(model, state, look, index)) return;
  const quiet = entry.id === "not_applicable";
  const size = always ? 14 : view.zoom >= 12 ? 14 : 12;
  context.font = `${quiet ? "italic " : ""}${always ? "700 " : "500 "}${size}px ${FONT}`;
  const text = cut(model.shortName(index));
  const half = context.measureText(text).width / 2 + 2;
  if (!always && view.zoom < 12 && half > radius_m[index] * pixelsPerMetre(painter, view) * 1.25) return;
  const box = [px - half, py - size * 0.7, px + half, py + size * 0.7];
  if (!free(taken, box)) return;
  taken.push(box);
  write(context, text, px, py, { color: entry.text, halo: haloOf(entry), width: 3 });
}

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
    for (const [dx, dy] of [[0, 0], [0, -1], [0, 1], [-1, 0], [1, 0], [0, -0.5], [0, 0.5]]) {
      const [px, py] = [cx + dx * reach, cy + dy * reach];
      const box = [px - half, py - size * 0.8, px + half, py + size * 0.8];
      if (!free(taken, box)) continue;
      taken.push(box);
      write(context, text, px, py, { color: "#111827", halo: "rgba(255,255,255,.9)", width: 4 });
      break;
    }
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
    if (!free(taken, box)) return;
    taken.push(box);
    write(context, text, px, py + 14, { color: "#1f2933", halo: "rgba(255,255,255,.85)", width: 3 });
  });
}
