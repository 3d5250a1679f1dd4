// Chains of grid steps: simplified once per zoom band, turned into paths, and hit.

/**
 * Zoom bands: below `zoom`, `tolerance` grid steps (1.16 m each) are under half a pixel. One more than the coarser levels
 * of ntmgis.show.web.coverage, the coarsest first.
 */
const BANDS = [
  { zoom: 8.75, tolerance: 150 },
  { zoom: 9.75, tolerance: 75 },
  { zoom: 10.75, tolerance: 38 },
  { zoom: 11.75, tolerance: 19 },
  { zoom: Infinity, tolerance: 0 },
];
export const bandOf = (zoom) => BANDS.findIndex((band) => zoom < band.zoom);
export const BAND_COUNT = BANDS.length;
export const FINEST = BANDS.length - 1;

/** The vertices of a chain that a band has, by their ranks: the coarsest level that still has them, counted from 0. */
export function thin(line, ranks, band) {
  const least = BAND_COUNT - 1 - band;
  if (least === 0) return line;
  const made = new Int32Array(line.length);
  let size = 0;
  for (let i = 0; i < ranks.length; i++) {
    if (ranks[i] < least) continue;
    made[size++] = line[2 * i];
    made[size++] = line[2 * i + 1];
  }
  return made.slice(0, size);
}

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

/**
 * Chains as paths, one for each part of the country, so that from close up only the parts in view are drawn. `chains` are
 * arrays of steps; `closed` ones are areas.
 */
export class Parts {
  constructor(chains, { closed = false, cells = 1 } = {}) {
    this.cells = new Map();
    const side = cells > 1 ? boxOf(chains) : null;
    for (const line of chains) {
      const own = boxOf([line]);
      const key = side ? cellOf(own, side, cells) : 0;
      let cell = this.cells.get(key);
      if (!cell) this.cells.set(key, (cell = { box: { ...own }, path: new Path2D() }));
      grow(cell.box, own);
      trace(cell.path, line);
      if (closed) cell.path.closePath();
    }
  }

  /** Calls `draw` with the path of every part that meets a box. */
  each(box, draw) {
    for (const cell of this.cells.values()) if (meets(cell.box, box)) draw(cell.path);
  }
}

/** From far out everything is in view, and one path is drawn faster than many. */
export const cellsOf = (band) => (band < 2 ? 1 : 6);

function cellOf(own, all, cells) {
  const at = (low, high, from, to) => Math.min(cells - 1, Math.floor((cells * ((low + high) / 2 - from)) / (to - from + 1)));
  return at(own.north, own.south, all.north, all.south) * cells + at(own.west, own.east, all.west, all.east);
}

function grow(box, other) {
  box.west = Math.min(box.west, other.west);
  box.north = Math.min(box.north, other.north);
  box.east = Math.max(box.east, other.east);
  box.south = Math.max(box.south, other.south);
}

/** Communes as paths of shared arcs, one set per zoom band, made when first needed. */
export class Coverage {
  constructor({ lines, kinds, rings, ranks = null }) {
    this.kinds = kinds;
    this.rings = rings;
    this.ranks = ranks;
    this.levels = Array.from({ length: BAND_COUNT }, () => null);
    this.lines = lines;
    this.boxes = rings.map((polygon) => boxOf(polygon.flat().map((reference) => lines[reference >> 1])));
  }

  level(band) {
    return (this.levels[band] ??= this.#make(band));
  }

  /** The arcs as a band has them: chosen beforehand where there are ranks. */
  linesOf(band) {
    return this.lines.map((line, index) => (this.ranks ? thin(line, this.ranks[index], band) : simplify(line, band)));
  }

  #make(band) {
    const lines = this.linesOf(band);
    const polygons = this.rings.map((polygon) => {
      const path = new Path2D();
      for (const ring of polygon) ringPath(path, ring, lines);
      return path;
    });
    const ofKind = (kind) => lines.filter((_, index) => this.kinds[index] === kind);
    const once = (make) => {
      let made = null;
      return () => (made ??= [0, 1, 2].map((kind) => make(ofKind(kind))));
    };
    const whole = once((chains) => {
      const path = new Path2D();
      for (const line of chains) trace(path, line);
      return path;
    });
    const parts = once((chains) => new Parts(chains, { cells: cellsOf(band) }));
    return {
      polygons,
      /** Borders by kind, each kind one path. */
      get borders() {
        return whole();
      },
      /** The same in parts. */
      get parts() {
        return parts();
      },
    };
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
