// One canvas for everything that is drawn, moved by Leaflet like any renderer and redrawn when a move ends; a second one
// above it holds the outline under the pointer, so that moving the mouse draws nothing else. (The second one is hidden in
// print, where Chromium would lay it over the first as an opaque sheet.)

import L from "leaflet";
import { bandOf, meets, simplify, trace } from "./geometry.js";
import { drawLabels } from "./labels.js";
import { addressCircle, addressRadius, baseDot, OPERATION, pointSign, signOf, strokeRoad, tierPattern } from "./signs.js";

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
    this.context = this.canvas.getContext("2d");
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
    const { hover, selected } = this.state;
    const { s, tx, ty, scale } = this.seen;
    const context = this.top.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.top.width, this.top.height);
    context.setTransform(scale * s, 0, 0, scale * s, scale * tx, scale * ty);
    context.lineJoin = "round";
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
    this.fills(view);
    for (const layer of model.layers) if (layer.base && state.shown.has(layer.id)) this.layerAreas(layer, view);
    this.borders(view);
    for (const layer of model.layers) if (!layer.base && state.shown.has(layer.id)) this.layerAreas(layer, view);
    if (state.selected >= 0) this.outlineOf(context, state.selected, view, 6, 3);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    this.hits = { points: [], villages: [] };
    if (state.shown.has("villages")) this.villageDots(view);
    if (state.shown.has("addresses")) this.addressCircles(view);
    for (const layer of model.layers) if (state.shown.has(layer.id)) this.layerPoints(layer, view);
    if (state.shown.has("names")) drawLabels(this, view);
  },

  fills(view) {
    const { context, model, state } = this;
    const { polygons } = model.coverage.level(view.band);
    const tiers = model.tiersAt(state.period);
    const inverse = new DOMMatrix().scale(1 / (view.s * view.scale));
    const patterns = model.palette.map((entry) => {
      const pattern = tierPattern(context, entry, state.patterns, view.scale);
      pattern?.setTransform(inverse);
      return pattern;
    });
    polygons.forEach((path, index) => {
      if (!meets(model.coverage.boxes[index], view.box)) return;
      const entry = model.palette[tiers[index]];
      context.globalAlpha = state.filter === null || state.filter.has(entry.state) ? 1 : 0.14;
      context.fillStyle = entry.fill;
      context.fill(path, "evenodd");
      if (patterns[tiers[index]]) {
        context.fillStyle = patterns[tiers[index]];
        context.fill(path, "evenodd");
      }
    });
    context.globalAlpha = 1;
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
    const tiers = model.tiersAt(state.period);
    polygons.forEach((path, index) => {
      if (model.palette[tiers[index]].state === "not_reported" && meets(model.coverage.boxes[index], view.box))
        stroke(path, "#9aa5b1", 0.7);
    });
    stroke(borders[1], outline.district.color, outline.district.px * 0.8);
    stroke(borders[2], outline.province.color, outline.province.px * 0.8);
  },

  villageBorders(band) {
    const key = `villages|${band}`;
    if (!this.linePaths.has(key)) {
      const path = new Path2D();
      for (const line of this.model.villageArcs.lines) trace(path, simplify(line, band));
      this.linePaths.set(key, path);
    }
    return this.linePaths.get(key);
  },

  outlineOf(context, index, view, casing, width) {
    const path = this.model.coverage.level(view.band).polygons[index];
    if (casing) {
      context.strokeStyle = "#ffffff";
      context.lineWidth = casing / view.s;
      context.stroke(path);
    }
    context.strokeStyle = "#111827";
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
    const radius = view.zoom < 10 ? 1.6 : view.zoom < 12 ? 2.6 : 4;
    context.fillStyle = "#374151";
    context.strokeStyle = "#ffffff";
    context.lineWidth = 1;
    for (let i = 0; i < x.length; i++) {
      if (x[i] < 0 || !inside(view, x[i], y[i])) continue;
      const [px, py] = place(view, x[i], y[i]);
      context.beginPath();
      context.arc(px, py, radius, 0, 2 * Math.PI);
      context.fill();
      if (view.zoom >= 10) context.stroke();
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
      const radius = addressRadius(v.address_total[i]) * shrink;
      addressCircle(context, px, py, radius, v.address_notified_share[i], v.address_plated_share[i], ramp);
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
