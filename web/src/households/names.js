// Names with the number of objects that are shown: communes far out, villages from closer in; none over another.

import { radiusAt } from "./dots.js";

const FONT = '"Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
// "Thôn 1 · 904": without it a number at the end of the name runs into the count.
const DOT = " · ";
const LONGEST = 36;
const MOST_WIDTHS = 20_000;
const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);
/** Below this zoom communes are named, from it on villages. */
export const VILLAGES_FROM = 10.75;
const PLATES_FROM = 14.5;

export function drawNames(context, view, app) {
  const { model } = app;
  const shown = app.shownPerVillage();
  const taken = [];
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.lineJoin = "round";
  if (view.zoom < VILLAGES_FROM) {
    const sums = model.villagesOf.map((list) => list.reduce((sum, village) => sum + shown[village], 0));
    const order = sums.map((sum, i) => [sum, i]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    const { x, y } = model.communes;
    for (const [sum, i] of order) label(context, view, app, taken, x[i], y[i], model.short(i), sum, { size: 12 });
    return;
  }
  const { x, y } = model.villages;
  const order = shown.map((sum, i) => [sum, i]).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  // Below the village from afar, so that its shade stays in sight; among its signs on a plate of its own.
  const plate = view.zoom >= PLATES_FROM;
  const style = plate ? { size: 13, plate } : { size: 12, lift: -(9 + 2.5 * radiusAt(view.zoom)) };
  for (const [sum, i] of order) {
    if (!model.villages.code[i] || !model.villages.name[i]) continue;
    label(context, view, app, taken, x[i], y[i], model.villages.name[i], sum, style);
  }
}

const widths = new Map();
/** Width of a text in CSS pixels; the same few are asked for at every drawing. */
function widthOf(context, font, text) {
  const key = `${font}|${text}`;
  if (!widths.has(key)) {
    if (widths.size > MOST_WIDTHS) widths.clear();
    context.font = font;
    widths.set(key, context.measureText(text).width);
  }
  return widths.get(key);
}

function label(context, view, app, taken, x, y, name, count, { size, lift = 0, plate = false }) {
  const px = x * view.s + view.tx;
  const py = y * view.s + view.ty - lift;
  if (px < 0 || py < 0 || px > view.size.x || py > view.size.y) return;
  const text = cut(name);
  const figure = app.words.number(count);
  const [plain, bold] = [`${size}px ${FONT}`, `700 ${size}px ${FONT}`];
  const nameWidth = widthOf(context, plain, text);
  const gap = widthOf(context, plain, DOT);
  const figureWidth = widthOf(context, bold, figure);
  const half = (nameWidth + gap + figureWidth) / 2;
  const box = [px - half - 6, py - size * 0.85, px + half + 6, py + size * 0.85];
  for (const other of taken) if (box[2] > other[0] && box[0] < other[2] && box[3] > other[1] && box[1] < other[3]) return;
  taken.push(box);
  if (plate) {
    context.fillStyle = "rgba(255,255,255,.86)";
    context.beginPath();
    const corner = context.roundRect ? "roundRect" : "rect"; // the round one came with Chrome 99
    context[corner](px - half - 6, py - size * 0.8, 2 * half + 12, size * 1.6, size * 0.4);
    context.fill();
  }
  context.strokeStyle = "rgba(255,255,255,.92)";
  context.lineWidth = plate ? 0 : 3.5;
  const write = (font, words, left, color) => {
    context.font = font;
    if (!plate) context.strokeText(words, left, py);
    context.fillStyle = color;
    context.fillText(words, left, py);
  };
  write(plain, text + DOT, px - half, "#1f2933");
  write(bold, figure, px - half + nameWidth + gap, "#111827");
}
