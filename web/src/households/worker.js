// Inflates and decodes points beside the page, so that the page answers while a million of them come in.

import { buffersOf, decodePoints, fromBase64, inflate } from "./decode.js";

self.onmessage = async ({ data: { id, block } }) => {
  try {
    const points = decodePoints(await inflate(typeof block === "string" ? fromBase64(block) : block));
    self.postMessage({ id, points }, buffersOf(points));
  } catch (error) {
    self.postMessage({ id, error: String(error) });
  }
};
self.postMessage({ id: -1 });
/** What stands in the worker's own script is its first task. */
self.begin = (block) => self.onmessage({ data: { id: 0, block } });
