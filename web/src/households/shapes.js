// Outlines as ntmgis.show.web.households_meta writes them.

import { cellsOf, Coverage, Parts, simplify } from "../geometry.js";

export function readOutlines(bytes) {
  let at = 0;
  let x = 0;
  let y = 0;
  const next = () => {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  };
  const move = () => {
    const value = next();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  };
  const list = (read) => Array.from({ length: next() }, read);
  const coverage = () => {
    x = y = 0;
    const kinds = [];
    const lines = list(() => {
      kinds.push(next());
      const line = new Int32Array(2 * next());
      for (let i = 0; i < line.length; i += 2) {
        line[i] = x += move();
        line[i + 1] = y += move();
      }
      return line;
    });
    return { lines, kinds, rings: list(() => list(() => list(next))) };
  };
  return { communes: new Coverage(coverage()), villages: createLines(() => coverage().lines) };
}

/** Lines in parts per zoom band, read and made when first needed. */
function createLines(read) {
  const made = new Map();
  let lines = null;
  return {
    parts(band) {
      lines ??= read();
      if (!made.has(band))
        made.set(
          band,
          new Parts(
            lines.map((line) => simplify(line, band)),
            { cells: cellsOf(band) },
          ),
        );
      return made.get(band);
    },
  };
}
