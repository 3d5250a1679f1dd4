// One layer of the catalogue: its features and the values of their fields.

import { boxOf } from "./geometry.js";

export function createLayer(layer, features) {
  const column = new Map(layer.fields.map((field, index) => [field.name, layer.columns[index]]));
  const value = (name, row) => {
    const found = column.get(name);
    if (!found) return null;
    if (Array.isArray(found)) return found[row];
    return found.v[row] < 0 ? null : found.k[found.v[row]];
  };
  const boxes = features.map((feature) => (feature.kind ? boxOf(feature.parts) : null));
  const tally = (name) => {
    const made = new Map();
    for (let row = 0; row < layer.rows; row++) {
      const key = value(name, row);
      made.set(key, (made.get(key) ?? 0) + 1);
    }
    return made;
  };
  return {
    ...layer,
    features,
    boxes,
    value,
    tally,
    has: (name) => column.has(name),
    hasKind: (kind) => features.some((feature) => feature.kind === kind),
  };
}
