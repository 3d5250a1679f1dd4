// Who decodes: a worker made from the page's own text, or the page itself where the browser refuses workers.

import { decodePoints, fromBase64, inflate } from "./decode.js";

/* global HOUSEHOLDS_WORKER -- the built worker as text, put in by build.mjs */

// A worker keeps some megabytes for every block it has decoded; after so many a new one takes its place.
const LIFE = 16;

/**
 * `decode(block)` takes base64 text or bytes; `off` tells whether it happens off the page's thread. `first` is base64
 * text that stands in the worker's own script: a message would wait until the page's thread has time for it. `decoded`
 * is what comes of it.
 */
export function createDecoder(first = null) {
  const waiting = new Map();
  let next = 0;
  let worker = null;
  let refused = false;
  let left = 0;
  const here = async (block) => decodePoints(await inflate(typeof block === "string" ? fromBase64(block) : block));
  const abandon = () => {
    worker = null;
    refused = true;
    for (const [id, { block, resolve, reject }] of waiting) {
      waiting.delete(id);
      here(block).then(resolve, reject);
    }
  };
  const close = () => {
    worker?.terminate();
    worker = null;
  };
  const start = (text = null) => {
    try {
      const source = [HOUSEHOLDS_WORKER, ...(text === null ? [] : ['begin("', text, '");'])];
      const address = URL.createObjectURL(new Blob(source, { type: "text/javascript" }));
      worker = new Worker(address);
      left = LIFE;
      worker.onerror = abandon; // it never started: what was asked of it is done here
      worker.onmessage = ({ data: { id, points, error } }) => {
        if (id < 0) {
          URL.revokeObjectURL(address);
          return;
        }
        const { resolve, reject } = waiting.get(id);
        waiting.delete(id);
        left -= 1;
        if (left <= 0 && waiting.size === 0) close();
        if (error) reject(new Error(error));
        else resolve(points);
      };
    } catch {
      abandon();
    }
  };
  const ask = (block, say) =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, { block, resolve, reject });
      say?.(id);
    });
  const decoded = first === null ? null : ask(first);
  decoded?.catch(() => {}); // whoever waits for it tells what went wrong
  start(first);
  return {
    decoded,
    get off() {
      return !refused;
    },
    decode(block) {
      if (worker === null && !refused) start();
      return refused ? here(block) : ask(block, (id) => worker.postMessage({ id, block }));
    },
    close,
  };
}
