// What each layer's signs mean, with counts: rows of the legend under its name.

import { h } from "./dom.js";
import { closerThan, roadStyles } from "./layerpaint.js";
import {
  addressCircle,
  addressRadius,
  areaSwatch,
  baseDot,
  classOf,
  dotSwatch,
  lineSwatch,
  pointSwatch,
  villageMark,
  villageSign,
} from "./signs.js";

export const dot = (color, radius) => (context, x, y) => {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
};

export function layerSwatch({ model }, layer) {
  const { symbols } = model.facts;
  if (layer.id === "road") return lineSwatch({ color: symbols.road.surface.asphalt.color, width: 2.4 });
  if (layer.base && layer.hasKind(3)) return areaSwatch(symbols.ground.water);
  if (layer.base && layer.hasKind(2)) return lineSwatch({ color: symbols.ground.water, width: 2 });
  if (layer.base) return dotSwatch((context, x, y) => baseDot(context, x, y, symbols.ground));
  return pointSwatch(plainSign(symbols, layer.id), undefined);
}

function plainSign(symbols, id) {
  const entry = symbols.point[id] ?? { color: symbols.ground.quiet, path: "M12 4 A8 8 0 1 0 12.01 4 Z" };
  return { path: entry.path, color: entry.color, framed: entry.color === "#374151" };
}

export function rows(list) {
  return h(
    "ul",
    { class: "symbols" },
    list.map(([swatch, label, value]) => h("li", null, swatch, h("span", { class: "what" }, label), h("b", null, value))),
  );
}

export function symbolRows(app, layer) {
  const { model, words } = app;
  if (layer.id === "road") return roadRows(app, layer);
  const { symbols } = model.facts;
  const byKind = [];
  const byState = [];
  const kinds = symbols.point[layer.id]?.kinds;
  const field = layer.fields.find((one) => one.name === "kind");
  if (field?.values) {
    const tally = layer.tally("kind");
    const bySign = new Map();
    for (const value of field.values) {
      const count = tally.get(value.code) ?? 0;
      if (!count) continue;
      // Kinds of one shape share one entry: a legend cannot tell apart what the map does not.
      const path = kinds && Object.hasOwn(kinds, value.code) ? kinds[value.code] : symbols.point[layer.id]?.path;
      const known = bySign.get(path) ?? { names: [], count: 0 };
      known.names.push(words.pick(value));
      known.count += count;
      bySign.set(path, known);
    }
    if (kinds)
      for (const [path, one] of bySign)
        byKind.push([pointSwatch({ ...plainSign(symbols, layer.id), path }, undefined), one.names.join(", "), words.number(one.count)]);
  }
  const operation = layer.fields.find((one) => one.name === "operation");
  if (operation && layer.hasKind(1)) {
    const tally = layer.tally("operation");
    for (const value of [...operation.values, { code: null }]) {
      const count = tally.get(value.code) ?? 0;
      if (!count || (value.code === null && count === layer.rows)) continue;
      byState.push([
        pointSwatch(plainSign(symbols, layer.id), value.code),
        value.code === null ? words.say("unknown") : words.pick(value),
        words.number(count),
      ]);
    }
  }
  return [
    byKind.length ? [h("p", { class: "hint" }, words.say("byKind")), rows(byKind)] : null,
    byState.length ? [h("p", { class: "hint" }, words.say("byState")), rows(byState)] : null,
  ];
}

function roadRows({ model, words }, layer) {
  const { road } = model.facts.symbols;
  const tell = (name, list) => new Map(list.map((one) => [one.code, words.pick(one)]));
  const classes = tell("class", model.facts.words.road_class);
  const surfaces = tell("surface", model.facts.words.surface);
  const km = (name) => {
    const made = new Map();
    const { v, k } = model.roads[name];
    v.forEach((at, row) => {
      const key = at < 0 ? "unknown" : k[at];
      made.set(key, (made.get(key) ?? 0) + (model.roads.km[row] ?? 0));
    });
    return made;
  };
  const byClass = km("class");
  const bySurface = km("surface");
  const styles = roadStyles(model, layer);
  const present = (name) => new Set(styles.map((style) => style[name]));
  const inClass = present("class");
  const inSurface = present("surface");
  const length = (map, key) => (map.has(key) ? `${words.number(map.get(key), 1)} km` : "");
  return [
    h("p", { class: "hint" }, words.say("roadsByClass")),
    rows(
      [...classes]
        .filter(([code]) => inClass.has(code))
        .map(([code, name]) => [
          lineSwatch({ color: road.surface.asphalt.color, width: road.class[code].px }),
          h("span", closerThan(code) > 0 ? { "data-closer": closerThan(code) } : null, name, closerThan(code) > 0 ? h("span", { class: "no-print" }, " *") : null),
          length(byClass, code),
        ]),
    ),
    [...classes].some(([code]) => inClass.has(code) && closerThan(code) > 0) ? h("p", { class: "hint no-print" }, words.say("closer")) : null,
    h("p", { class: "hint" }, words.say("roadsBySurface")),
    rows(
      [...surfaces, ["null", words.say("unknown")]]
        .filter(([code]) => inSurface.has(code))
        .map(([code, name]) => {
          const paint = road.surface[code] ?? road.surface.unknown;
          return [lineSwatch({ color: paint.color, width: 2, dash: paint.dash }), name, length(bySurface, code === "null" ? "unknown" : code)];
        }),
    ),
    styles.some((style) => style.hollow)
      ? rows([[lineSwatch({ color: road.surface.asphalt.color, width: 3, hollow: true }), words.say("planned"), ""]])
      : null,
  ];
}

export const hasAddresses = (model) => model.villages.address_total.some((total) => total > 0);
export const addressVillages = (model) => model.villages.address_total.filter((total) => total > 0).length;

export function addressSwatch({ model }) {
  return dotSwatch((context, x, y) => addressCircle(context, x, y, 9, 0.7, 0.6, model.facts.symbols.address));
}

export function addressRows({ model, words }) {
  const v = model.villages;
  const ramp = model.facts.symbols.address;
  const classes = ramp.breaks.map(() => 0);
  let suppressed = 0;
  let unknown = 0;
  v.address_total.forEach((total, index) => {
    if (v.suppressed[index]) suppressed += 1;
    else if (!total) return;
    else if (v.address_notified_share[index] === null) unknown += 1;
    else classes[classOf(v.address_notified_share[index], ramp.breaks)] += 1;
  });
  const edge = (value) => words.number(100 * value);
  const made = classes
    .map((count, index) => [
      dotSwatch((context, x, y) => addressCircle(context, x, y, 8, ramp.breaks[index], null, ramp)),
      index + 1 < ramp.breaks.length
        ? `${edge(ramp.breaks[index])} – < ${edge(ramp.breaks[index + 1])}%`
        : `${edge(ramp.breaks[index])} – 100%`,
      words.number(count),
    ])
    .filter((_, index) => classes[index] > 0);
  if (unknown) made.push([dotSwatch((context, x, y) => addressCircle(context, x, y, 8, null, null, ramp)), words.say("addressUnknown"), words.number(unknown)]);
  if (suppressed) made.push([dotSwatch(dot("#9aa5b1", 3)), words.say("addressSuppressed"), words.number(suppressed)]);
  const sizes = [20, 100, 300].map((total) => [
    dotSwatch((context, x, y) => addressCircle(context, x, y, addressRadius(total), null, null, ramp), 28),
    words.number(total),
    "",
  ]);
  return [
    h("p", { class: "hint" }, words.say("addressFill")),
    rows(made),
    h("p", { class: "hint" }, words.say("addressRing")),
    rows([[dotSwatch((context, x, y) => addressCircle(context, x, y, 9, null, 0.6, ramp)), words.percent(0.6, 0), ""]]),
    h("p", { class: "hint" }, words.say("addressSize")),
    h("div", { class: "sizes" }, rows(sizes)),
  ];
}

/** Villages by what they were recognised as; a village of several kinds is counted by the first. */
export function villageRows({ model, words }) {
  const tally = villageTally(model);
  const v = model.villages;
  const { color, px } = model.facts.symbols.outline.village;
  const several = v.code.some((_, index) => ["model", "minority_ntm", "smart"].filter((name) => v[name][index] === 1).length > 1);
  const signs = rows([
    ...VILLAGE_MARKS.filter((mark) => tally.get(mark.id)).map((mark) => [
      dotSwatch((context, x, y) => villageSign(context, x, y, 5.5, mark.id)),
      words.say(mark.word),
      words.number(tally.get(mark.id)),
    ]),
    ...(model.villageArcs.lines.length ? [[lineSwatch({ color, width: Math.max(1, px) }), words.say("villageOutlines"), ""]] : []),
  ]);
  return [signs, several ? h("p", { class: "hint" }, words.say("villageSeveral")) : null];
}

const VILLAGE_MARKS = [
  { id: "model", word: "villageModel" },
  { id: "minority", word: "villageMinority" },
  { id: "smart", word: "villageSmart" },
  { id: "plain", word: "villagePlain" },
  { id: "unknown", word: "villageUnknown" },
];

function villageTally(model) {
  const made = new Map();
  model.villages.code.forEach((_, index) => {
    const mark = villageMark(model.villages, index);
    made.set(mark, (made.get(mark) ?? 0) + 1);
  });
  return made;
}
