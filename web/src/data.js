// The three data blocks of the page back into numbers.

import { BAND_COUNT } from "./geometry.js";

const text = (id) => document.getElementById(id).textContent;

async function inflate(base64) {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export async function readBlocks() {
  const [layers, shapes] = await Promise.all([inflate(text("ntmgis-layers")), inflate(text("ntmgis-shapes"))]);
  const facts = JSON.parse(text("ntmgis-facts"));
  const packed = JSON.parse(new TextDecoder().decode(layers));
  return { facts, ...packed, shapes: readShapes(shapes, packed.villages.length, packed.layers) };
}

/** Reads the stream that ntmgis.show.web.layers writes. */
function readShapes(bytes, sceneCount, layers) {
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
  const chain = () => {
    const count = next();
    const line = new Int32Array(2 * count);
    for (let i = 0; i < count; i++) {
      line[2 * i] = x += move();
      line[2 * i + 1] = y += move();
    }
    return line;
  };
  /** Three to a number; the ends of an arc have the highest rank there is. */
  const ranksOf = (lines) => {
    let left = 0;
    let packed = 0;
    return lines.map((line) => {
      const ranks = new Uint8Array(line.length / 2).fill(BAND_COUNT - 1);
      for (let i = 1; i + 1 < ranks.length; i++) {
        if (left === 0) [packed, left] = [next(), 3];
        ranks[i] = packed % BAND_COUNT;
        packed = Math.floor(packed / BAND_COUNT);
        left -= 1;
      }
      return ranks;
    });
  };
  const arcs = () => {
    const lines = [];
    const kinds = [];
    for (let left = next(); left > 0; left--) {
      kinds.push(next());
      lines.push(chain());
    }
    const ranks = ranksOf(lines);
    const rings = [];
    for (let left = next(); left > 0; left--) {
      const polygon = [];
      for (let ring = next(); ring > 0; ring--) {
        const references = [];
        for (let part = next(); part > 0; part--) references.push(next());
        polygon.push(references);
      }
      rings.push(polygon);
    }
    return { lines, kinds, ranks, rings };
  };
  const scenes = Array.from({ length: sceneCount }, () => ({ communes: arcs(), villages: arcs() }));
  const features = layers.map((layer) => {
    const made = [];
    for (let row = 0; row < layer.rows; row++) {
      const kind = next();
      const parts = [];
      if (kind) for (let left = next(); left > 0; left--) parts.push(chain());
      made.push({ kind, parts });
    }
    return made;
  });
  return { scenes, layers: features };
}
