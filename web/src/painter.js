// One canvas for everything that is drawn, moved by Leaflet like any renderer; a second one above it holds the outline
// under the pointer, so that moving the mouse draws nothing else. (The second one is hidden in print, where Chromium would
// lay it over the first as an opaque sheet.)
//
// After a zoom everything is drawn anew; where that takes long (every layer on a weak PC), what is there is enlarged or
// reduced first. After a pan what is there is moved and only the strips that came into view are drawn. In both cases the
// whole is drawn once more when the map rests, with the names where they fit best.

import L from "leaflet";
import { changesIn } from "./changes.js";
import { bandOf, BAND_COUNT } from "./geometry.js";
import { drawLabels } from "./labels.js";
import { layerPaint, roadStyles } from "./layerpaint.js";
import { lookAt } from "./look.js";
import { passes } from "./model.js";
import { isGround } from "./order.js";
import { atRisk } from "./risk.js";
import { CHANGED, RISK, RISK_DASH } from "./signs.js";

export const MARGIN = 0.1; // of the view, drawn around it
const REST = 160; // ms without a move, after which the map rests
const REACH = 24; // px that a sign may reach beyond its place
const SLOW = 100; // ms from which a drawing is felt as a halt
const STRETCH = 5; // times that a picture may be enlarged or reduced and still be recognised

export const Painter = L.Renderer.extend({
  options: { padding: MARGIN },
  includes: layerPaint,

  initialize(model, state, words, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this.model = model;
    this.state = state;
    this.words = words;
    this.resolution = 0;
    this.took = 0; // ms until the last whole drawing was seen
    this.linePaths = new Map();
    this.hits = { points: [], villages: [] };
  },

  getEvents() {
    return { ...L.Renderer.prototype.getEvents.call(this), move: this._onMove };
  },

  _initContainer() {
    this._container = document.createElement("div");
    this._container.setAttribute("aria-hidden", "true");
    this.canvas = document.createElement("canvas");
    this.top = document.createElement("canvas");
    for (const canvas of [this.canvas, this.top]) canvas.className = "layer-canvas";
    this._container.append(this.canvas, this.top);
    // Drawn by the processor: many small signs are slow on the emulated graphics of a PC without a GPU, and no slower here.
    // Nothing is to be seen through it, which saves such a PC laying it over the page.
    this.context = this.canvas.getContext("2d", { willReadFrequently: true, alpha: false });
  },

  _destroyContainer() {
    clearTimeout(this._resting);
    this._container.remove();
    delete this._container;
    delete this.context;
    delete this.canvas;
    delete this.top;
  },

  _updatePaths() {},

  /** Leaflet's call after every move. */
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    if (this.canSlide()) this.slide();
    else if (this.canStretch()) this.stretch();
    else this.drawAll();
  },

  /** While the map is dragged farther than the margin of the canvas, the strips follow at once. */
  _onMove() {
    if (this._sliding || !this.canSlide() || this._bounds.contains(this.inView())) return;
    this._sliding = requestAnimationFrame(() => {
      this._sliding = null;
      if (this._map && this.canSlide()) this.slide();
    });
  },

  canSlide() {
    const { seen, _map } = this;
    if (!seen || _map._animatingZoom || this.resolution) return false;
    // A far jump gives Leaflet's pixels a new origin.
    return seen.zoom === _map.getZoom() && seen.room.equals(_map.getSize()) && seen.origin.equals(_map.getPixelOrigin());
  },

  /** What the reader sees, in Leaflet's layer pixels. */
  inView() {
    const corner = this._map.containerPointToLayerPoint([0, 0]);
    return L.bounds(corner, corner.add(this._map.getSize()));
  },

  slide() {
    const old = this._bounds;
    if (!old.contains(this.inView())) {
      L.Renderer.prototype._update.call(this);
      const { scale, size } = this.seen;
      const by = old.min.subtract(this._bounds.min);
      L.DomUtil.setPosition(this._container, this._bounds.min);
      const { context } = this;
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.drawImage(this.canvas, Math.round(by.x * scale), Math.round(by.y * scale)); // the strips cover the rest
      for (const hits of Object.values(this.hits))
        for (const hit of hits) {
          hit[0] += by.x;
          hit[1] += by.y;
        }
      this.seen = this.viewNow(scale, size);
      for (const strip of stripsBeside(by, size)) this.drawStrip(strip);
      this.drawTop();
    }
    this.drawWhenAtRest();
  },

  drawWhenAtRest() {
    clearTimeout(this._resting);
    this._resting = setTimeout(() => this._map && this.drawAll(), REST);
  },

  /** Whether the old picture stands in for a new one that would keep the reader waiting. */
  canStretch() {
    const { seen, _map } = this;
    if (!seen || this.took < SLOW || this.resolution || !seen.room.equals(_map.getSize())) return false;
    return Math.abs(_map.getZoom() - seen.zoom) < Math.log2(STRETCH);
  },

  /** The old picture at the new zoom. */
  stretch() {
    const old = this.seen;
    L.Renderer.prototype._update.call(this);
    L.DomUtil.setPosition(this._container, this._bounds.min);
    const { scale, size } = old;
    this.seen = this.viewNow(scale, size);
    const by = this.seen.s / old.s;
    const [x, y] = [this.seen.tx - old.tx * by, this.seen.ty - old.ty * by];
    const { canvas, context } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    const [left, top, width, height] = [x * scale, y * scale, canvas.width * by, canvas.height * by];
    context.drawImage(canvas, left, top, width, height);
    this.blank(around(left, top, left + width, top + height, canvas));
    for (const hits of Object.values(this.hits))
      for (const hit of hits) {
        hit[0] = hit[0] * by + x;
        hit[1] = hit[1] * by + y;
      }
    this.drawTop();
    this.drawWhenAtRest();
  },

  drawAll() {
    const start = performance.now();
    clearTimeout(this._resting);
    L.Renderer.prototype._update.call(this);
    this.paper = getComputedStyle(this._map.getContainer()).backgroundColor; // another one in print
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
    requestAnimationFrame(() => requestAnimationFrame(() => (this.took = performance.now() - start)));
  },

  /** Only what the pointer or a search points at. */
  drawTop() {
    if (!this._map || !this.seen) return;
    const { hover, lit, selected, village } = this.state;
    const { s, tx, ty, scale } = this.seen;
    this.top.hidden = !lit?.length && village < 0 && (hover < 0 || hover === selected);
    if (this.top.hidden) return;
    const context = this.top.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.top.width, this.top.height);
    context.setTransform(scale * s, 0, 0, scale * s, scale * tx, scale * ty);
    context.lineJoin = "round";
    for (const index of lit ?? []) this.outlineOf(context, index, this.seen, 0, 2.2, "#b5179e");
    if (hover >= 0 && hover !== selected) this.outlineOf(context, hover, this.seen, 0, 1.6);
    if (village >= 0) this.villageRing(context, village);
  },

  /** Draws again at the next frame, once, whatever was asked in between. */
  redraw() {
    if (this._frame || !this._map) return;
    this._frame = requestAnimationFrame(() => {
      this._frame = null;
      if (this._map && !(this._map._animatingZoom && this._bounds)) this.drawAll();
    });
  },

  /** Grid steps → px of the canvas: px = step * s + t. */
  view(size) {
    const { bits, x, y } = this.model.facts.page.grid;
    const s = (256 * 2 ** this._map.getZoom()) / 2 ** bits;
    const origin = this._map.getPixelOrigin();
    const tx = x * s - origin.x - this._bounds.min.x;
    const ty = y * s - origin.y - this._bounds.min.y;
    return { s, tx, ty, box: boxIn({ s, tx, ty }, 0, 0, size.x, size.y) };
  },

  viewNow(scale, size) {
    const zoom = this._map.getZoom();
    return { ...this.view(size), zoom, band: bandOf(zoom), scale, size, room: this._map.getSize(), origin: this._map.getPixelOrigin() };
  },

  draw(scale, size) {
    const { context, state } = this;
    const view = this.viewNow(scale, size);
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.blank([[0, 0, this.canvas.width, this.canvas.height]]);
    this.seen = view;
    this.hits = { points: [], villages: [] };
    this.drawThings(view);
    const marks = [
      ...changesIn(this.model, state).map((change) => this.changeMark(change, view)),
      ...this.endangered().map((index) => this.riskMark(index, view)),
    ];
    if (state.shown.has("names")) drawLabels(this, view, marks.filter(Boolean));
  },

  /** A rectangle of the canvas (px) that came into view, without names: those follow when the map rests. */
  drawStrip([left, top, right, bottom]) {
    const { context, seen } = this;
    const { scale } = seen;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    const [x, y] = [Math.round(left * scale), Math.round(top * scale)];
    context.rect(x, y, Math.round(right * scale) - x, Math.round(bottom * scale) - y);
    context.clip();
    this.blank([[0, 0, this.canvas.width, this.canvas.height]]);
    this.drawThings({ ...seen, box: boxIn(seen, left - REACH, top - REACH, right + REACH, bottom + REACH) });
    context.restore();
  },

  /** Empties rectangles of the canvas, in its own pixels. */
  blank(rectangles) {
    this.context.fillStyle = this.paper;
    for (const [left, top, right, bottom] of rectangles) this.context.fillRect(left, top, right - left, bottom - top);
  },

  /** Everything but names, from the colours of the communes up. */
  drawThings(view) {
    const { context, model, state } = this;
    this.inSteps(view);
    context.lineJoin = "round";
    this.fills(view);
    const on = state.order.filter((id) => state.shown.has(id));
    for (const id of on) if (isGround(model, id)) this.layer(id, view);
    this.borders(view);
    for (const id of on) if (!isGround(model, id)) this.layer(id, view);
    this.inSteps(view);
    for (const { index } of changesIn(model, state)) this.outlineOf(context, index, view, 0, 3, CHANGED);
    context.setLineDash(RISK_DASH.map((part) => part / view.s));
    for (const index of this.endangered()) this.outlineOf(context, index, view, 0, 2.4, RISK);
    context.setLineDash([]);
    if (state.selected >= 0) this.outlineOf(context, state.selected, view, 6, 3);
    this.inPixels(view);
  },

  /** Communes at risk that the reader's filters leave in view. */
  endangered() {
    const { model, state } = this;
    return atRisk(model, state).filter((index) => passes(model, state, lookAt(model, state), index));
  },

  /** Makes the paths of all zooms while the browser has nothing else to do, so that the first zoom is as fast as others. */
  warm() {
    const { model } = this;
    const later = window.requestIdleCallback ?? ((work) => setTimeout(() => work({ timeRemaining: () => 8 }), 50));
    const jobs = [];
    for (let band = BAND_COUNT - 1; band >= 0; band--) {
      jobs.push(() => model.coverage.level(band).parts);
      for (const layer of model.layers)
        jobs.push(() => (layer.id === "road" ? roadStyles(model, layer).forEach((style) => this.roadPath(layer, band, style)) : this.areaPaths(layer, band)));
    }
    const run = (deadline) => {
      while (jobs.length && deadline.timeRemaining() > 4) jobs.pop()();
      if (jobs.length) later(run);
    };
    later(run);
  },
});

/** The strips of a canvas that a picture moved by `by` no longer covers: left or right, then above or below. */
function stripsBeside(by, size) {
  const [dx, dy] = [Math.round(by.x), Math.round(by.y)];
  if (Math.abs(dx) >= size.x || Math.abs(dy) >= size.y) return [[0, 0, size.x, size.y]];
  const made = [];
  if (dx > 0) made.push([0, 0, dx, size.y]);
  if (dx < 0) made.push([size.x + dx, 0, size.x, size.y]);
  const [west, east] = [Math.max(0, dx), Math.min(size.x, size.x + dx)];
  if (dy > 0) made.push([west, 0, east, dy]);
  if (dy < 0) made.push([west, size.y + dy, east, size.y]);
  return made;
}

/** What of a canvas lies outside a rectangle: above, below, left, right. */
const around = (left, top, right, bottom, { width, height }) =>
  [
    [0, 0, width, top],
    [0, bottom, width, height],
    [0, top, left, bottom],
    [right, top, width, bottom],
  ].filter(([west, north, east, south]) => east > west && south > north);

const boxIn = ({ s, tx, ty }, left, top, right, bottom) => ({
  west: (left - tx) / s,
  north: (top - ty) / s,
  east: (right - tx) / s,
  south: (bottom - ty) / s,
});
