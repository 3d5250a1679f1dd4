// Search: units of the epoch in view first, then those of the others, without caring for case and diacritics.

import { fold, foldName } from "./fold.js";

const entries = new WeakMap();

function entriesOf(scene, withVillages) {
  const { communes, districts, villages } = scene;
  const made = [];
  const add = (kind, index, name, where, code) =>
    made.push({ kind, index, scene, name: name ?? code, where, code, full: fold(name ?? code), key: foldName(name ?? ""), text: fold(`${name ?? ""} ${where} ${code}`) });
  communes.name.forEach((name, i) => add("commune", i, name, scene.districtName(i), communes.code[i]));
  districts.name.forEach((name, i) => add("district", i, name, "", districts.code[i]));
  if (withVillages)
    villages.name.forEach((name, i) => {
      const commune = villages.commune[i];
      const where = commune >= 0 ? [communes.name[commune], scene.districtName(commune)].filter(Boolean).join(", ") : "";
      add("village", i, name, where, villages.code[i]);
    });
  return made;
}

function searchable(scene) {
  if (!entries.has(scene)) entries.set(scene, entriesOf(scene, true));
  return entries.get(scene);
}

const ORDER = { commune: 0, district: 1, village: 2 };

/**
 * Units that answer a query, best first: the whole name, then the name without its kind, then its beginning, then all words somewhere. Villages of other
 * epochs are left out: they are the same places.
 */
export function find(model, query, limit = 30) {
  const folded = fold(query);
  if (!folded) return [];
  const bare = foldName(query);
  const words = folded.split(" ");
  const found = [];
  for (const scene of model.scenes) {
    const here = scene === model.scene;
    for (const unit of searchable(scene)) {
      if (!here && unit.kind === "village") continue;
      let score = -1;
      if (fold(unit.code) === folded) score = 0;
      else if (unit.full === folded) score = 0.9; // "thôn 3" is Thôn 3 before Tổ dân phố 3
      else if (unit.key === bare || unit.key === folded) score = 1;
      else if (unit.key.startsWith(bare)) score = 2;
      else if (words.every((word) => ` ${unit.text}`.includes(` ${word}`))) score = 3;
      else if (words.every((word) => unit.text.includes(word))) score = 4;
      if (score >= 0) found.push({ unit, score: here ? score : score + 0.5, away: here ? 0 : 1 });
    }
  }
  found.sort(
    (a, b) =>
      a.score - b.score || a.away - b.away || ORDER[a.unit.kind] - ORDER[b.unit.kind] || (a.unit.code < b.unit.code ? -1 : 1),
  );
  return found.slice(0, limit).map((one) => one.unit);
}
