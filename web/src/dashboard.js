// The whole province in the right panel: targets of the plan, districts, the way there; each part shows itself on the map.

import { h } from "./dom.js";
import { measures } from "./measures.js";
import { fold, planSection } from "./plan.js";
import { UNKNOWN } from "./words.js";

export function dashboard(app, head) {
  const { model, state, words } = app;
  const period = model.periods[state.period];
  const whole = Object.fromEntries(Object.entries(model.province).map(([name, value]) => [name, [value]]));
  whole.suppressed = [0];
  return [
    head(app, model.scene.view.province.name, words.pick(period.scene.view.epoch)),
    h("p", { class: "hint no-print" }, words.say("detailsHint")),
    // The plan is about the units of the page's own date.
    model.scene === model.scenes[0] ? planSection(app) : planElsewhere(app),
    model.districts.code.length ? districtTable(app) : null,
    progress(app),
    period.current ? measures(app, whole, 0) : null,
  ];
}

/** Where the plan's targets are not shown, it says at which date they are. */
function planElsewhere({ model, state, words }) {
  if (!model.facts.plan.length) return null;
  const date = words.day(model.periods[model.firstPeriod].as_of);
  return h(
    "p",
    { class: "hint no-print" },
    h("button", { type: "button", class: "link", "data-key": "plan-elsewhere", onclick: () => state.set({ period: model.firstPeriod }) }, words.say("planElsewhere", { date })),
  );
}

function districtTable(app) {
  const { model, state, words } = app;
  const tiers = model.tiersAt(state.period);
  const d = model.districts;
  const ntm = new Set(["ntm", "advanced", "model"].map((name) => model.stateIndex.get(name)));
  const silent = model.stateIndex.get("not_reported");
  const sums = d.code.map(() => ({ met: 0, rural: 0, silent: 0, units: [], by: model.states.map(() => 0) }));
  tiers.forEach((tier, i) => {
    const sum = sums[model.communes.district[i]];
    if (!sum) return;
    sum.units.push(i);
    sum.by[tier] += 1;
    if (!model.communes.rural[i]) return;
    sum.rural += 1;
    if (ntm.has(tier)) sum.met += 1;
    if (tier === silent) sum.silent += 1;
  });
  const own = new Map(model.facts.words.district_tier.map((one) => [one.code, words.pick(one)]));
  const light = (units) => state.set({ lit: units });
  return h(
    "section",
    { class: "dash-districts" },
    fold(
      state,
      "districts",
      words.say("districtTable"),
      h(
        "ul",
        { class: "districts", onmouseleave: () => light(null) },
        d.name.map((name, index) => {
          const sum = sums[index];
          const tier = own.get(d.tier[index]);
          return h(
            "li",
            { "data-district": index, onmouseenter: () => light(sum.units) },
            h(
              "button",
              { type: "button", class: "link", "data-key": `district-${index}`, onfocus: () => light(sum.units), onblur: () => light(null), onclick: () => app.go({ kind: "district", index, scene: model.scene }) },
              name,
            ),
            h("b", null, metOf(words, sum)),
            stack(app, sum.by),
            sum.silent ? h("span", { class: "hint" }, words.say("silent", { n: words.number(sum.silent) })) : null,
            tier && model.periods[state.period].current ? h("span", { class: "hint" }, words.say("districtOwn", { tier: inSentence(tier) })) : null,
          );
        }),
      ),
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
    const silent = app.model.states[index] === "not_reported";
    const part = h("span", { class: silent ? "silent" : "", title: `${app.words.pick(app.model.palette[index].words)}: ${count}` });
    part.style.width = `${(100 * count) / total}%`;
    part.style.backgroundColor = app.model.palette[index].fill;
    strip.append(part);
  });
  return strip;
}

/** Communes by tier at every reporting date, one column each; a gap stands between epochs, whose units differ. */
function progress(app) {
  const { model, state, words } = app;
  if (model.periods.length < 2) return null;
  const rural = ["model", "advanced", "ntm", "not_yet", "not_reported"].map((name) => model.stateIndex.get(name));
  let last = null;
  const columns = model.periods.map((period, at) => {
    const counts = model.counts(at);
    const total = rural.reduce((sum, index) => sum + counts[index], 0);
    const met = rural.slice(0, 3).reduce((sum, index) => sum + counts[index], 0);
    const shift = last !== null && last !== period.scene;
    last = period.scene;
    const pile = h("span", { class: "pile", "aria-hidden": "true" });
    for (const index of rural) {
      if (!counts[index]) continue;
      const part = h("span", { class: model.states[index] === "not_reported" ? "silent" : "" });
      part.style.height = `${(100 * counts[index]) / total}%`;
      part.style.backgroundColor = model.palette[index].fill;
      pile.append(part);
    }
    const silent = counts[model.stateIndex.get("not_reported")];
    return h(
      "li",
      { class: [at === state.period ? "now" : "", shift ? "shift" : ""].join(" ").trim() },
      h(
        "button",
        {
          type: "button",
          "data-key": `progress-${at}`,
          title: `${words.day(period.as_of)}, ${words.pick(period.scene.view.epoch)}`,
          onclick: () => state.set({ period: at }),
        },
        h("b", { "aria-hidden": "true" }, silent === total ? UNKNOWN : `${silent ? "≥" : ""}${words.number(met)}`),
        pile,
        h("span", { "aria-hidden": "true" }, words.shortDay(period.as_of)),
        h("span", { class: "away-on-screen" }, `${words.day(period.as_of)}: ${silent ? words.say("atLeast", { share: words.share(met, total) }) : words.share(met, total)}`),
      ),
    );
  });
  return h(
    "section",
    null,
    h("h3", null, words.say("progress")),
    h("ol", { class: "progress" }, columns),
    model.scenes.length > 1 ? h("p", { class: "hint" }, words.say("progressShift")) : null,
  );
}

// Words inside a sentence start small, but an abbreviation such as NTM keeps its capitals.
function inSentence(text) {
  return /^\p{Lu}{2}/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}
