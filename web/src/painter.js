// One canvas for everything that is drawn, moved by Leaflet like any renderer and redrawn when a move ends; a second one
// above it holds the outline under the pointer, so that moving the mouse draws nothing else. (The second one is hidden in
// print, where Chromium would lay it over the first as an opaque sheet.)

import L from "leaflet";
import { changesIn } from "./changes.js";
import { bandOf, meets, simplify, trace } from "./geometry.js";
import { drawLabels } from "./labels.js";
import { lookAt } from "./look.js";
import { passes } from "./model.js";
import { isGround } from "./order.js";
import {
  addressCircle,
  addressRadius,
  baseDot,
  CHANGED,
  changeSign,
  classOf,
  classPattern,
  OPERATION,
  OTHER_UNITS,
  pointSign,
  signOf,
  stamp,
  strokeRoad,
  villageMark,
  villageSign,
} from "./signs.js";

// Roads below these zooms would be a grey mass.
const CLOSER = { commune: 9.5, village: 10.5, lane: 11.5, field: 11.5 };
export const closerThan = (id) => CLOSER[id] ?? 0;

export const Painter = L.Renderer.extend({
  options: { padding: 0.15 },

  initialize(model, state, words, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this.model = model;
    this.state = state;
    this.words = words;
    this.resolution = 0;
    this.linePaths = new Map();
    this.hits = { points: [], villages: [] };
  },

  _initContainer() {
    this._container = document.createElement("div");
    this._container.setAttribute("aria-hidden", "true");
    this.canvas = document.createElement("canvas");
    this.top = document.createElement("canvas");
    for (const canvas of [this.canvas, this.top]) canvas.className = "layer-canvas";
    this._container.append(this.canvas, this.top);
    // Drawn by the processor: many small signs are slow on the emulated graphics of a PC without a GPU, and no slower here.
    this.context = this.canvas.getContext("2d", { willReadFrequently: true });
  },

  _destroyContainer() {
    this._container.remove();
    delete this._container;
    delete this.context;
    delete this.canvas;
    delete this.top;
  },

  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const scale = this.resolution || Math.min(2, window.devicePixelRatio || 1);
    const [width, height] = [Math.round(size.x * scale), Math.round(size.y * scale)];
    L.DomUtil.setPosition(this._container, this._bounds.min);
    for (const canvas of [this.canvas, this.top]) {
      if (canvas.width === width && canvas.height === height) continue;
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    this.draw(scale, size);
    this.drawTop();
  },

  /** Only the outline of the commune under the pointer. */
  drawTop() {
    if (!this._map || !this.seen) return;
    const { hover, lit, selected } = this.state;
    const { s, tx, ty, scale } = this.seen;
    const context = this.top.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.top.width, this.top.height);
    context.setTransform(scale * s, 0, 0, scale * s, scale * tx, scale * ty);
    context.lineJoin = "round";
    for (const index of lit ?? []) this.outlineOf(context, index, this.seen, 0, 2.2, "#b5179e");
    if (hover >= 0 && hover !== selected) this.outlineOf(context, hover, this.seen, 0, 1.6);
  },

  /** Draws again at the next frame, once, whatever was asked in between. */
  redraw() {
    if (this._frame || !this._map) return;
    this._frame = requestAnimationFrame(() => {
      this._frame = null;
      if (this._map) this._update();
    });
  },

  /** Grid steps → px of the canvas: px = step * s + t. */
  view(size) {
    const { bits, x, y } = this.model.facts.page.grid;
    const s = (256 * 2 ** this._map.getZoom()) / 2 ** bits;
    const origin = this._map.getPixelOrigin();
    const tx = x * s - origin.x - this._bounds.min.x;
    const ty = y * s - origin.y - this._bounds.min.y;
    return { s, tx, ty, box: { west: -tx / s, north: -ty / s, east: (size.x - tx) / s, south: (size.y - ty) / s } };
  },

  draw(scale, size) {
    const { context, model, state } = this;
    const zoom = this._map.getZoom();
    const view = { ...this.view(size), zoom, band: bandOf(zoom), scale, size };
    const { s, tx, ty } = view;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.seen = view;
    context.setTransform(scale * s, 0, 0, scale * s, scale * tx, scale * ty);
    context.lineJoin = "round";
    this.hits = { points: [], villages: [] };
    this.fills(view);
    const on = state.order.filter((id) => state.shown.has(id));
    for (const id of on) if (isGround(model, id)) this.layer(id, view);
    this.borders(view);
    const changes = changesIn(model, state);
    for (const { index } of changes) this.outlineOf(context, index, view, 0, 3, CHANGED);
    for (const id of on) if (!isGround(model, id)) this.layer(id, view);
    this.inSteps(view);
    if (state.selected >= 0) this.outlineOf(context, state.selected, view, 6, 3);
    this.inPixels(view);
    if (state.shown.has("names")) drawLabels(this, view);
    for (const change of changes) this.changeMark(change, view);
  },

  /** From here on lengths are grid steps, or pixels of the screen. */
  inSteps({ scale, s, tx, ty }) {
    this.context.setTransform(scale * s, 0, 0, scale * s, scale * tx, scale * ty);
  },

  inPixels({ scale }) {
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
  },

  /** One layer, lines and areas below its points. */
  layer(id, view) {
    this.context.globalAlpha = this.state.opacity[id] ?? 1;
    this.inSteps(view);
    const layer = this.model.layers.find((one) => one.id === id);
    if (layer) this.layerAreas(layer, view);
    else if (id === "other-units") this.otherUnits(view);
    else if (id === "relief") this.relief(view);
    this.inPixels(view);
    if (layer) this.layerPoints(layer, view);
    else if (id === "villages") this.villageDots(view);
    else if (id === "addresses") this.addressCircles(view);
    this.context.globalAlpha = 1;
    this.inSteps(view);
  },

  fills(view) {
    const { context, model, state } = this;
    const { polygons } = model.coverage.level(view.band);
    const look = lookAt(model, state);
    const inverse = new DOMMatrix().scale(1 / (view.s * view.scale));
    const patterns = look.classes.map((entry) => {
      const pattern = classPattern(context, entry, state.patterns, view.scale);
      pattern?.setTransform(inverse);
      return pattern;
    });
    polygons.forEach((path, index) => {
      if (!meets(model.coverage.boxes[index], view.box)) return;
      context.globalAlpha = passes(model, state, look, index) ? 1 : 0.14;
      context.fillStyle = look.classes[look.at[index]].fill;
      context.fill(path, "evenodd");
      const pattern = patterns[look.at[index]];
      if (pattern) {
        context.fillStyle = pattern;
        context.fill(path, "evenodd");
      }
    });
    context.globalAlpha = 1;
  },

  /** Shaded terrain over the colours; its picture spans grid steps evenly, both being Web Mercator. */
  relief() {
    const { image, box } = this.terrain ?? {};
    if (!image) return;
    this.context.imageSmoothingQuality = "high";
    this.context.drawImage(image, box.west, box.north, box.east - box.west, box.south - box.north);
  },

  otherUnits(view) {
    const other = this.model.otherScene();
    if (!other) return;
    const { context } = this;
    const { borders } = other.coverage.level(view.band);
    const px = OTHER_UNITS.width / view.s;
    context.setLineDash([]);
    context.strokeStyle = "rgba(255,255,255,.8)";
    context.lineWidth = px * 2;
    for (const path of borders.slice(0, 2)) context.stroke(path);
    context.strokeStyle = OTHER_UNITS.color;
    context.lineWidth = px;
    context.setLineDash(OTHER_UNITS.dash.map((part) => part * 2 * px));
    for (const path of borders.slice(0, 2)) context.stroke(path);
    context.setLineDash([]);
  },

  changeMark({ index, kind }, view) {
    const { communes } = this.model;
    if (!inside(view, communes.x[index], communes.y[index])) return;
    const [px, py] = place(view, communes.x[index], communes.y[index]);
    changeSign(this.context, px, py - 15, kind, view.zoom < 9.5 ? 4.5 : 6);
  },

  borders(view) {
    const { context, model, state } = this;
    const { polygons, borders } = model.coverage.level(view.band);
    const outline = model.facts.symbols.outline;
    const grow = Math.max(0.75, Math.min(1.6, 1 + (view.zoom - 9) * 0.15));
    const stroke = (path, color, px) => {
      context.strokeStyle = color;
      context.lineWidth = (px * grow) / view.s;
      context.stroke(path);
    };
    if (view.zoom >= 11 && state.shown.has("villages") && model.villageArcs.lines.length) {
      stroke(this.villageBorders(view.band), outline.village.color, outline.village.px);
    }
    stroke(borders[0], outline.commune.page_color, outline.commune.px);
    // White lines vanish between white communes: those get a quiet grey one.
    const look = lookAt(model, state);
    const pale = look.classes.map((entry) => lightness(entry.fill) > 0.93);
    polygons.forEach((path, index) => {
      if (pale[look.at[index]] && meets(model.coverage.boxes[index], view.box)) stroke(path, "#9aa5b1", 0.7);
    });
    stroke(borders[1], outline.district.color, outline.district.px * 0.8);
    stroke(borders[2], outline.province.color, outline.province.px * 0.8);
  },

  villageBorders(band) {
    const key = `${this.model.scene.index}|villages|${band}`;
    if (!this.linePaths.has(key)) {
      const path = new Path2D();
      for (const line of this.model.villageArcs.lines) trace(path, simplify(line, band));
      this.linePaths.set(key, path);
    }
    return this.linePaths.get(key);
  },

  outlineOf(context, index, view, casing, width, color = "#111827") {
    const path = this.model.coverage.level(view.band).polygons[index];
    if (casing) {
      context.strokeStyle = "#ffffff";
      context.lineWidth = casing / view.s;
      context.stroke(path);
    }
    context.strokeStyle = color;
    context.lineWidth = width / view.s;
    context.stroke(path);
  },

  /** Lines and areas of a layer, one path per style and band. */
  layerAreas(layer, view) {
    const { context } = this;
    if (layer.id === "road") {
      this.roads(layer, view);
      return;
    }
    const color = layer.base ? this.model.facts.symbols.ground.water : this.signColor(layer);
    if (layer.hasKind(3)) {
      context.fillStyle = color;
      context.fill(this.path(layer, view.band, "areas", (row) => layer.features[row].kind === 3), "evenodd");
    }
    if (layer.hasKind(2)) {
      const orders = layer.has("order") ? [1, 2, 3] : [2];
      for (const width of orders) {
        const chosen = (row) => layer.features[row].kind === 2 && (orders.length === 1 || riverWidth(layer, row) === width);
        context.strokeStyle = color;
        context.lineWidth = (width * 0.7 * roadGrowth(view.zoom)) / view.s;
        context.stroke(this.path(layer, view.band, `lines${width}`, chosen));
      }
    }
  },

  signColor(layer) {
    return this.model.facts.symbols.point[layer.id]?.color ?? this.model.facts.symbols.ground.quiet;
  },

  path(layer, band, style, chosen) {
    const key = `${layer.id}|${band}|${style}`;
    let path = this.linePaths.get(key);
    if (!path) {
      path = new Path2D();
      layer.features.forEach((feature, row) => {
        if (!chosen(row)) return;
        for (const part of feature.parts) {
          trace(path, simplify(part, band));
          if (feature.kind === 3) path.closePath();
        }
      });
      this.linePaths.set(key, path);
    }
    return path;
  },

  roads(layer, view) {
    const { context } = this;
    for (const style of roadStyles(this.model, layer)) {
      if (view.zoom < closerThan(style.class)) continue;
      const path = this.path(layer, view.band, style.key, (row) => roadKey(layer, row) === style.key);
      strokeRoad(
        context,
        {
          ...style,
          width: style.width * roadGrowth(view.zoom),
          dash: view.zoom < 10.5 ? [] : style.dash, // far out dashes are only noise
          casing: view.zoom >= 10 && style.width > 1 && style.dash.length === 0,
          unit: 1 / view.s,
        },
        () => context.stroke(path),
      );
    }
  },

  villageDots(view) {
    const { context, model } = this;
    const { x, y } = model.villages;
    const radius = view.zoom < 10 ? 2.2 : view.zoom < 12 ? 3.6 : 5.5;
    for (let i = 0; i < x.length; i++) {
      if (x[i] < 0 || !inside(view, x[i], y[i])) continue;
      const [px, py] = place(view, x[i], y[i]);
      const mark = villageMark(model.villages, i);
      stamp(context, px, py, 8, view.scale, `village|${mark}|${radius}`, (own, cx, cy) => villageSign(own, cx, cy, radius, mark));
      this.hits.villages.push([px, py, radius + 3, i]);
    }
  },

  addressCircles(view) {
    const { context, model } = this;
    const v = model.villages;
    const ramp = model.facts.symbols.address;
    const shrink = view.zoom < 9.5 ? 0.36 : view.zoom < 10.5 ? 0.6 : view.zoom < 11.5 ? 0.85 : 1;
    for (let i = 0; i < v.x.length; i++) {
      if (v.x[i] < 0 || !inside(view, v.x[i], v.y[i])) continue;
      if (!v.address_total[i] && !v.suppressed[i]) continue;
      const [px, py] = place(view, v.x[i], v.y[i]);
      if (v.suppressed[i]) {
        context.beginPath();
        context.arc(px, py, 2.5, 0, 2 * Math.PI);
        context.fillStyle = "#9aa5b1";
        context.fill();
        this.hits.villages.push([px, py, 6, i]);
        continue;
      }
      // Far out the circles are many and small: half a pixel of size and a twentieth of a ring are not seen.
      const radius = Math.round(addressRadius(v.address_total[i]) * shrink * 2) / 2;
      const notified = v.address_notified_share[i] === null ? null : ramp.breaks[classOf(v.address_notified_share[i], ramp.breaks)];
      const plated = radius < 5.5 || v.address_plated_share[i] === null ? null : Math.round(v.address_plated_share[i] * 20) / 20;
      stamp(context, px, py, 15, view.scale, `address|${radius}|${notified}|${plated}`, (own, cx, cy) =>
        addressCircle(own, cx, cy, radius, notified, plated, ramp),
      );
      this.hits.villages.push([px, py, radius + 2, i]);
    }
  },

  layerPoints(layer, view) {
    if (!layer.hasKind(1)) return;
    const { context, model } = this;
    const z = view.zoom;
    const size = z < 9.25 ? 8 : z < 10.25 ? 11 : z < 11.5 ? 14 : z < 13 ? 18 : 22;
    layer.features.forEach((feature, row) => {
      if (feature.kind !== 1) return;
      for (const part of feature.parts) {
        if (!inside(view, part[0], part[1])) continue;
        const [px, py] = place(view, part[0], part[1]);
        if (layer.base) {
          baseDot(context, px, py, model.facts.symbols.ground);
          this.hits.points.push([px, py, 7, layer, row]);
          continue;
        }
        const state = size < 11 ? "works" : OPERATION(layer, row);
        const sign = pointSign(signOf(model.facts.symbols, layer, row), state, size, view.scale);
        context.drawImage(sign, px - size / 2, py - size / 2, size, size);
        this.hits.points.push([px, py, Math.max(8, size / 2), layer, row]);
      }
    });
  },
});

/** Relative luminance, 0 to 1. */
function lightness(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const inside = (view, x, y) => x >= view.box.west && x <= view.box.east && y >= view.box.north && y <= view.box.south;
export const place = (view, x, y) => [x * view.s + view.tx, y * view.s + view.ty];

function riverWidth(layer, row) {
  const order = layer.value("order", row) ?? 3;
  return order >= 6 ? 3 : order >= 4 ? 2 : 1;
}

export const roadGrowth = (zoom) => Math.max(0.6, Math.min(2.6, 2 ** ((zoom - 11) * 0.45)));

const roadKey = (layer, row) => {
  const existing = (layer.value("state", row) ?? "existing") === "existing";
  return `${layer.value("class", row)}|${layer.value("surface", row)}|${existing}`;
};

const styles = new WeakMap();

/** Styles of the roads there are, the widest last so that it lies on top. */
export function roadStyles(model, layer) {
  if (!styles.has(layer)) {
    const { class: classes, surface: surfaces } = model.facts.symbols.road;
    const keys = new Set();
    for (let row = 0; row < layer.rows; row++) keys.add(roadKey(layer, row));
    const made = [...keys].map((key) => {
      const [class_, surface, existing] = key.split("|");
      const paint = Object.hasOwn(surfaces, surface) ? surfaces[surface] : surfaces.unknown;
      const width = Object.hasOwn(classes, class_) ? classes[class_].px : 1;
      return { key, class: class_, surface, width, color: paint.color, dash: paint.dash, hollow: existing !== "true" };
    });
    styles.set(layer, made.sort((a, b) => a.width - b.width || (a.key < b.key ? -1 : 1)));
  }
  return styles.get(layer);
}
