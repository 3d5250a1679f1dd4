// Left panel: the theme and its classes with counts, what changed, the layers, the sources.

import { changesIn, KINDS, sincePeriod } from "./changes.js";
import { byId, fill, h } from "./dom.js";
import { layersSection } from "./layerlist.js";
import { base, lookAt, unitWord, unknownCount } from "./look.js";
import { atRisk } from "./risk.js";
import { changeSwatch, classSwatch, riskSwatch } from "./signs.js";
import { sourcesSection } from "./sources.js";

export function watchLegend(app) {
  const { state } = app;
  const render = () => fill(byId("legend"), themeSection(app), changesSection(app), layersSection(app), sourcesSection(app));
  state.on(["lang", "period", "since", "theme", "filter", "focus", "patterns", "shown", "order"], render);
  render();
}

/** Numbers of units by class that the legend shows, for tests. */
export function legendCounts(model, state) {
  const look = lookAt(model, state);
  return Object.fromEntries(look.classes.map((one, index) => [one.id, look.counts[index]]));
}

function themeSection(app) {
  const { model, state, words } = app;
  const look = lookAt(model, state);
  return h(
    "section",
    { class: "block", "aria-labelledby": "legend-title" },
    h("h2", { id: "legend-title", class: "away-on-screen" }, words.pick(look.theme), look.variant ? `: ${words.pick(look.variant)}` : ""),
    chooser(app, look),
    look.theme.note ? h("p", { class: "hint" }, words.pick(look.theme.note)) : null,
    look.period.current || look.key !== "status" ? null : h("p", { class: "hint" }, words.say("asKnown", { date: words.day(look.period.as_of) })),
    classList(app, look),
    cumulative(app, look),
    riskRow(app),
    h(
      "div",
      { class: "row no-print" },
      h("span", { class: "hint" }, words.say("legendHint")),
      state.filter || state.focus
        ? h("button", { type: "button", class: "link", "data-key": "clear", onclick: () => state.set({ filter: null, focus: null }) }, words.say("all"))
        : null,
    ),
    h(
      "label",
      { class: "check no-print" },
      h("input", { type: "checkbox", checked: state.patterns, "data-key": "patterns", onchange: (event) => state.set({ patterns: event.target.checked }) }),
      h("span", null, words.say("pattern")),
    ),
  );
}

/** One switch for the theme, and a second one where the theme has variants. */
function chooser({ model, state, words, tell }, look) {
  // A theme that is not known of the date in view brings its own: the reader is told.
  const choose = (key) => {
    const before = state.period;
    state.set({ theme: key });
    if (state.period !== before) tell(words.say("themeThen", { date: words.day(model.periods[state.period].as_of) }));
  };
  const groups = model.facts.theme_groups.map((group) => [group, model.facts.themes.filter((theme) => theme.group === group.id)]);
  const theme = h(
    "select",
    { id: "theme", "data-key": "theme", onchange: (event) => choose(event.target.value) },
    groups
      .filter(([, themes]) => themes.length)
      .map(([group, themes]) =>
        h(
          "optgroup",
          { label: words.pick(group) },
          themes.map((one) => h("option", { value: one.id, selected: one.id === look.theme.id }, words.pick(one))),
        ),
      ),
  );
  const variant = look.theme.variants
    ? h(
        "select",
        {
          id: "variant",
          "data-key": "variant",
          "aria-label": words.pick(look.theme),
          onchange: (event) => choose(`${look.theme.id}.${event.target.value}`),
        },
        look.theme.variants.map((one) => h("option", { value: one.id, selected: one === look.variant }, capital(words.pick(one)))),
      )
    : null;
  return h("div", { class: "chooser no-print" }, h("label", { for: "theme" }, words.say("theme")), theme, variant);
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function classList(app, look) {
  const { state, words } = app;
  const all = base(look);
  const toggle = (id) => {
    const chosen = new Set(state.filter ?? []);
    if (!chosen.delete(id)) chosen.add(id);
    state.set({ filter: chosen.size ? chosen : null });
  };
  return h(
    "ul",
    { class: "tiers" },
    look.classes.map((entry, index) =>
      look.counts[index] === 0
        ? null
        : h(
            "li",
            null,
            h(
              "button",
              {
                type: "button",
                "data-key": `class-${entry.id}`,
                "data-state": entry.id,
                "data-count": look.counts[index],
                "aria-pressed": String(state.filter?.has(entry.id) ?? false),
                onclick: () => toggle(entry.id),
              },
              classSwatch(entry, state.patterns),
              h("span", { class: "what" }, words.pick(entry)),
              h("b", null, words.number(look.counts[index])),
              h("span", { class: "share" }, entry.id === "not_applicable" || all === 0 ? "" : words.percent(look.counts[index] / all)),
            ),
          ),
    ),
  );
}

function cumulative({ model, words }, look) {
  const all = base(look);
  if (look.key !== "status") {
    const units = unitWord(look);
    return [
      look.whole === null ? null : h("p", { class: "sum" }, words.say("wholeProvince", { value: words.percent(look.whole) })),
      h("p", { class: "hint total" }, words.say(units === "unitsCommunes" ? "countedAssessed" : "countedOf", { n: words.number(all), units: words.say(units) })),
    ];
  }
  const silent = unknownCount(look);
  const met = ["ntm", "advanced", "model"].reduce((total, id) => total + look.counts[look.index.get(id)], 0);
  if (all === 0 || silent >= all || model.states.length === 0) return null;
  return h("p", { class: "sum" }, words.say(silent ? "cumulativeAtLeast" : "cumulative", { share: words.share(met, all) }));
}

/** The communes marked as at risk: a press shows only them, a second one all again. */
function riskRow({ model, state, words }) {
  const units = new Set(atRisk(model, state));
  if (!units.size) return null;
  const label = words.pick(model.themes.get("risk"));
  const on = state.focus?.key === "risk";
  return h(
    "ul",
    { class: "tiers risk" },
    h(
      "li",
      null,
      h(
        "button",
        { type: "button", "data-key": "risk", "data-risk": units.size, "aria-pressed": String(on), onclick: () => state.set({ focus: on ? null : { key: "risk", label, units } }) },
        riskSwatch(),
        h("span", { class: "what" }, label),
        h("b", null, words.number(units.size)),
        h("span", { class: "share" }),
      ),
    ),
  );
}

/** The communes that changed since the chosen date, each a button that goes there. */
function changesSection(app) {
  const { model, state, words } = app;
  const since = sincePeriod(model, state);
  if (since === null || state.theme !== "status") return null;
  const list = changesIn(model, state);
  const now = model.periods[state.period];
  const told = new Map();
  const review = model.reviewAt(state.period);
  if (review && review.since === since.as_of)
    review.changes.commune.forEach((index, row) =>
      told.set(index, [review.changes.decision[row], review.changes.decision_date[row] && words.day(review.changes.decision_date[row])].filter(Boolean).join(", ")),
    );
  return h(
    "section",
    { class: "block changes", "aria-labelledby": "changes-title" },
    h("h2", { id: "changes-title" }, words.say("changes", { n: words.number(list.length) })),
    h("p", { class: "hint" }, words.say("changesBetween", { from: words.day(since.as_of), to: words.day(now.as_of) })),
    KINDS.map((kind) => {
      const some = list.filter((one) => one.kind === kind);
      if (!some.length) return null;
      return h(
        "div",
        { class: "kind", "data-kind": kind },
        h("h3", null, changeSwatch(kind), words.say(`kind_${kind}`), " ", h("b", { "data-count": some.length }, words.number(some.length))),
        h(
          "ul",
          null,
          some.map((one) =>
            h(
              "li",
              null,
              h(
                "button",
                { type: "button", class: "link", "data-key": `change-${one.index}`, onclick: () => app.go({ kind: "commune", index: one.index, scene: model.scene }) },
                model.communes.name[one.index] ?? model.communes.code[one.index],
              ),
              h(
                "span",
                { class: "hint" },
                [model.districtName(one.index), `${words.pick(model.palette[one.before].words)} → ${words.pick(model.palette[one.after].words)}`, told.get(one.index)]
                  .filter(Boolean)
                  .join(" · "),
              ),
            ),
          ),
        ),
      );
    }),
  );
}

