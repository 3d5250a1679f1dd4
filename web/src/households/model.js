// What the page knows and the questions its panels ask: classes of attributes, filters, counts, addresses, names.

import { fold, foldName } from "../fold.js";

export const ATTRIBUTES = ["has_code", "notified", "plated", "kind"];
// Columns of a combination, and how an address is told.
const COLUMN = { kind: 0, has_code: 1, notified: 2, plated: 3 };
const MODE = 4;
const USUAL = 1;
const UNUSUAL = 2;
const STATES = ["yes", "no", "unknown"];
const CLASS_OF_STATE = [1, 0, 2]; // a combination tells 0 no, 1 yes, 2 unknown

export function createModel(meta, outlines) {
  const { combos, villages, communes } = meta;
  const classes = { kind: [...meta.kinds, meta.unknown_kind] };
  for (const name of ATTRIBUTES)
    if (name !== "kind") classes[name] = STATES.map((state) => ({ ...meta.states[state], ...meta.attributes[name].words[state] }));
  const classOf = {};
  for (const name of ATTRIBUTES) {
    classOf[name] = combos.map((combo) => {
      const value = combo[COLUMN[name]];
      if (name !== "kind") return CLASS_OF_STATE[value];
      return value < 0 ? meta.kinds.length : value;
    });
  }
  const villagesOf = communes.code.map(() => []);
  villages.commune.forEach((commune, index) => commune >= 0 && villagesOf[commune].push(index));
  // Number of objects per village and combination.
  const tally = new Uint32Array(villages.code.length * combos.length);
  meta.tally.forEach((pairs, village) => {
    for (let k = 0; k < pairs.length; k += 2) tally[village * combos.length + pairs[k]] = pairs[k + 1];
  });
  let searched = null;

  const model = {
    meta,
    outlines,
    communes,
    villages,
    villagesOf,
    classes,
    classOf,
    tally,
    /** All units as the search box knows them, made when it is first asked. */
    get searchable() {
      return (searched ??= searchable(model));
    },
    /** Per combination the class of `attribute`, -1 where a filter hides it. */
    lut(attribute, hidden) {
      return Int16Array.from(combos, (_, combo) =>
        ATTRIBUTES.some((name) => hidden[name]?.has(classOf[name][combo])) ? -1 : classOf[attribute][combo],
      );
    },
    /** Number of objects of these villages (null: all) in each class of `attribute`; its own filter does not count. */
    counts(attribute, hidden, some = null) {
      const made = classes[attribute].map(() => 0);
      const others = { ...hidden, [attribute]: null };
      const lut = model.lut(attribute, others);
      const add = (village) => {
        for (let combo = 0; combo < combos.length; combo++)
          if (lut[combo] >= 0) made[lut[combo]] += tally[village * combos.length + combo];
      };
      if (some) some.forEach(add);
      else for (let village = 0; village < villages.code.length; village++) add(village);
      return made;
    },
    /** Number of shown objects per village. */
    shown(hidden) {
      const lut = model.lut("kind", hidden);
      return villages.code.map((_, village) => {
        let sum = 0;
        for (let combo = 0; combo < combos.length; combo++) if (lut[combo] >= 0) sum += tally[village * combos.length + combo];
        return sum;
      });
    },
    villageName(index, words) {
      return villages.name[index] ?? (villages.code[index] || words.say("noVillage"));
    },
    villageOf: (points, i) => points.first + points.village[i],
    communeName: (index) => (index >= 0 ? (communes.name[index] ?? communes.code[index]) : ""),
    where(village) {
      const commune = villages.commune[village];
      if (commune < 0) return "";
      const district = communes.district[commune];
      return [model.communeName(commune), district >= 0 ? meta.districts.name[district] : null].filter(Boolean).join(", ");
    },
    short: (index) => shorten(model.communeName(index), communes.kind[index]),
    /** The address of a point as text; null where it has none. */
    address(points, i) {
      const mode = combos[points.combo[i]][MODE];
      if (mode === USUAL) return usual(villages.prefix[model.villageOf(points, i)], points.suffixes[rank(points, i)]);
      return mode === UNUSUAL ? points.unusual[unusualRank(points, i)] : null;
    },
    /** The point with this address of ten digits, or with these last five; -1 for none. */
    findAddress(points, digits) {
      const suffix = Number(digits.slice(-5));
      const prefix = digits.length === 10 ? digits.slice(0, 5) : null;
      const { modes } = ranks(points);
      let at = 0;
      for (let i = 0; i < points.count; i++) {
        const mode = modes[points.combo[i]];
        if (mode === USUAL) {
          if (points.suffixes[at++] === suffix && (!prefix || villages.prefix[model.villageOf(points, i)] === prefix)) return i;
        } else if (mode === UNUSUAL && points.unusual[unusualRank(points, i)] === digits) return i;
      }
      return -1;
    },
  };

  /** How many usual and unusual addresses come before each 64th point, made when first asked. */
  function ranks(points) {
    if (points.ranks) return points.ranks;
    const modes = combos.map((combo) => combo[MODE]);
    const blocks = new Uint32Array((points.count >> 6) + 1);
    const odd = new Map();
    let seen = 0;
    for (let i = 0; i < points.count; i++) {
      if ((i & 63) === 0) blocks[i >> 6] = seen;
      const mode = modes[points.combo[i]];
      if (mode === USUAL) seen += 1;
      else if (mode === UNUSUAL) odd.set(i, odd.size);
    }
    points.ranks = { modes, blocks, odd };
    return points.ranks;
  }
  function rank(points, i) {
    const { modes, blocks } = ranks(points);
    let made = blocks[i >> 6];
    for (let k = i & ~63; k < i; k++) if (modes[points.combo[k]] === USUAL) made += 1;
    return made;
  }
  const unusualRank = (points, i) => ranks(points).odd.get(i);

  return model;
}

const usual = (prefix, suffix) => prefix + String(suffix).padStart(5, "0");

/** "2328173272" → "23281 73272": the commune's part and the object's. */
export const spaced = (address) => (/^[0-9]{10}$/.test(address) ? `${address.slice(0, 5)} ${address.slice(5)}` : address);

/** "Xã Hà Mòn" → "Hà Mòn", "Thị trấn Plei Kần" → "TT Plei Kần". */
function shorten(name, kind) {
  const short = { xã: "", phường: "P. ", "thị trấn": "TT ", "đặc khu": "ĐK " }[kind];
  const head = `${kind ?? ""} `;
  if (short === undefined || name.toLowerCase().indexOf(head) !== 0) return name;
  return short + name.slice(head.length);
}

function searchable(model) {
  const { communes, villages } = model;
  const entry = (kind, index, name, where, code) => ({
    kind,
    index,
    name,
    where,
    code,
    key: foldName(name),
    text: fold(`${name} ${where} ${code}`),
  });
  return [
    ...communes.code.map((code, i) => entry("commune", i, communes.name[i] ?? code, districtOf(model, i), code)),
    ...villages.code
      .map((code, i) => (code ? entry("village", i, villages.name[i] ?? code, model.where(i), code) : null))
      .filter(Boolean),
  ];
}

const districtOf = ({ communes, meta }, index) => (communes.district[index] >= 0 ? (meta.districts.name[communes.district[index]] ?? "") : "");

/** Units that answer a query, best first: code, the whole name, its beginning, all words somewhere. */
export function find(model, query, limit = 20) {
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
  found.sort((a, b) => a.score - b.score || (a.unit.kind < b.unit.kind ? -1 : a.unit.kind > b.unit.kind ? 1 : a.unit.code < b.unit.code ? -1 : 1));
  return found.slice(0, limit).map((one) => one.unit);
}
