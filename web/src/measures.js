// What the layers measure of one commune, or of the whole province.

import { h } from "./dom.js";
import { bar } from "./plan.js";
import { MEASURE_NAMES } from "./words.js";

export function measures(app, source, i) {
  const { model, words } = app;
  const list = MEASURE_NAMES.filter((name) => source[name][i] !== null && source[name][i] !== undefined);
  const withheld = source.suppressed[i] === 1;
  if (list.length === 0 && !withheld) return null;
  return h(
    "section",
    null,
    h("h3", null, words.say("measures"), measuredOn(app)),
    h(
      "ul",
      { class: "measures" },
      list.map((name) =>
        h(
          "li",
          { "data-measure": name },
          h("span", null, words.measure(name, model.limits)),
          h("b", null, words.percent(source[name][i])),
          bar(source[name][i]),
          detail(words, source, name, i),
        ),
      ),
    ),
    withheld ? h("p", { class: "hint" }, `${words.say("addresses")}: ${words.say("addressSuppressed")}`) : null,
    source.households_located[i] !== null && list.some((name) => name.startsWith("near_"))
      ? h("p", { class: "hint" }, words.say("measuresNote", { n: words.number(source.households_located[i]) }))
      : null,
  );
}

/** At an earlier date of status: the layers are measured as they are at the newest one, and it is said. */
function measuredOn({ model, state, words }) {
  if (model.periods[state.period].current) return null;
  return h("span", { class: "hint measured-on" }, ` ${words.say("until", { date: words.day(model.scene.periods.at(-1).as_of) })}`);
}

function detail(words, source, name, i) {
  if (name === "road_hardened_share" && source.road_km_surface_known[i] !== null)
    return h("small", null, `${words.number(source.road_km_hardened[i], 1)}/${words.number(source.road_km_surface_known[i], 1)} km`);
  if (name.startsWith("address_") && source.address_total[i] !== null) {
    const part = Math.round(source[name][i] * source.address_total[i]);
    return h("small", null, words.say("objects", { part: words.number(part), all: words.number(source.address_total[i]) }));
  }
  return null;
}

/** Kilometres of road by class and surface. */
export function roads(app, i) {
  const { model, words } = app;
  const { commune: owners, km } = model.roads;
  const table = new Map();
  const surfaces = new Set();
  owners.forEach((owner, row) => {
    if (owner !== i || !km[row]) return;
    const class_ = wordAt(model.roads.class, row);
    const surface = wordAt(model.roads.surface, row);
    surfaces.add(surface);
    if (!table.has(class_)) table.set(class_, new Map());
    table.get(class_).set(surface, (table.get(class_).get(surface) ?? 0) + km[row]);
  });
  if (table.size === 0) return null;
  const classes = model.facts.words.road_class.filter((one) => table.has(one.code));
  const columns = [...model.facts.words.surface.filter((one) => surfaces.has(one.code)), { code: "unknown", vi: "chưa rõ", en: "unknown" }].filter(
    (one) => surfaces.has(one.code),
  );
  return h(
    "section",
    null,
    h("h3", null, words.say("roads"), measuredOn(app)),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "small" },
        h("thead", null, h("tr", null, h("td", null), columns.map((one) => h("th", { scope: "col", class: "number" }, words.pick(one))))),
        h(
          "tbody",
          null,
          classes.map((one) =>
            h(
              "tr",
              null,
              h("th", { scope: "row" }, words.pick(one)),
              columns.map((surface) => {
                const length = table.get(one.code).get(surface.code);
                return h("td", { class: "number" }, length === undefined ? "" : words.number(length, 1));
              }),
            ),
          ),
        ),
      ),
    ),
  );
}

const wordAt = ({ k, v }, row) => (v[row] < 0 ? "unknown" : k[v[row]]);
