// Points onto the ground, pixel by pixel. Far out they melt into a shade that darkens where they crowd; close up each is a
// sign with a white rim. Positions are exact to half a metre at every zoom: nothing is moved to a grid.

import { spread } from "./decode.js";

/** Radius of a sign in CSS pixels by zoom; between two entries it grows evenly. */
const RADII = [[8, 0.75], [10, 0.9], [11, 1.05], [12, 1.3], [13, 1.8], [14, 2.7], [15, 3.8], [16, 5], [17, 6.2], [18, 7.5], [19, 9]];
/** From this radius on, signs are drawn one by one. */
const SINGLE = 2.1;
/** How fast a shade closes: one point covers 1 - exp(-GAIN) of its middle. */
const GAIN = 1.15;
const FAINT = 0.008;
const SHADES = 1024; // steps of the table of alphas, over weights 0 .. 8
const OPAQUE = 255 << 24;
const DARKEST = 0.72; // what is left of a colour where objects crowd
const CROWD = Math.log2(200);

export function radiusAt(zoom) {
  if (zoom <= RADII[0][0]) return RADII[0][1];
  for (let i = 1; i < RADII.length; i++) {
    const [z0, r0] = RADII[i - 1];
    const [z1, r1] = RADII[i];
    if (zoom <= z1) return r0 + ((zoom - z0) / (z1 - z0)) * (r1 - r0);
  }
  return RADII.at(-1)[1];
}
export const isSingle = (zoom) => radiusAt(zoom) >= SINGLE;

/** Calls `take(start, end)` for runs of points whose cells meet the box, in steps of the 2**26 grid. */
export function visit(points, box, take) {
  const { x0, y0, shift, side, starts, count } = points;
  if (!count) return;
  const west = Math.max(0, (Math.floor(box.west) - x0) >> shift);
  const north = Math.max(0, (Math.floor(box.north) - y0) >> shift);
  const east = Math.min(side - 1, (Math.ceil(box.east) - x0) >> shift);
  const south = Math.min(side - 1, (Math.ceil(box.south) - y0) >> shift);
  if (east < west || south < north) return;
  if (west === 0 && north === 0 && east === side - 1 && south === side - 1) {
    take(0, count);
    return;
  }
  for (let row = north; row <= south; row++) {
    const high = spread(row) << 1;
    for (let col = west; col <= east; col++) {
      const key = high | spread(col);
      if (starts[key + 1] > starts[key]) take(starts[key], starts[key + 1]);
    }
  }
}

/** The point nearest to a place, not farther than `reach` steps, of those `lut` shows; null for none. */
export function nearest(sets, x, y, reach) {
  let best = null;
  let limit = reach * reach;
  const box = { west: x - reach, east: x + reach, north: y - reach, south: y + reach };
  for (const { points, lut } of sets) {
    visit(points, box, (start, end) => {
      for (let i = start; i < end; i++) {
        const dx = points.x[i] - x;
        const dy = points.y[i] - y;
        const away = dx * dx + dy * dy;
        if (away <= limit && lut[points.combo[i]] >= 0) {
          limit = away;
          best = { points, i };
        }
      }
    });
  }
  return best;
}

export class Dots {
  constructor() {
    this.width = this.height = 0;
    this.sprites = new Map();
    this.kernels = new Map();
  }

  #room(width, height) {
    if (this.width === width && this.height === height) return;
    this.width = width;
    this.height = height;
    this.image = null;
    this.slots = null;
    this.last = null;
  }

  /**
   * `sets`: {points, lut, weight, skip}; view: px = (step * s + t) * scale; `order`: classes, the lowest first; `ground`:
   * `pixels(clip)`, what lies below, as ImageData. Its `token` and the other stand for everything but the view: while they
   * are the same, a pan moves what is there and draws only what comes in.
   */
  draw(target, view, sets, classes, order, token, ground) {
    const width = Math.round(view.size.x * view.scale);
    const height = Math.round(view.size.y * view.scale);
    this.#room(width, height);
    const radius = radiusAt(view.zoom);
    const place = { a: view.s * view.scale, bx: view.tx * view.scale, by: view.ty * view.scale };
    const single = radius >= SINGLE;
    const reach = single ? 0 : this.#kernel(radius * view.scale).reach;
    for (const clip of this.#exposed(place, `${token} ${ground.token}`, reach)) {
      this.#lay(ground.pixels(clip), clip);
      if (single) this.#signs(place, sets, classes, order, radius * view.scale, clip);
      else this.#shades(place, sets, classes, radius * view.scale, clip);
    }
    target.putImageData(this.image, 0, 0);
  }

  /** The ground, opaque, in a rectangle that is going to be drawn. */
  #lay(below, { west, north, east, south }) {
    const { width, height } = this;
    if (east - west === width && south - north === height) {
      this.image = below;
      this.pixels = new Uint32Array(below.data.buffer);
      return;
    }
    const from = new Uint32Array(below.data.buffer);
    const side = east - west;
    for (let row = north; row < south; row++) this.pixels.set(from.subarray((row - north) * side, (row - north + 1) * side), row * width + west);
  }

  /** Moves what the last drawing has in common with this one; the rectangles that are left to draw. */
  #exposed(place, token, reach) {
    const { width, height, last } = this;
    this.last = { ...place, token };
    const whole = [{ west: 0, north: 0, east: width, south: height }];
    if (!last || last.token !== token || last.a !== place.a) return whole;
    const dx = place.bx - last.bx;
    const dy = place.by - last.by;
    if (!Number.isInteger(dx) || !Number.isInteger(dy) || Math.abs(dx) > width / 2 || Math.abs(dy) > height / 2) return whole;
    const offset = dy * width + dx;
    if (offset > 0) this.pixels.copyWithin(offset, 0, this.pixels.length - offset);
    else this.pixels.copyWithin(0, -offset);
    // Near its edge the last drawing lacked the shine of what lay outside.
    const left = dx > 0 ? dx + reach : 0;
    const right = dx < 0 ? width + dx - reach : width;
    const strips = [];
    if (dx > 0) strips.push({ west: 0, north: 0, east: left, south: height });
    if (dx < 0) strips.push({ west: right, north: 0, east: width, south: height });
    if (dy > 0) strips.push({ west: left, north: 0, east: right, south: dy + reach });
    if (dy < 0) strips.push({ west: left, north: height + dy - reach, east: right, south: height });
    return strips;
  }

  // ---- far out

  #shades(place, sets, classes, radius, clip) {
    const { width, height, pixels } = this;
    const kernel = this.#kernel(radius);
    const { reach } = kernel;
    // Points outside the rectangle shine into it.
    const wide = {
      west: Math.max(0, clip.west - reach),
      north: Math.max(0, clip.north - reach),
      east: Math.min(width, clip.east + reach),
      south: Math.min(height, clip.south + reach),
    };
    // Most pixels stay empty: numbers are kept for those that get something, and `slots` tells where. One function for
    // each step, because a browser makes a small one fast while it runs for the first time.
    const slots = (this.slots ??= new Int32Array(width * height));
    const most = Math.min(slots.length, sets.reduce((sum, { points }) => sum + points.count, 0));
    const counts = (this.counts = roomFor(this.counts, Uint16Array, most * classes.length));
    const touched = gather(slots, counts, classes.length, width, place, sets, wide);
    const sums = (this.sums = roomFor(this.sums, Float32Array, 4 * Math.min(slots.length, touched.length * kernel.weights.length)));
    const filled = shine(touched, counts, classes, slots, sums, width, kernel, clip);
    tint(filled, slots, sums, pixels);
  }

  /** How far a point shines: its own disc, with a faint edge that only many points together make visible. */
  #kernel(radius) {
    const key = Math.round(radius * 20);
    if (!this.kernels.has(key)) {
      const spreadOut = 2 * (0.5 * radius + 0.33) ** 2;
      const reach = Math.max(1, Math.ceil(Math.sqrt(-spreadOut * Math.log(FAINT)) - 0.2));
      const weights = [];
      for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++) {
          const weight = Math.exp(-(dx * dx + dy * dy) / spreadOut);
          if (weight >= FAINT) weights.push([dx, dy, weight]);
        }
      this.kernels.set(key, { reach, weights });
    }
    return this.kernels.get(key);
  }

  // ---- close up

  #signs({ a, bx, by }, sets, classes, order, radius, clip) {
    const { width, pixels } = this;
    const sprites = classes.map((one) => this.#sprite(one, radius));
    const { size } = sprites[0];
    const half = size >> 1;
    const box = {
      west: (clip.west - half - bx) / a,
      north: (clip.north - half - by) / a,
      east: (clip.east + half - bx) / a,
      south: (clip.south + half - by) / a,
    };
    // The most frequent class lies lowest, so that the few others are not buried under it.
    for (const group of order)
      for (const { points, lut, skip } of sets) {
      const { x, y, combo, village, first } = points;
      visit(points, box, (start, end) => {
        for (let i = start; i < end; i++) {
          if (lut[combo[i]] !== group) continue;
          const left = Math.floor(x[i] * a + bx + 0.5) - half;
          const top = Math.floor(y[i] * a + by + 0.5) - half;
          if (left + size <= clip.west || top + size <= clip.north || left >= clip.east || top >= clip.south) continue;
          if (skip && skip[first + village[i]]) continue;
          stamp(pixels, width, clip, sprites[group], left, top);
        }
      });
    }
  }

  #sprite(look, radius) {
    const key = `${look.shape}|${look.color}|${Math.round(radius * 4)}`;
    if (!this.sprites.has(key)) {
      const rim = Math.max(0, Math.min(1.3, 0.25 * (radius - 1.8))); // small signs would drown in their rims
      const size = 2 * Math.ceil(radius + rim + 1) + 1;
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = size;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      context.translate(size / 2, size / 2);
      drawSign(context, look, radius, rim);
      const data = new Uint32Array(context.getImageData(0, 0, size, size).data.buffer);
      this.sprites.set(key, { size, data });
    }
    return this.sprites.get(key);
  }
}

/** The array, or a longer one; both hold nothing but zeros between two drawings. */
const roomFor = (array, Kind, length) => (array && array.length >= length ? array : new Kind(length));

/** Counts the points of each class in every pixel of a rectangle; the pixels that have any, in the order of their slots. */
function gather(slots, counts, many, width, { a, bx, by }, sets, { west, north, east, south }) {
  const touched = [];
  const box = { west: (west - bx) / a, north: (north - by) / a, east: (east - bx) / a, south: (south - by) / a };
  for (const { points, lut, weight, skip } of sets) {
    const { x, y, combo, village, first } = points;
    visit(points, box, (start, end) => {
      for (let i = start; i < end; i++) {
        const group = lut[combo[i]];
        if (group < 0) continue;
        const px = Math.floor(x[i] * a + bx);
        const py = Math.floor(y[i] * a + by);
        if (px < west || py < north || px >= east || py >= south) continue;
        if (skip && skip[first + village[i]]) continue;
        const at = py * width + px;
        let slot = slots[at];
        if (slot === 0) {
          touched.push(at);
          slot = slots[at] = touched.length;
        }
        const cell = (slot - 1) * many + group;
        const sum = counts[cell] + weight;
        counts[cell] = sum > 65535 ? 65535 : sum;
      }
    });
  }
  for (let t = 0; t < touched.length; t++) slots[touched[t]] = 0;
  return touched;
}

/** Empties the counts and lets each of their pixels shine on those around it; the pixels that got any. */
function shine(touched, counts, classes, slots, sums, width, { reach, weights }, { west, north, east, south }) {
  const many = classes.length;
  const colours = classes.map((one) => one.rgb);
  const steps = Int32Array.from(weights, ([dx, dy]) => dy * width + dx);
  const shares = Float32Array.from(weights, ([, , share]) => share);
  const filled = [];
  for (let t = 0; t < touched.length; t++) {
    const at = touched[t];
    let n = 0;
    let whole = 0;
    let r = 0;
    let g = 0;
    let b = 0;
    for (let group = 0, cell = t * many; group < many; group++, cell++) {
      const k = counts[cell];
      if (k === 0) continue;
      counts[cell] = 0;
      // Squares let the greater part of a mixed pixel keep its own colour instead of a muddy middle.
      const heavy = k * k;
      const colour = colours[group];
      n += k;
      whole += heavy;
      r += heavy * colour[0];
      g += heavy * colour[1];
      b += heavy * colour[2];
    }
    const even = n / whole;
    r *= even;
    g *= even;
    b *= even;
    const px = at % width;
    const py = (at - px) / width;
    const inside = px >= west + reach && px < east - reach && py >= north + reach && py < south - reach;
    for (let k = 0; k < steps.length; k++) {
      if (!inside) {
        const col = px + weights[k][0];
        const row = py + weights[k][1];
        if (col < west || col >= east || row < north || row >= south) continue;
      }
      const pixel = at + steps[k];
      let slot = slots[pixel];
      if (slot === 0) {
        filled.push(pixel);
        slot = slots[pixel] = filled.length;
      }
      const sum = 4 * (slot - 1);
      const share = shares[k];
      sums[sum] += n * share;
      sums[sum + 1] += r * share;
      sums[sum + 2] += g * share;
      sums[sum + 3] += b * share;
    }
  }
  return filled;
}

/** Empties the sums and lays them over the pixels, the darker the more points they come from. */
function tint(filled, slots, sums, pixels) {
  for (let f = 0, sum = 0; f < filled.length; f++, sum += 4) {
    const n = sums[sum];
    const step = (n * (SHADES / 8)) | 0;
    const alpha = step >= SHADES ? 255 : ALPHAS[step];
    const dark = n <= 1 ? 1 : Math.max(DARKEST, 1 - ((1 - DARKEST) * Math.log2(n)) / CROWD);
    const k = dark / n;
    const pixel = filled[f];
    const under = pixels[pixel];
    const over = (alpha * k) / 255;
    const rest = 1 - alpha / 255;
    const r = sums[sum + 1] * over + (under & 255) * rest;
    const g = sums[sum + 2] * over + ((under >>> 8) & 255) * rest;
    const b = sums[sum + 3] * over + ((under >>> 16) & 255) * rest;
    pixels[pixel] = OPAQUE | (b << 16) | (g << 8) | r;
    sums[sum] = sums[sum + 1] = sums[sum + 2] = sums[sum + 3] = 0;
    slots[pixel] = 0;
  }
}

const ALPHAS = Uint8Array.from({ length: SHADES }, (_, step) => Math.round(255 * (1 - Math.exp((-GAIN * step * 8) / SHADES))));

/** A sign around the origin: its colour with a white rim; "ring" is hollow, "small" a plain little disc. */
export function drawSign(context, { shape, color }, radius, rim) {
  const outline = (r) => {
    context.beginPath();
    if (shape === "square") context.rect(-r * 0.88, -r * 0.88, r * 1.76, r * 1.76);
    else if (shape === "diamond") polygon(context, [[0, -r * 1.2], [r * 1.2, 0], [0, r * 1.2], [-r * 1.2, 0]]);
    else if (shape === "triangle") polygon(context, [[0, -r * 1.15], [r * 1.1, r * 0.85], [-r * 1.1, r * 0.85]]);
    else context.arc(0, 0, shape === "small" ? r * 0.8 : r, 0, 2 * Math.PI);
  };
  outline(radius);
  if (rim > 0) {
    context.strokeStyle = "#ffffff";
    context.lineWidth = 2 * rim;
    context.lineJoin = "round";
    context.stroke();
  }
  context.fillStyle = color;
  context.fill();
  if (shape === "ring") {
    context.beginPath();
    context.arc(0, 0, radius * 0.48, 0, 2 * Math.PI);
    context.fillStyle = "#ffffff";
    context.fill();
  }
}

function polygon(context, corners) {
  corners.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
}

/** Lays a sprite over the pixels; full and empty pixels of it cost one step each. */
function stamp(pixels, width, clip, { size, data }, left, top) {
  const x0 = left < clip.west ? clip.west - left : 0;
  const y0 = top < clip.north ? clip.north - top : 0;
  const x1 = left + size > clip.east ? clip.east - left : size;
  const y1 = top + size > clip.south ? clip.south - top : size;
  for (let row = y0; row < y1; row++) {
    let from = row * size + x0;
    let to = (top + row) * width + left + x0;
    for (let col = x0; col < x1; col++, from++, to++) {
      const over = data[from];
      const alpha = over >>> 24;
      if (alpha === 0) continue;
      pixels[to] = alpha === 255 ? over : blend(over, alpha, pixels[to]);
    }
  }
}

/** A pixel over an opaque one. */
function blend(over, alpha, under) {
  const a = alpha / 255;
  const mix = (shift) => ((over >>> shift) & 255) * a + ((under >>> shift) & 255) * (1 - a);
  return OPAQUE | (mix(16) << 16) | (mix(8) << 8) | mix(0);
}
