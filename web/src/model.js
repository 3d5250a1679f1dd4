// What the page knows, with the questions the panels ask.

import { fold, foldName } from "./fold.js";
import { boxOf, Coverage } from "./geometry.js";

export function createModel({ facts, villages, layers, shapes }) {
  const { communes, districts, states } = facts;
  const stateIndex = new Map(states.map((state, index) => [state, index]));
  const notReported = stateIndex.get("not_reported");
  const notApplicable = stateIndex.get("not_applicable");
  const villagesOf = communes.code.map(() => []);
  villages.commune.forEach((commune, index) => {
    if (commune >= 0) villagesOf[commune].push(index);
  });
  const coverage = new Coverage(shapes.communes);

  // Reporting dates before the current one, then the current one with the tiers of the facts.
  const current = { as_of: facts.page.data_day, tier: communes.tier, current: true };
  const past = facts.history
    .filter((one) => one.as_of < current.as_of)
    .map((one) => ({
      as_of: one.as_of,
      tier: one.tier.map((tier, i) => (tier >= 0 ? tier : communes.rural[i] ? notReported : notApplicable)),
      current: false,
    }));
  const periods = [...past, current];

  const model = {
    facts,
    communes,
    districts,
    villages,
    villagesOf,
    coverage,
    periods,
    states,
    stateIndex,
    villageArcs: shapes.villages,
    palette: states.map((state) => ({ state, ...facts.symbols.tier[state], words: facts.symbols.tier_words[state] })),
    layers: layers.map((layer, index) => createLayer(layer, shapes.layers[index])),
    communeByCode: new Map(communes.code.map((code, index) => [code, index])),
    tiersAt: (period) => periods[period].tier,
    counts(period) {
      const made = states.map(() => 0);
      for (const tier of periods[period].tier) made[tier] += 1;
      return made;
    },
    shortName: (index) => shorten(communes.name[index] ?? "", communes.kind[index]),
    districtName: (index) => (communes.district[index] >= 0 ? districts.name[communes.district[index]] : ""),
  };
  model.searchable = searchable(model);
  return model;
}

/** "Xã Hà Mòn" → "Hà Mòn", "Thị trấn Plei Kần" → "TT Plei Kần": what fits on a map. */
function shorten(name, kind) {
  const short = { xã: "", phường: "P. ", "thị trấn": "TT ", "đặc khu": "ĐK " }[kind];
  const head = `${kind ?? ""} `;
  if (short === undefined || name.toLowerCase().indexOf(head) !== 0) return name;
  return short + name.slice(head.length);
}

function createLayer(layer, features) {
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

function searchable(model) {
  const { communes, districts, villages } = model;
  const made = [];
  communes.name.forEach((name, i) =>
    made.push({
      kind: "commune",
      index: i,
      name: name ?? communes.code[i],
      where: model.districtName(i),
      code: communes.code[i],
      key: foldName(name ?? ""),
      text: fold(`${name ?? ""} ${model.districtName(i)} ${communes.code[i]}`),
    }),
  );
  districts.name.forEach((name, i) =>
    made.push({
      kind: "district",
      index: i,
      name,
      where: "",
      code: districts.code[i],
      key: foldName(name ?? ""),
      text: fold(`${name} ${districts.code[i]}`),
    }),
  );
  villages.name.forEach((name, i) => {
    const commune = villages.commune[i];
    const where = commune >= 0 ? [model.communes.name[commune], model.districtName(commune)].filter(Boolean).join(", ") : "";
    made.push({
      kind: "village",
      index: i,
      name: name ?? villages.code[i],
      where,
      code: villages.code[i],
      key: foldName(name ?? ""),
      text: fold(`${name ?? ""} ${where} ${villages.code[i]}`),
    });
  });
  return made;
}

const ORDER = { commune: 0, district: 1, village: 2 };

/** Units that answer a query, best first: the whole name, then its beginning, then all words somewhere. */
export function find(model, query, limit = 30) {
  const folded = fold(query);
  if (!folded) return [];
  const bare = foldName(query);
  const words = folded.split(" ");
  const found = [];
  for (const unit of model.searchable) {
    let score = -1;
    if (fold(unit.code) === folded) score = 0;
    else if (unit.key === bare || unit.key === folded) score = 1;
    else if (unit.key.startsWith(bare)) score = 2;
    else if (words.every((word) => ` ${unit.text}`.includes(` ${word}`))) score = 3;
    else if (words.every((word) => unit.text.includes(word))) score = 4;
    if (score >= 0) found.push({ unit, score });
  }
  found.sort(
    (a, b) => a.score - b.score || ORDER[a.unit.kind] - ORDER[b.unit.kind] || (a.unit.code < b.unit.code ? -1 : 1),
  );
  return found.slice(0, limit).map((one) => one.unit);
}

/** The headline of a period, by the rule of ntmgis.show.words.headline. */
export function headline(model, words, period) {
  if (model.periods[period].current) return words.pick(model.facts.page.title);
  const counts = model.counts(period);
  const of = (state) => counts[model.stateIndex.get(state)];
  const met = of("ntm") + of("advanced") + of("model");
  const silent = of("not_reported");
  const rural = met + of("not_yet") + silent;
  const date = words.day(model.periods[period].as_of);
  const pair =
    silent === rural
      ? {
          vi: `Chưa có số liệu nông thôn mới của ${words.number(rural)} xã, đến ${date}`,
          en: `NTM status of ${words.number(rural)} communes not reported, as of ${date}`,
        }
      : {
          vi: `${silent ? "Ít nhất " : ""}${words.number(met)}/${words.number(rural)} xã đạt chuẩn nông thôn mới, đến ${date}`,
          en: `${silent ? "At least " : ""}${words.number(met)} of ${words.number(rural)} communes meet the NTM standard, as of ${date}`,
        };
  return words.pick(pair);
}
