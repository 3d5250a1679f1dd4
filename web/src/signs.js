// Signs drawn once on small canvases: patterns, swatches and point symbols.

const TAU = 2 * Math.PI;
const ratio = () => Math.min(3, window.devicePixelRatio || 1);

function sheet(width, height, scale = ratio()) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.scale(scale, scale);
  return { canvas, context };
}

/** One tile of a pattern, 8 x 8 px, in ink that shows on the fill. */
function tile(pattern, ink, scale) {
  const { canvas, context } = sheet(8, 8, scale);
  context.strokeStyle = context.fillStyle = ink;
  context.lineWidth = 1;
  const diagonal = (step, rising) => {
    for (let at = -8; at <= 16; at += step) {
      context.beginPath();
      context.moveTo(at, rising ? 8 : 0);
      context.lineTo(at + 8, rising ? 0 : 8);
      context.stroke();
    }
  };
  if (pattern === "wide_diagonal") diagonal(8, true);
  if (pattern === "dense_diagonal" || pattern === "cross") diagonal(4, true);
  if (pattern === "cross") diagonal(4, false);
  if (pattern === "horizontal") {
    for (const y of [2, 6]) {
      context.beginPath();
      context.moveTo(0, y);
      context.lineTo(8, y);
      context.stroke();
    }
  }
  if (pattern === "vertical") {
    context.beginPath();
    context.moveTo(4, 0);
    context.lineTo(4, 8);
    context.stroke();
  }
  if (pattern === "sparse_dots") {
    for (const [x, y] of [[2, 2], [6, 6]]) {
      context.beginPath();
      context.arc(x, y, 0.8, 0, TAU);
      context.fill();
    }
  }
  if (pattern === "hatch") {
    context.lineWidth = 0.6;
    diagonal(8, true);
  }
  return canvas;
}

const INK_ON = (text) => (text === "#ffffff" ? "rgba(255,255,255,.75)" : "rgba(31,41,51,.55)");

/** Pattern over the fill of a class; null for none. What is unknown is hatched even without patterns. */
export function classPattern(context, entry, patterns, scale) {
  if (entry.hatch && !patterns) return context.createPattern(tile("hatch", "#aab2bd", scale), "repeat");
  if (!patterns || entry.pattern === "none") return null;
  return context.createPattern(tile(entry.pattern, INK_ON(entry.text), scale), "repeat");
}

/** Legend box of a class. */
export function classSwatch(entry, patterns) {
  const { canvas, context } = sheet(30, 20);
  context.fillStyle = entry.fill;
  context.fillRect(0, 0, 30, 20);
  const pattern = classPattern(context, entry, patterns, ratio());
  if (pattern) {
    pattern.setTransform(new DOMMatrix().scale(1 / ratio()));
    context.fillStyle = pattern;
    context.fillRect(0, 0, 30, 20);
  }
  context.strokeStyle = "#6b7280";
  context.lineWidth = 1;
  context.strokeRect(0.5, 0.5, 29, 19);
  return decorate(canvas, 30, 20);
}

export const CHANGED = "#b5179e";

/** An arrow up or down, or a dot where nothing rose or fell, beside the name of a commune that changed. */
export function changeSign(context, x, y, kind, size = 6) {
  context.beginPath();
  if (kind === "newly_recognised" || kind === "up") {
    context.moveTo(x, y - size);
    context.lineTo(x + size, y + size * 0.7);
    context.lineTo(x - size, y + size * 0.7);
  } else if (kind === "withdrawn" || kind === "down") {
    context.moveTo(x, y + size);
    context.lineTo(x + size, y - size * 0.7);
    context.lineTo(x - size, y - size * 0.7);
  } else context.arc(x, y, size * 0.6, 0, TAU);
  context.closePath();
  context.fillStyle = CHANGED;
  context.fill();
  context.lineWidth = 1.2;
  context.strokeStyle = "#ffffff";
  context.stroke();
}

export function changeSwatch(kind) {
  const { canvas, context } = sheet(30, 20);
  context.strokeStyle = CHANGED;
  context.lineWidth = 2.4;
  context.strokeRect(2, 2, 26, 16);
  changeSign(context, 15, 10, kind, 5);
  return decorate(canvas, 30, 20);
}

export const RISK = "#8c2d04";
export const RISK_DASH = [5, 3]; // px

/** "!" in a triangle beside the name of a commune that may lose its recognition. */
export function riskSign(context, x, y, size = 7) {
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size * 1.1, y + size * 0.85);
  context.lineTo(x - size * 1.1, y + size * 0.85);
  context.closePath();
  context.lineJoin = "round";
  context.fillStyle = "#ffffff";
  context.fill();
  context.lineWidth = 1.6;
  context.strokeStyle = RISK;
  context.stroke();
  context.lineWidth = size * 0.26;
  context.beginPath();
  context.moveTo(x, y - size * 0.4);
  context.lineTo(x, y + size * 0.2);
  context.moveTo(x, y + size * 0.44);
  context.lineTo(x, y + size * 0.7);
  context.stroke();
}

export function riskSwatch() {
  const { canvas, context } = sheet(30, 20);
  context.strokeStyle = RISK;
  context.lineWidth = 2;
  context.setLineDash(RISK_DASH);
  context.strokeRect(2, 2, 26, 16);
  context.setLineDash([]);
  riskSign(context, 15, 10, 6);
  return decorate(canvas, 30, 20);
}

/** What a village was recognised as, the highest first. */
export function villageMark(villages, index) {
  if (villages.model[index] === 1) return "model";
  if (villages.minority_ntm[index] === 1) return "minority";
  if (villages.smart[index] === 1) return "smart";
  return ["model", "minority_ntm", "smart"].some((name) => villages[name][index] !== null) ? "plain" : "unknown";
}

/** Village signs differ in shape: star, diamond, square, dot, and a hollow ring where nothing is reported. */
export function villageSign(context, x, y, radius, mark) {
  context.beginPath();
  if (mark === "model") {
    for (let i = 0; i < 10; i++) {
      const away = i % 2 ? radius * 0.68 : radius * 1.55;
      const angle = -TAU / 4 + (i * TAU) / 10;
      context.lineTo(x + away * Math.cos(angle), y + away * Math.sin(angle));
    }
    context.closePath();
  } else if (mark === "minority") {
    context.moveTo(x, y - radius * 1.15);
    context.lineTo(x + radius * 1.15, y);
    context.lineTo(x, y + radius * 1.15);
    context.lineTo(x - radius * 1.15, y);
    context.closePath();
  } else if (mark === "smart") context.rect(x - radius * 0.85, y - radius * 0.85, radius * 1.7, radius * 1.7);
  else context.arc(x, y, radius * 0.75, 0, TAU);
  context.fillStyle = { model: "#25437d", minority: "#9c3d0e", smart: "#0b5563", plain: "#374151", unknown: "#ffffff" }[mark];
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = mark === "unknown" ? "#6b7280" : "#ffffff";
  if (mark === "unknown" || radius >= 2.5) context.stroke();
}

/** Boundaries of the other epoch lie over the ones in view. */
export const OTHER_UNITS = { color: "#7a1fa2", width: 1.8, dash: [3, 2] };

export function reliefSwatch() {
  const { canvas, context } = sheet(30, 14);
  for (const [x, tone] of [[2, "#e5e7eb"], [9, "#9aa5b1"], [16, "#f3f4f6"], [23, "#6b7280"]]) {
    context.fillStyle = tone;
    context.beginPath();
    context.moveTo(x, 12);
    context.lineTo(x + 6, 2);
    context.lineTo(x + 9, 12);
    context.fill();
  }
  return decorate(canvas, 30, 14);
}

function decorate(canvas, width, height) {
  canvas.setAttribute("aria-hidden", "true");
  canvas.className = "swatch";
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  return canvas;
}

/** Legend line of a road. */
export function lineSwatch({ color, width, dash = [], hollow = false, casing = false }) {
  const { canvas, context } = sheet(30, 14);
  strokeRoad(context, { color, width, dash, hollow, casing }, () => {
    context.beginPath();
    context.moveTo(1, 7);
    context.lineTo(29, 7);
    context.stroke();
  });
  return decorate(canvas, 30, 14);
}

/** A pale border, shown between two coloured areas. */
export function borderSwatch(color, width) {
  const { canvas, context } = sheet(30, 14);
  context.fillStyle = "#9fb3c0";
  context.fillRect(0, 0, 30, 14);
  context.strokeStyle = color;
  context.lineWidth = width * 1.6;
  context.beginPath();
  context.moveTo(0, 11);
  context.bezierCurveTo(10, 11, 20, 3, 30, 3);
  context.stroke();
  return decorate(canvas, 30, 14);
}

/** Strokes by `draw`; width and dashes in units of `unit` context lengths (one pixel), the casing below all. */
function strokeRoad(context, { color, width, dash, hollow, casing, unit = 1 }, draw) {
  context.lineCap = dash.length ? "butt" : "round";
  if (casing) {
    context.strokeStyle = "#ffffff";
    context.lineWidth = (width + 1.6) * unit;
    context.setLineDash([]);
    draw();
  }
  context.strokeStyle = color;
  context.lineWidth = width * unit;
  context.setLineDash(dash.map((part) => part * Math.max(1.2, width) * unit));
  draw();
  if (hollow) {
    context.strokeStyle = "#ffffff";
    context.lineWidth = width * 0.45 * unit;
    context.setLineDash([]);
    draw();
  }
  context.setLineDash([]);
}

/** Legend box of water and of other areas. */
export function areaSwatch(color) {
  const { canvas, context } = sheet(30, 14);
  context.fillStyle = color;
  context.fillRect(3, 2, 24, 10);
  return decorate(canvas, 30, 14);
}

export function pointSwatch(sign, state) {
  const size = 20;
  const { canvas, context } = sheet(30, size);
  context.drawImage(pointSign(sign, state, size, ratio()), 5, 0, size, size);
  return decorate(canvas, 30, size);
}

export function dotSwatch(draw, size = 22) {
  const { canvas, context } = sheet(30, size);
  draw(context, 15, size / 2);
  return decorate(canvas, 30, size);
}

const signs = new Map();

/** A canvas whose picture is taken once: a picture is drawn again far faster than a canvas. */
function plate(width, height, scale) {
  const canvas = new OffscreenCanvas(Math.ceil(width * scale), Math.ceil(height * scale));
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  return { context, picture: () => canvas.transferToImageBitmap() };
}

/** A small drawing around its middle, made once: hundreds of pictures are drawn faster than hundreds of paths. */
export function stamp(context, x, y, reach, scale, key, draw) {
  const name = `${key}|${reach}|${scale}`;
  let picture = signs.get(name);
  if (!picture) {
    const made = plate(2 * reach, 2 * reach, scale);
    draw(made.context, reach, reach);
    picture = made.picture();
    signs.set(name, picture);
  }
  context.drawImage(picture, x - reach, y - reach, 2 * reach, 2 * reach);
}

/**
 * A point symbol: full colour when it works, half when poorly, struck through when broken, with "?" when a state is
 * expected and unknown. `state` undefined: the layer has no states.
 */
export function pointSign({ path, color, framed }, state, size, scale) {
  const key = `${path}|${color}|${framed}|${state}|${size}|${scale}`;
  const known = signs.get(key);
  if (known) return known;
  const { context, picture } = plate(size, size, scale);
  const shape = new Path2D(path);
  context.lineJoin = "round";
  (framed ? framedSign : bareSign)(context, shape, color, state, size);
  signs.set(key, picture());
  return signs.get(key);
}

/** A shape of its own (drop, triangle): filled, half filled, hollow and struck through, hollow with a question mark. */
function bareSign(context, shape, color, state, size) {
  const unit = size / 24;
  context.translate(size * 0.06, size * 0.06);
  context.scale(unit * 0.88, unit * 0.88);
  context.strokeStyle = "#ffffff";
  context.lineWidth = 4;
  context.stroke(shape);
  const full = state === undefined || state === "works";
  context.fillStyle = full ? color : "#ffffff";
  context.fill(shape, "nonzero");
  if (state === "poor") {
    context.save();
    context.beginPath();
    context.rect(0, 12, 24, 14);
    context.clip();
    context.fillStyle = color;
    context.fill(shape);
    context.restore();
  }
  context.strokeStyle = color;
  context.lineWidth = full ? 1 : 2.4;
  context.stroke(shape);
  if (state === "broken") strike(context, color);
  if (state === null) question(context, color, 15);
}

/** A glyph in a rounded square: the square tells the state, for the strokes of most glyphs are too thin to be half filled. */
function framedSign(context, shape, color, state, size) {
  const edge = Math.max(0.5, size / 22);
  const unit = size / 24;
  context.beginPath();
  context.roundRect(edge, edge, size - 2 * edge, size - 2 * edge, size / 5);
  context.fillStyle = "#ffffff";
  context.fill();
  if (state === "poor") {
    context.save();
    context.clip();
    context.fillStyle = "#aab4c0";
    context.fillRect(0, size / 2, size, size / 2);
    context.restore();
  }
  context.strokeStyle = color;
  context.lineWidth = edge;
  context.stroke();
  context.save();
  context.translate(size * 0.15, size * 0.15);
  context.scale(unit * 0.7, unit * 0.7);
  context.globalAlpha = state === "broken" || state === null ? 0.3 : 1;
  context.fillStyle = color;
  context.fill(shape, "nonzero");
  context.restore();
  context.scale(unit, unit);
  if (state === "broken") strike(context, color);
  if (state === null) question(context, color, 19);
}

function strike(context, color) {
  context.strokeStyle = color;
  context.lineWidth = 2.8;
  context.beginPath();
  context.moveTo(2, 22);
  context.lineTo(22, 2);
  context.stroke();
}

function question(context, color, size) {
  context.fillStyle = color;
  context.font = `bold ${size}px sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText("?", 12, 14);
}

/** Sign of one feature of a point layer, from the palette. */
export function signOf(symbols, layer, row) {
  const entry = symbols.point[layer.id] ?? { color: symbols.ground.quiet, path: "M12 4 A8 8 0 1 0 12.01 4 Z" };
  const kind = entry.kinds ? layer.value("kind", row) : null;
  const path = kind && Object.hasOwn(entry.kinds, kind) ? entry.kinds[kind] : entry.path;
  return { path, color: entry.color, framed: entry.color === "#374151" };
}

export const OPERATION = (layer, row) => (layer.has("operation") ? layer.value("operation", row) : undefined);

/** The circle of a village's addresses: fill by notified share, ring by plated share, size by objects. */
export function addressCircle(context, x, y, radius, notified, plated, ramp) {
  if (radius < 5.5) {
    // Too small for a ring: the fill alone.
    context.beginPath();
    context.arc(x, y, radius, 0, TAU);
    context.fillStyle = rampColour(notified, ramp);
    context.fill();
    context.lineWidth = 0.7;
    context.strokeStyle = "#1f2933";
    context.stroke();
    return;
  }
  context.beginPath();
  context.arc(x, y, radius, 0, TAU);
  context.fillStyle = "#ffffff";
  context.fill();
  context.beginPath();
  context.arc(x, y, Math.max(1, radius - 2.5), 0, TAU);
  context.fillStyle = rampColour(notified, ramp);
  context.fill();
  context.lineWidth = 0.6;
  context.strokeStyle = "#52606d";
  context.stroke();
  if (plated !== null) {
    context.beginPath();
    context.arc(x, y, radius - 0.9, -TAU / 4, -TAU / 4 + TAU * Math.max(0, Math.min(1, plated)));
    context.lineWidth = 1.8;
    context.strokeStyle = ramp.color;
    context.stroke();
  }
}

/** A lake or dam of which only the place is known. */
export function baseDot(context, x, y, ground) {
  context.beginPath();
  context.arc(x, y, 3.5, 0, TAU);
  context.fillStyle = ground.water;
  context.fill();
  context.lineWidth = 1;
  context.strokeStyle = ground.quiet;
  context.stroke();
}

/** Classes are closed on the left: [0, 0.2), [0.2, 0.4) ... the last one holds 1 too. */
export function classOf(value, breaks) {
  let index = 0;
  while (index + 1 < breaks.length && value >= breaks[index + 1]) index += 1;
  return index;
}

export const rampColour = (value, { ramp, breaks }) => (value === null ? "#ffffff" : ramp[classOf(value, breaks)]);
export const addressRadius = (total) => Math.max(4, Math.min(13, 2 + 0.62 * Math.sqrt(total)));
export { strokeRoad };
