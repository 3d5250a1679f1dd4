// Areas and borders, which the points lie on.

import { bandOf, meets } from "../geometry.js";

const LAND = "#fdfdfb";

export class Ground {
  constructor() {
    // Read back pixel by pixel, so the processor draws it.
    this.context = document.createElement("canvas").getContext("2d", { alpha: false, willReadFrequently: true });
    this.painted = "";
    this.paper = getComputedStyle(document.documentElement).getPropertyValue("--ground").trim();
  }

  /** The pixels of a rectangle of a view, {west, north, east, south}, as ImageData. */
  pixels(clip, view, outlines, look) {
    const { context } = this;
    const { canvas } = context;
    const [width, height] = [Math.round(view.size.x * view.scale), Math.round(view.size.y * view.scale)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    // What was drawn while the points were still on their way is not drawn again.
    const { zoom, tx, ty, scale } = view;
    const asked = JSON.stringify([clip, zoom, tx, ty, scale, width, height, look.selected]);
    if (asked !== this.painted) this.#paint(clip, view, outlines, look);
    this.painted = asked;
    return context.getImageData(clip.west, clip.north, clip.east - clip.west, clip.south - clip.north);
  }

  /** Draws a rectangle. `look`: `outline` of the page's data, `grid` (see outlineGrid), `selected` commune or -1. */
  #paint({ west, north, east, south }, { zoom, s, tx, ty, scale }, { communes, villages }, { outline, grid, selected }) {
    const { context } = this;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(west, north, east - west, south - north);
    context.clip();
    context.fillStyle = this.paper;
    context.fillRect(west, north, east - west, south - north);
    const a = s * grid.factor * scale;
    const [bx, by] = [(tx + grid.x * s) * scale, (ty + grid.y * s) * scale];
    context.setTransform(a, 0, 0, a, bx, by);
    context.lineJoin = "round";
    const rim = (3 * scale) / a; // lines reach a little beyond their places
    const box = { west: (west - bx) / a - rim, north: (north - by) / a - rim, east: (east - bx) / a + rim, south: (south - by) / a + rim };
    const { polygons, parts } = communes.level(bandOf(zoom));
    context.fillStyle = LAND;
    polygons.forEach((path, index) => meets(communes.boxes[index], box) && context.fill(path, "evenodd"));
    const pen = (color, px) => {
      context.strokeStyle = color;
      context.lineWidth = (px * scale) / a;
      return (path) => context.stroke(path);
    };
    const grow = Math.max(0.8, Math.min(1.5, 1 + (zoom - 10) * 0.12));
    if (zoom >= 11) villages.parts(bandOf(zoom)).each(box, pen("#d5d9de", 0.8));
    parts[0].each(box, pen("#b4bcc6", 0.9 * grow));
    parts[1].each(box, pen(outline.district.color, 1.3 * grow));
    parts[2].each(box, pen(outline.province.color, 2 * grow));
    if (selected >= 0 && meets(communes.boxes[selected], box)) pen(outline.province.color, 2.6)(polygons[selected]);
    context.restore();
  }
}
