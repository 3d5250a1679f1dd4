// Chains of grid steps: simplified once per zoom band, turned into paths, and hit.

/** Zoom bands: below `zoom`, `tolerance` grid steps (1.16 m each) are under half a pixel. */
const BANDS = [
  { zoom: 9.75, tolerance: 75 },
  { zoom: 11.5, tolerance: 20 },
  { zoom: Infinity, tolerance: 0 },
];
export const bandOf = (zoom) => BANDS.findIndex((band) => zoom < band.zoom);
export const BAND_COUNT = BANDS.length;

/** Douglas-Peucker on one chain; both ends stay, so that arcs that meet still meet. A closed chain keeps four points. */
export function simplify(line, band) {
  const tolerance = BANDS[band].tolerance;
  const count = line.length / 2;
  if (tolerance === 0 || count <= 2) return line;
  const keep = new Uint8Array(count);
  keep[0] = keep[count - 1] = 1;
  const closed = line[0] === line[2 * count - 2] && line[1] === line[2 * count - 1];
  const stack = closed ? [] : [[0, count - 1]];
  if (closed) {
    const thirds = [0, Math.floor(count / 3), Math.floor((2 * count) / 3), count - 1];
    for (let i = 0; i < 3; i++) {
      keep[thirds[i]] = 1;
      stack.push([thirds[i], thirds[i + 1]]);
    }
  }
  const limit = tolerance * tolerance;
  while (stack.length) {
    const [first, last] = stack.pop();
    let worst = limit;
    let index = -1;
    for (let i = first + 1; i < last; i++) {
      const away = squaredDistance(line[2 * i], line[2 * i + 1], line, first, last);
      if (away > worst) {
        worst = away;
        index = i;
      }
    }
    if (index > 0) {
      keep[index] = 1;
      stack.push([first, index], [index, last]);
    }
  }
  const made = [];
  for (let i = 0; i < count; i++) if (keep[i]) made.push(line[2 * i], line[2 * i + 1]);
  return Int32Array.from(made);
}

function squaredDistance(px, py, line, a, b) {
  const ax = line[2 * a];
  const ay = line[2 * a + 1];
  const dx = line[2 * b] - ax;
  const dy = line[2 * b + 1] - ay;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length));
  const ex = px - ax - t * dx;
  const ey = py - ay - t * dy;
  return ex * ex + ey * ey;
}

/** Squared distance in grid steps from a point to a chain. */
export function chainDistance(px, py, line) {
  let best = Infinity;
  for (let i = 0; i + 1 < line.length / 2; i++) best = Math.min(best, squaredDistance(px, py, line, i, i + 1));
  return best;
}

export function boxOf(chains) {
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const line of chains) {
    for (let i = 0; i < line.length; i += 2) {
      west = Math.min(west, line[i]);
      east = Math.max(east, line[i]);
      north = Math.min(north, line[i + 1]);
      south = Math.max(south, line[i + 1]);
    }
  }
  return { west, north, east, south };
}

export const meets = (a, b) => a.west <= b.east && a.east >= b.west && a.north <= b.south && a.south >= b.north;

export function trace(path, line) {
  path.moveTo(line[0], line[1]);
  for (let i = 2; i < line.length; i += 2) path.lineTo(line[i], line[i + 1]);
}

/** Communes as paths of shared arcs, one set per zoom band, made when first needed. */
export class Coverage {
  constructor({ lines, kinds, rings }) {
    this.kinds = kinds;
    this.rings = rings;
    this.levels = Array.from({ length: BAND_COUNT }, () => null);
    this.lines = lines;
    this.boxes = rings.map((polygon) => boxOf(polygon.flat().map((reference) => lines[reference >> 1])));
  }

  level(band) {
    return (this.levels[band] ??= this.#make(band));
  }

  #make(band) {
    const lines = this.lines.map((line) => simplify(line, band));
    const polygons = this.rings.map((polygon) => {
      const path = new Path2D();
      for (const ring of polygon) ringPath(path, ring, lines);
      return path;
    });
    const borders = [new Path2D(), new Path2D(), new Path2D()];
    lines.forEach((line, index) => trace(borders[this.kinds[index]], line));
    return { polygons, borders };
  }
}

function ringPath(path, ring, lines) {
  let started = false;
  for (const reference of ring) {
    const line = lines[reference >> 1];
    const count = line.length / 2;
    for (let step = started ? 1 : 0; step < count; step++) {
      const i = reference & 1 ? count - 1 - step : step;
      if (started) path.lineTo(line[2 * i], line[2 * i + 1]);
      else path.moveTo(line[2 * i], line[2 * i + 1]);
      started = true;
    }
  }
  path.closePath();
}
