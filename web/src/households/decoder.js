// Who decodes: a worker made from the page's own text, or the page itself where the browser refuses workers.

import { decodePoints, fromBase64, inflate } from "./decode.js";

/* global HOUSEHOLDS_WORKER -- the built worker as text, put in by build.mjs */

/** `decode(block)` takes base64 text or bytes; `off` tells whether it happens off the page's thread. */
export function createDecoder() {
  const waiting = new Map();
  let next = 0;
  let worker = null;
  const here = async (block) => decodePoints(await inflate(typeof block === "string" ? fromBase64(block) : block));
  const abandon = () => {
    worker = null;
    for (const [id, { block, resolve, reject }] of waiting) {
      waiting.delete(id);
      here(block).then(resolve, reject);
    }
  };
  try {
    const address = URL.createObjectURL(new Blob([HOUSEHOLDS_WORKER], { type: "text/javascript" }));
    worker = new Worker(address);
    worker.onerror = abandon; // it never started: what was asked of it is done here
    worker.onmessage = ({ data: { id, points, error } }) => {
      if (id < 0) {
        URL.revokeObjectURL(address);
        return;
      }
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(points);
    };
  } catch {
    worker = null;
  }
  return {
    get off() {
      return worker !== null;
    },
    decode(block) {
      if (worker === null) return here(block);
      return new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { block, resolve, reject });
        worker.postMessage({ id, block });
      });
    },
    close() {
      worker?.terminate();
      worker = null;
    },
  };
}
