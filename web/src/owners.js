// Which commune owns a place, to some hundred metres: asked thousands of times when names look for room.

const SIDE = 1000; // cells along the longer side
const BAND = 1; // of the borders: finer ones would not move a cell

/** A raster of the communes of one epoch. */
export class Owners {
  constructor(coverage) {
    const least = (side) => Math.min(...coverage.boxes.map((box) => box[side]));
    const most = (side) => Math.max(...coverage.boxes.map((box) => box[side]));
    this.west = least("west");
    this.north = least("north");
    const [width, height] = [most("east") - this.west, most("south") - this.north];
    this.step = Math.max(width, height, 1) / SIDE;
    this.columns = Math.ceil(width / this.step) + 1;
    this.rows = Math.ceil(height / this.step) + 1;
    this.cells = new Uint16Array(this.columns * this.rows); // index + 1; 0 for nobody
    const lines = coverage.linesOf(BAND);
    coverage.rings.forEach((polygon, index) => this.#fill(index + 1, polygon.flat().map((reference) => lines[reference >> 1])));
  }

  /** Even-odd, row by row: the direction of the lines does not matter. */
  #fill(owner, lines) {
    const crossings = new Map();
    for (const line of lines)
      for (let i = 2; i < line.length; i += 2) {
        const [x1, y1, x2, y2] = [line[i - 2], this.#row(line[i - 1]), line[i], this.#row(line[i + 1])];
        for (let row = Math.ceil(Math.min(y1, y2)); row < Math.max(y1, y2); row++) {
          if (!crossings.has(row)) crossings.set(row, []);
          crossings.get(row).push(x1 + ((row - y1) / (y2 - y1)) * (x2 - x1));
        }
      }
    for (const [row, places] of crossings) {
      places.sort((a, b) => a - b);
      for (let i = 0; i + 1 < places.length; i += 2) {
        const from = row * this.columns + Math.ceil((places[i] - this.west) / this.step - 0.5);
        const to = row * this.columns + Math.ceil((places[i + 1] - this.west) / this.step - 0.5);
        this.cells.fill(owner, from, to);
      }
    }
  }

  #row(y) {
    return (y - this.north) / this.step - 0.5;
  }

  #at(column, row) {
    return column < 0 || row < 0 || column >= this.columns || row >= this.rows ? 0 : this.cells[row * this.columns + column];
  }

  #column(x) {
    return Math.floor((x - this.west) / this.step);
  }

  /** Whether a place (grid steps) belongs to a commune. */
  owns(index, x, y) {
    return this.#at(this.#column(x), Math.floor((y - this.north) / this.step)) === index + 1;
  }

  /** Whether a whole box (grid steps) does; its rim is enough, communes having no holes of a name's size. */
  holds(index, west, north, east, south) {
    const owner = index + 1;
    const [left, right] = [this.#column(west), this.#column(east)];
    const [top, bottom] = [Math.floor((north - this.north) / this.step), Math.floor((south - this.north) / this.step)];
    // Most boxes that do not fit fail at a corner.
    if (this.#at(left, top) !== owner || this.#at(right, bottom) !== owner || this.#at(right, top) !== owner || this.#at(left, bottom) !== owner) return false;
    for (let column = left + 1; column < right; column++) if (this.#at(column, top) !== owner || this.#at(column, bottom) !== owner) return false;
    for (let row = top + 1; row < bottom; row++) if (this.#at(left, row) !== owner || this.#at(right, row) !== owner) return false;
    return true;
  }
}
