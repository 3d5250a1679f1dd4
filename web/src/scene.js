// The units of one boundary epoch: communes, districts, villages, and what is known of them at each reporting date.

import { Coverage } from "./geometry.js";

export function createScene(raw, index, shapes, villages, states) {
  const { communes, districts, view } = raw;
  const stateIndex = new Map(states.map((state, at) => [state, at]));
  const [silent, outside] = [stateIndex.get("not_reported"), stateIndex.get("not_applicable")];
  const villagesOf = communes.code.map(() => []);
  villages.commune.forEach((commune, at) => {
    if (commune >= 0) villagesOf[commune].push(at);
  });
  const scene = {
    index,
    view,
    communes,
    districts,
    villages,
    villagesOf,
    province: raw.province,
    roads: raw.roads,
    limits: raw.limits,
    criteria: raw.criteria,
    sources: new Set(raw.sources_of),
    coverage: new Coverage(shapes.communes),
    villageArcs: shapes.villages,
    communeByCode: new Map(communes.code.map((code, at) => [code, at])),
    shortName: (at) => shorten(communes.name[at] ?? "", communes.kind[at]),
    districtName: (at) => (communes.district[at] >= 0 ? districts.name[communes.district[at]] : ""),
  };
  const last = raw.history.length - 1;
  scene.periods = raw.history.map((one, at) => ({
    ...one,
    scene,
    /** The set of criteria that a commune was judged by at this date; null where no source states it. */
    setOf: (i) => one.sets?.k[one.sets.v[i]] ?? null,
    current: at === last,
    themes: one.themes ?? {},
    tier: one.tier.map((tier, i) => (tier >= 0 ? tier : communes.rural[i] ? silent : outside)),
  }));
  return scene;
}

/** "Xã Hà Mòn" → "Hà Mòn", "Thị trấn Plei Kần" → "TT Plei Kần": what fits on a map. */
function shorten(name, kind) {
  const short = { xã: "", phường: "P. ", "thị trấn": "TT ", "đặc khu": "ĐK " }[kind];
  const head = `${kind ?? ""} `;
  if (short === undefined || name.toLowerCase().indexOf(head) !== 0) return name;
  return short + name.slice(head.length);
}
