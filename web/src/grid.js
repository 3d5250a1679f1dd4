// The criteria of one commune as a compact grid: state of each, with threshold and measure where they are known.

import { h } from "./dom.js";

const STATES = { 1: "met", 0: "not_met", a: "not_assessed", n: "not_applicable", w: "withheld", "-": "unknown" };
const MARKS = { met: "✓", not_met: "✕", not_assessed: "○", not_applicable: "–", withheld: "▪", unknown: "?" };

export function criteriaGrid(app, i) {
  const { model, state, words } = app;
  const period = model.periods[state.period];
  const letters = period.criteria?.[i];
  const title = h("h3", null, words.say("criteria"));
  if (!letters) return h("section", null, title, missing(app, i));
  const stateWords = new Map(model.facts.words.criterion_state.map((one) => [one.code, words.pick(one)]));
  stateWords.set("withheld", words.say("criterionWithheld"));
  const caption = h("div", { class: "criterion-name", "aria-live": "polite" }, h("p", { class: "hint" }, words.say("criteriaHint")));
  const cells = [...letters].map((letter, n) => {
    const state_ = STATES[letter];
    const name = criterionName(model, words, period, i, n);
    const label = `${n + 1}. ${name ? `${name}: ` : ""}${stateWords.get(state_) ?? words.say("unknown")}`;
    const tell = () => caption.replaceChildren(h("p", null, h("b", null, label)), ...more(app, i, n).filter(Boolean));
    return h(
      "li",
      null,
      h(
        "button",
        { type: "button", class: `criterion ${state_}`, "data-key": `criterion-${n + 1}`, "aria-label": label, title: label, onmouseenter: tell, onfocus: tell, onclick: tell },
        h("span", null, n + 1),
        h("b", null, MARKS[state_]),
      ),
    );
  });
  const seen = [...new Set([...letters].map((letter) => STATES[letter]))];
  return h(
    "section",
    null,
    title,
    h("p", { class: "figures" }, words.say("criteriaMet", { met: words.number(period.met[i] ?? 0), known: words.number(period.judged[i]) })),
    h("ol", { class: "criteria" }, cells),
    caption,
    h(
      "ul",
      { class: "keys" },
      seen.map((state_) => h("li", null, h("b", { class: `criterion ${state_}` }, MARKS[state_]), stateWords.get(state_) ?? words.say("unknown"))),
    ),
  );
}

/** Of a date without criteria: at which date there are some. */
function missing({ model, state, words }, i) {
  const other = model.scene.periods.findLast((one) => one.criteria?.[i]);
  if (!other) return h("p", { class: "hint" }, words.say("criteriaNone"));
  const go = () => state.set({ period: model.periods.indexOf(other) });
  return h(
    "p",
    { class: "hint" },
    `${words.say("criteriaNotHere")} `,
    h("button", { type: "button", class: "link", "data-key": "criteria-elsewhere", onclick: go }, words.say("criteriaElsewhere", { date: words.day(other.as_of) })),
  );
}

/** The reported figure, thresholds that were read in a published text, and measures of the map that shed light on it. */
function more(app, i, n) {
  const { model, state, words } = app;
  const period = model.periods[state.period];
  const told = figure(words, period, i, n);
  if (!ofSet(model, period, i)) return [told];
  const limits = model.criteria.names[n]?.thresholds ?? [];
  const lines = limits.slice(0, 4).map((one) => {
    const show = (value) => (one.share ? words.percent(value) : `${words.number(value, Number.isInteger(value) ? 0 : 1)}${one.unit ? ` ${one.unit}` : ""}`);
    const least = one.least === null ? "" : `≥ ${show(one.least)}`;
    const most = one.most === null ? "" : `≤ ${show(one.most)}`;
    return h("p", { class: "hint" }, `${one.indicator} ${words.pick(one)}: `, h("b", null, [least, most].filter(Boolean).join(", ")), [one.column && words.pick(one.column), one.basis].filter(Boolean).map((text) => ` · ${text}`).join(""));
  });
  if (!lines.length) lines.push(h("p", { class: "hint" }, words.say("thresholdNone")));
  lines.unshift(told);
  for (const [key, look] of measured(app, n + 1)) {
    const value = look.v?.[i];
    if (value !== null && value !== undefined) lines.push(h("p", { class: "hint" }, `${words.say("measuredHere")} ${nameOf(model, words, key)}: `, h("b", null, words.percent(value))));
  }
  return lines;
}

/** What the commune reported of the criterion, in its own words; with its date where the criteria are of another. */
function figure(words, period, i, n) {
  const reported = period.figures?.[i];
  const text = reported?.of[n + 1];
  if (text === undefined) return null;
  const day = reported.day && reported.day !== period.as_of ? ` (${words.day(reported.day)})` : "";
  return h("p", { class: "hint" }, `${words.say("reportedFigure")}: `, h("b", null, text), day);
}

/** Themes of shares that the catalogue puts beside a criterion. */
function measured({ model, state }, number) {
  const told = model.periods[state.period].themes;
  const made = [];
  for (const theme of model.themes.values()) {
    if (theme.unit !== "share" || theme.id === "compared") continue;
    for (const variant of theme.variants ?? [null]) {
      const key = variant ? `${theme.id}.${variant.id}` : theme.id;
      if ((variant?.criterion ?? theme.criterion) === number && Object.hasOwn(told, key)) made.push([key, told[key]]);
    }
  }
  return made;
}

function nameOf(model, words, key) {
  const [id, variant] = key.split(".");
  const theme = model.themes.get(id);
  const found = theme.variants?.find((one) => one.id === variant);
  return found ? `${words.pick(theme)}, ${words.pick(found)}` : words.pick(theme);
}

/** Numbers mean other criteria in another set: a commune judged by another one gets the number alone. */
export function criterionName(model, words, period, i, n) {
  const one = model.criteria.names[n];
  return one && ofSet(model, period, i) ? words.pick(one) : "";
}

function ofSet(model, period, i) {
  const own = period.setOf(i);
  return own === null || own === model.criteria.set;
}
