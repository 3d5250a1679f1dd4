// Outlines, points and names on one canvas, moved by Leaflet like any renderer and drawn anew when a move ends.

import { DomUtil, Renderer } from "leaflet";
import { Dots, radiusAt } from "./dots.js";
import { Ground } from "./ground.js";
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
    // One, and nothing to be seen through it: a PC without a graphics card lays every canvas over the page pixel by pixel.
    this.canvas = document.createElement("canvas");
    this.canvas.className = "layer-canvas";
    this._container.append(this.canvas);
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.ground = new Ground();
    this.ring = document.createElement("div");
    this.ring.className = "ring";
    this.ring.hidden = true;
    this._container.append(this.ring);
    this.dots = new Dots();
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
    const { canvas } = this;
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      Object.assign(canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
    }
    this.view = this._view(size, scale);
    this.draw();
    this.placeRing();
  },

  /** The ground with the points on it, and the names above. */
  draw() {
    const { app, view, context } = this;
    const { model, state } = app;
    const selected = state.selected?.kind === "commune" ? state.selected.index : -1;
    const look = { outline: model.meta.outline, grid: this.outlineGrid(), selected };
    const pixels = (clip) => this.ground.pixels(clip, view, model.outlines, look);
    if (app.decoded()) {
      this.sets = app.sets(view);
      const ground = { pixels, token: selected };
      this.dots.draw(context, view, this.sets, app.classes(), app.order(), app.token(this.sets), ground);
    } else {
      const { width, height } = context.canvas;
      context.putImageData(pixels({ west: 0, north: 0, east: width, south: height }), 0, 0);
    }
    context.setTransform(view.scale, 0, 0, view.scale, 0, 0);
    drawNames(context, view, app);
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
