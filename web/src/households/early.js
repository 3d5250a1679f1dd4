// The page's first script: it starts the worker as soon as the browser has read the points, so that they are decoded
// while it reads Leaflet and everything else.

import { take } from "./blocks.js";
import { createDecoder } from "./decoder.js";

window.ntmgis = {
  createDecoder,
  decoder: null,
  /** Called right behind the block of points, where it is not sealed. */
  begin() {
    this.decoder = createDecoder(take("points"));
  },
};
