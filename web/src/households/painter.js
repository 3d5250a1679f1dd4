// Outlines, points and names, one canvas each, moved by Leaflet like any renderer and drawn anew when a move ends.

import { DomUtil, Renderer } from "leaflet";
import { bandOf, meets } from "../geometry.js";
import { Dots, radiusAt } from "./dots.js";
import { drawNames } from "./names.js";

// More pixels than this are not worth their time: the canvases are then drawn a little coarser.
const MOST_PIXELS = 3.2e6;

export const Painter = Renderer.extend({
  options: { padding: 0.08 },

  initialize(app, options) {
    Renderer.prototype.initialize.call(this, options);
    this.app = app;
    this.resolution = 0;
    this.sets = [];
  },

  _initContainer() {
    this._container = document.createElement("div");
    this._container.setAttribute("aria-hidden", "true");
    const [ground, dots, names] = ["ground", "dots", "names"].map((name) => {
      const canvas = document.createElement("canvas");
      canvas.className = `layer-canvas ${name}`;
      this._container.append(canvas);
      return canvas;
    });
    this.canvases = [ground, dots, names];
    this.ring = document.createElement("div");
    this.ring.className = "ring";
    this.ring.hidden = true;
    this._container.append(this.ring);
    this.ground = ground.getContext("2d");
    this.dots = new Dots(dots);
    this.names = names.getContext("2d");
  },

  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },

  _updatePaths() {},

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    const ratio = this.resolution || Math.min(2, window.devicePixelRatio || 1);
    const scale = this.resolution ? ratio : Math.min(ratio, Math.sqrt(MOST_PIXELS / (size.x * size.y)));
    const [width, height] = [Math.round(size.x * scale), Math.round(size.y * scale)];
    DomUtil.setPosition(this._container, this._bounds.min);
    for (const canvas of this.canvases) {
      if (canvas.width === width && canvas.height === height) continue;
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    this.view = this._view(size, scale);
    this.drawGround();
    this.drawDots();
    this.drawNames();
    this.placeRing();
    if (this.resolution) this.flatten();
  },

  /** All in the lowest canvas: on paper Chromium lays a canvas over another as an opaque sheet. */
  flatten() {
    const [{ width, height }, ...upper] = this.canvases;
    this.ground.setTransform(1, 0, 0, 1, 0, 0);
    for (const canvas of upper) this.ground.drawImage(canvas, 0, 0, width, height);
  },

  /** Draws again at the next frame, once, whatever was asked in between. */
  redraw() {
    if (this._frame || !this._map) return;
    this._frame = requestAnimationFrame(() => {
      this._frame = null;
      if (this._map) this._update();
    });
  },

  /** Steps of the 2**26 grid → px of the canvas: px = step * s + t. */
  _view(size, scale) {
    const zoom = this._map.getZoom();
    const s = (256 * 2 ** zoom) / 2 ** this.app.model.meta.bits;
    const origin = this._map.getPixelOrigin();
    const tx = -origin.x - this._bounds.min.x;
    const ty = -origin.y - this._bounds.min.y;
    const box = { west: -tx / s, north: -ty / s, east: (size.x - tx) / s, south: (size.y - ty) / s };
    return { s, tx, ty, zoom, size, scale, box };
  },

  /** A point of the map's container as steps of the grid. */
  stepsAt(containerPoint) {
    const at = this._map.containerPointToLayerPoint(containerPoint).subtract(this._bounds.min);
    return { x: (at.x - this.view.tx) / this.view.s, y: (at.y - this.view.ty) / this.view.s };
  },

  /** The outlines' own grid: steps of the points = outline step * factor + offset. */
  outlineGrid() {
    const { bits, grid } = this.app.model.meta;
    const factor = 2 ** (bits - grid.bits);
    return { factor, x: grid.x * factor, y: grid.y * factor };
  },

  drawGround() {
    const { ground: context, view } = this;
    const { model } = this.app;
    const { outline } = model.meta;
    const grid = this.outlineGrid();
    const s = view.s * grid.factor;
    const tx = view.tx + grid.x * view.s;
    const ty = view.ty + grid.y * view.s;
    const box = { west: -tx / s, north: -ty / s, east: (view.size.x - tx) / s, south: (view.size.y - ty) / s };
    const { scale } = view;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(scale * s, 0, 0, scale * s, scale * tx, scale * ty);
    context.lineJoin = "round";
    const { communes, villages } = model.outlines;
    const { polygons, borders } = communes.level(bandOf(view.zoom));
    context.fillStyle = "#fdfdfb";
    polygons.forEach((path, index) => meets(communes.boxes[index], box) && context.fill(path, "evenodd"));
    const stroke = (path, color, px) => {
      context.strokeStyle = color;
      context.lineWidth = px / s;
      context.stroke(path);
    };
    const grow = Math.max(0.8, Math.min(1.5, 1 + (view.zoom - 10) * 0.12));
    if (view.zoom >= 11) stroke(villages.path(bandOf(view.zoom)), "#d5d9de", 0.8);
    stroke(borders[0], "#b4bcc6", 0.9 * grow);
    stroke(borders[1], outline.district.color, 1.3 * grow);
    stroke(borders[2], outline.province.color, 2 * grow);
    const { selected } = this.app.state;
    if (selected?.kind === "commune") stroke(polygons[selected.index], outline.province.color, 2.6);
  },

  drawDots() {
    const { app, view } = this;
    if (!app.decoded()) return;
    this.sets = app.sets(view);
    this.dots.draw(view, this.sets, app.classes(), app.order(), app.token(this.sets));
  },

  drawNames() {
    const { names: context, view } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.setTransform(view.scale, 0, 0, view.scale, 0, 0);
    drawNames(context, view, this.app);
  },

  /** The ring around the chosen object. */
  placeRing() {
    const { selected } = this.app.state;
    const { view } = this;
    this.ring.hidden = selected?.kind !== "point" || !view;
    if (this.ring.hidden) return;
    const across = 2 * (radiusAt(view.zoom) + 5);
    const left = selected.x * view.s + view.tx - across / 2;
    const top = selected.y * view.s + view.ty - across / 2;
    Object.assign(this.ring.style, { width: `${across}px`, height: `${across}px`, transform: `translate(${left}px, ${top}px)` });
  },
});
