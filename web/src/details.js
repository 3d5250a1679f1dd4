// Right panel: one commune in full, or the whole province by district.

import { byId, fill, h } from "./dom.js";
import { villageMarks } from "./pick.js";
import { bar } from "./plan.js";
import { tierSwatch } from "./signs.js";
import { MEASURE_NAMES, UNKNOWN } from "./words.js";

export function watchDetails(app) {
  const { state } = app;
  const render = () => {
    const panel = byId("details");
    fill(panel, state.selected >= 0 ? commune(app, state.selected) : overview(app));
  };
  state.on(["lang", "period", "selected", "patterns"], render);
  state.on(["selected"], () => (byId("details").scrollTop = 0));
  render();
}

function head(app, title, over, ...tools) {
  return h(
    "header",
    { class: "panel-head" },
    h("div", null, over ? h("p", { class: "over" }, over) : null, h("h2", null, title)),
    tools,
    h(
      "button",
      { type: "button", class: "close", "data-key": "close", "aria-label": app.words.say("close"), onclick: () => app.closeDetails() },
      "×",
    ),
  );
}

function chip(app, index) {
  const entry = app.model.palette[index];
  return h("p", { class: "chip" }, tierSwatch(entry, app.state.patterns), h("b", null, app.words.pick(entry.words)));
}

function pairs(list) {
  return h(
    "dl",
    { class: "pairs" },
    list.filter(([, value]) => value !== null && value !== "").map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
  );
}

function commune(app, i) {
  const { model, state, words } = app;
  const c = model.communes;
  const current = model.periods[state.period].current;
  const tier = model.tiersAt(state.period)[i];
  return [
    head(app, c.name[i] ?? c.code[i], model.districtName(i) || model.facts.page.province.name),
    chip(app, tier),
    pairs([
      [words.say("standardYear"), current && c.standard_year[i] !== null ? String(c.standard_year[i]) : null],
      [words.say("decision"), current ? [c.decision[i], c.decision_date[i] && words.day(c.decision_date[i])].filter(Boolean).join(", ") : null],
      [words.say("statusAsOf"), words.day(current ? c.status_as_of[i] : model.periods[state.period].as_of)],
      [words.say("criteriaSet"), current ? c.criteria_set[i] : null],
      [words.say("composition"), c.composition[i] ? composition(app, c.composition[i]) : null],
      [words.say("code"), c.code[i]],
      [words.say("area"), area(words, c, i)],
    ]),
    h(
      "p",
      { class: "actions no-print" },
      h("button", { type: "button", class: "plain", "data-key": "zoom", onclick: () => app.go({ kind: "commune", index: i }) }, words.say("zoomTo")),
    ),
    model.communes.rural[i] ? criteria(app, i) : null,
    measures(app, c, i),
    roads(app, i),
    villages(app, i),
  ];
}

function composition(app, parts) {
  return parts.map(([tier, count]) => `${app.words.number(count)} ${app.words.pick(app.model.palette[tier].words)}`).join(", ");
}

function area(words, c, i) {
  if (c.area_km2[i] === null) return null;
  const measured = `${words.number(c.area_km2[i], 1)} km²`;
  return c.declared_km2[i] === null ? measured : `${measured} (${words.say("declared", { n: words.number(c.declared_km2[i], 1) })})`;
}

const STATES = { 1: "met", 0: "not_met", a: "not_assessed", n: "not_applicable", "-": "unknown" };
const MARKS = { met: "✓", not_met: "✕", not_assessed: "○", not_applicable: "–", unknown: "?" };

function criteria(app, i) {
  const { model, words } = app;
  const letters = model.facts.criteria.states[i];
  const title = h("h3", null, words.say("criteria"));
  if (!letters) return h("section", null, title, h("p", { class: "hint" }, words.say("criteriaNone")));
  const c = model.communes;
  const stateWords = new Map(model.facts.words.criterion_state.map((one) => [one.code, words.pick(one)]));
  const caption = h("p", { class: "criterion-name", "aria-hidden": "true" });
  const cells = [...letters].map((letter, n) => {
    const state = STATES[letter];
    const label = `${n + 1}. ${criterionName(model, words, i, n)}: ${stateWords.get(state) ?? words.say("unknown")}`;
    const tell = () => (caption.textContent = label);
    return h(
      "li",
      { class: `criterion ${state}`, tabindex: "0", "aria-label": label, title: label, onmouseenter: tell, onfocus: tell },
      h("span", null, n + 1),
      h("b", null, MARKS[state]),
    );
  });
  const seen = [...new Set([...letters].map((letter) => STATES[letter]))];
  return h(
    "section",
    null,
    title,
    h("p", { class: "figures" }, words.say("criteriaMet", { met: words.number(c.criteria_met[i]), known: words.number(c.criteria_known[i]) })),
    h("ol", { class: "criteria" }, cells),
    caption,
    h(
      "ul",
      { class: "keys" },
      seen.map((state) => h("li", null, h("b", { class: `criterion ${state}` }, MARKS[state]), stateWords.get(state) ?? words.say("unknown"))),
    ),
  );
}

/** Numbers mean other criteria in another set: a commune judged by another one gets the number alone. */
function criterionName(model, words, i, n) {
  const { set, names } = model.facts.criteria;
  const own = model.communes.criteria_set[i];
  return names[n] && (own === null || own === set) ? words.pick(names[n]) : "";
}

function measures(app, source, i) {
  const { model, words } = app;
  const list = MEASURE_NAMES.filter((name) => source[name][i] !== null && source[name][i] !== undefined);
  const withheld = source.suppressed[i] === 1;
  if (list.length === 0 && !withheld) return null;
  return h(
    "section",
    null,
    h("h3", null, words.say("measures")),
    h(
      "ul",
      { class: "measures" },
      list.map((name) =>
        h(
          "li",
          { "data-measure": name },
          h("span", null, words.measure(name, model.facts.limits)),
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

function detail(words, source, name, i) {
  if (name === "road_hardened_share" && source.road_km_surface_known[i] !== null)
    return h("small", null, `${words.number(source.road_km_hardened[i], 1)}/${words.number(source.road_km_surface_known[i], 1)} km`);
  if (name.startsWith("address_") && source.address_total[i] !== null) {
    const part = Math.round(source[name][i] * source.address_total[i]);
    return h("small", null, words.say("objects", { part: words.number(part), all: words.number(source.address_total[i]) }));
  }
  return null;
}

function roads(app, i) {
  const { model, words } = app;
  const { commune, km } = model.facts.roads;
  const table = new Map();
  const surfaces = new Set();
  commune.forEach((owner, row) => {
    if (owner !== i || !km[row]) return;
    const class_ = wordAt(model.facts.roads.class, row);
    const surface = wordAt(model.facts.roads.surface, row);
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
    h("h3", null, words.say("roads")),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "small" },
        h("thead", null, h("tr", null, h("th", null), columns.map((one) => h("th", { scope: "col", class: "number" }, words.pick(one))))),
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

function villages(app, i) {
  const { model, words } = app;
  const list = model.villagesOf[i];
  if (list.length === 0) return null;
  return h(
    "section",
    null,
    h("h3", null, words.say("villagesOf", { n: words.number(list.length) })),
    h(
      "ul",
      { class: "villages" },
      list.map((index) => {
        const marks = villageMarks(model, words, index);
        const households = model.villages.households[index];
        return h(
          "li",
          null,
          h(
            "button",
            { type: "button", class: "link", "data-key": `village-${index}`, onclick: () => app.go({ kind: "village", index }) },
            model.villages.name[index] ?? model.villages.code[index],
          ),
          h("span", { class: "hint" }, [households === null ? "" : words.say("households", { n: words.number(households) }), marks].filter(Boolean).join(", ")),
        );
      }),
    ),
  );
}

function overview(app) {
  const { model, state, words } = app;
  const counts = model.counts(state.period);
  const p = model.facts.province;
  const asList = Object.fromEntries(Object.entries(p).map(([name, value]) => [name, [value]]));
  asList.suppressed = [0];
  return [
    head(app, model.facts.page.province.name, words.pick(model.facts.page.epoch)),
    h("p", { class: "hint no-print" }, words.say("detailsHint")),
    model.districts.code.length ? districtTable(app) : null,
    model.periods[state.period].current && counts.length ? measures(app, asList, 0) : null,
  ];
}

function districtTable(app) {
  const { model, state, words } = app;
  const tiers = model.tiersAt(state.period);
  const d = model.districts;
  const ntm = new Set(["ntm", "advanced", "model"].map((name) => model.stateIndex.get(name)));
  const silent = model.stateIndex.get("not_reported");
  const sums = d.code.map(() => ({ met: 0, rural: 0, silent: 0, by: model.states.map(() => 0) }));
  tiers.forEach((tier, i) => {
    const sum = sums[model.communes.district[i]];
    if (!sum) return;
    sum.by[tier] += 1;
    if (!model.communes.rural[i]) return;
    sum.rural += 1;
    if (ntm.has(tier)) sum.met += 1;
    if (tier === silent) sum.silent += 1;
  });
  const own = new Map(model.facts.words.district_tier.map((one) => [one.code, words.pick(one)]));
  return h(
    "section",
    null,
    h("h3", null, words.say("districtTable")),
    h(
      "ul",
      { class: "districts" },
      d.name.map((name, index) => {
        const sum = sums[index];
        const tier = own.get(d.tier[index]);
        return h(
          "li",
          null,
          h("button", { type: "button", class: "link", "data-key": `district-${index}`, onclick: () => app.go({ kind: "district", index }) }, name),
          h("b", null, metOf(words, sum)),
          stack(app, sum.by),
          sum.silent ? h("span", { class: "hint" }, words.say("silent", { n: words.number(sum.silent) })) : null,
          tier && model.periods[state.period].current ? h("span", { class: "hint" }, words.say("districtOwn", { tier: inSentence(tier) })) : null,
        );
      }),
    ),
  );
}

/** With communes that did not report the number is a lower bound, and none at all is not nought. */
function metOf(words, { met, rural, silent }) {
  if (rural === 0 || silent === rural) return UNKNOWN;
  return silent ? words.say("atLeast", { share: words.share(met, rural) }) : words.share(met, rural);
}

/** Communes of a district by tier as one divided bar. */
function stack(app, by) {
  const total = by.reduce((sum, count) => sum + count, 0);
  const strip = h("div", { class: "stack", "aria-hidden": "true" });
  by.forEach((count, index) => {
    if (!count) return;
    const part = h("span", { title: `${app.words.pick(app.model.palette[index].words)}: ${count}` });
    part.style.width = `${(100 * count) / total}%`;
    part.style.background = app.model.palette[index].fill;
    strip.append(part);
  });
  return strip;
}

// Words inside a sentence start small, but an abbreviation such as NTM keeps its capitals.
function inSentence(text) {
  return /^\p{Lu}{2}/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}
