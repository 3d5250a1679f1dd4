// Right panel: one commune in full, or the dashboard of the whole province.

import { dashboard } from "./dashboard.js";
import { byId, fill, h } from "./dom.js";
import { criteriaGrid, criterionName } from "./grid.js";
import { lookAt, themeName, valueText } from "./look.js";
import { measures, roads } from "./measures.js";
import { villageMarks } from "./pick.js";
import { classSwatch } from "./signs.js";

export function watchDetails(app) {
  const { state } = app;
  const render = () => fill(byId("details"), state.selected >= 0 ? commune(app, state.selected) : dashboard(app, head));
  state.on(["lang", "period", "theme", "selected", "village", "patterns", "focus"], render);
  state.on(["selected"], () => (byId("details").scrollTop = 0));
  state.on(["hover"], () => markDistrict(app));
  render();
}

/** The district under the pointer on the map is marked in the dashboard. */
function markDistrict({ model, state }) {
  const panel = byId("details");
  panel.querySelector(".districts li.lit")?.classList.remove("lit");
  if (state.hover >= 0) panel.querySelector(`.districts li[data-district="${model.communes.district[state.hover]}"]`)?.classList.add("lit");
}

function head(app, title, over, back) {
  const { words, state } = app;
  return h(
    "header",
    { class: "panel-head" },
    h(
      "div",
      null,
      back ? h("button", { type: "button", class: "link back no-print", "data-key": "back", onclick: () => state.set({ selected: -1 }) }, `‹ ${words.say("dashboard")}`) : null,
      over ? h("p", { class: "over" }, over) : null,
      h("h2", null, title),
    ),
    h(
      "button",
      { type: "button", class: "close", "data-key": "close", "aria-label": words.say("close"), onclick: () => app.closeDetails() },
      "×",
    ),
  );
}

function pairs(list) {
  return h(
    "dl",
    { class: "pairs" },
    list.filter(([, value]) => value !== null && value !== "" && value !== undefined).map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
  );
}

function commune(app, i) {
  const { model, state, words } = app;
  const c = model.communes;
  const period = model.periods[state.period];
  const { current } = period;
  const tier = model.palette[model.tiersAt(state.period)[i]];
  const population = c.population[i];
  return [
    head(app, c.name[i] ?? c.code[i], model.districtName(i) || model.scene.view.province.name, true),
    h("p", { class: "chip" }, classSwatch(tier, state.patterns), h("b", null, words.pick(tier.words))),
    pairs([
      [words.say("standardYear"), current && c.standard_year[i] !== null ? String(c.standard_year[i]) : null],
      [words.say("decision"), current ? [c.decision[i], c.decision_date[i] && words.day(c.decision_date[i])].filter(Boolean).join(", ") : null],
      [words.say("statusAsOf"), words.day(current ? (c.status_as_of[i] ?? period.as_of) : period.as_of)],
      [words.say("criteriaSet"), period.setOf(i)],
      [words.say("composition"), c.composition[i] ? composition(app, c.composition[i]) : null],
      [words.say("code"), c.code[i]],
      [words.say("area"), area(words, c, i)],
      [words.say("population"), population === null ? null : words.say("populationAbout", { n: words.number(population) })],
      [words.say("boundaries"), words.pick(period.scene.view.epoch).replace(/^(ranh giới|boundaries) /u, "")],
    ]),
    themeValue(app, i),
    h(
      "p",
      { class: "actions no-print" },
      h("button", { type: "button", class: "plain", "data-key": "zoom", onclick: () => app.go({ kind: "commune", index: i, scene: model.scene }) }, words.say("zoomTo")),
    ),
    standing(app, i),
    c.rural[i] ? criteriaGrid(app, i) : null,
    trend(app, i),
    kin(app, i),
    measures(app, c, i),
    roads(app, i),
    villages(app, i),
    sources(app, i),
  ];
}

/** What the theme in view says of the commune, where it is not the tier itself. */
function themeValue(app, i) {
  const { model, state, words } = app;
  if (state.theme === "status") return null;
  const look = lookAt(model, state);
  const entry = look.classes[look.at[i]];
  return h(
    "div",
    { class: "theme-value" },
    h("p", { class: "over" }, themeName(words, look)),
    h("p", { class: "chip" }, classSwatch(entry, state.patterns), h("b", null, [words.pick(entry), valueText(words, look, i)].filter(Boolean).join(" · "))),
  );
}

function composition(app, parts) {
  return parts.map(([tier, count]) => `${app.words.number(count)} ${app.words.pick(app.model.palette[tier].words)}`).join(", ");
}

function area(words, c, i) {
  if (c.area_km2[i] === null) return null;
  const measured = `${words.number(c.area_km2[i], 1)} km²`;
  return c.declared_km2[i] === null ? measured : `${measured} (${words.say("declared", { n: words.number(c.declared_km2[i], 1) })})`;
}

/** The review's words on the commune: why it stands where it does, what is missing, what it is a candidate for. */
function standing(app, i) {
  const { model, state, words } = app;
  const review = model.reviewAt(state.period);
  if (!review || !model.communes.rural[i]) return null;
  const s = review.standing;
  const names = (numbers) => numbers.map((n) => `${n}. ${criterionName(model, words, model.periods[state.period], i, n - 1)}`.trim()).join("; ");
  const row = review.candidates.commune.indexOf(i);
  const next = row >= 0 ? model.palette.find((one) => one.state === review.candidates.to[row]) : null;
  const risk = riskOf(model, state, i);
  const told = words.pick({ vi: s.vi[i], en: s.en[i] });
  if (!told && !next && !risk && !s.missing[i].length) return null;
  return h(
    "section",
    { class: "standing" },
    h("h3", null, words.say("standing")),
    told ? h("p", null, told) : null,
    risk ? h("p", { class: "chip small" }, classSwatch(risk, state.patterns), h("span", null, words.pick(risk))) : null,
    pairs([
      [words.say("meetsNow"), s.meets_now[i] === null ? null : words.say(s.meets_now[i] ? "yes" : "no")],
      [words.say("missingCriteria"), names(s.missing[i])],
      [words.say("unknownCriteria"), names(s.unknown[i])],
      [
        words.say("candidateFor"),
        next
          ? [
              words.pick(next.words),
              review.candidates.count[row] === null ? null : words.say("candidateMissing", { n: words.number(review.candidates.count[row]) }),
              words.pick({ vi: review.candidates.vi[row], en: review.candidates.en[row] }),
            ]
              .filter(Boolean)
              .join(" · ")
          : null,
      ],
    ]),
  );
}

/** The class of the theme of withdrawal; null for a commune that was never recognised, of which the words say so. */
function riskOf(model, state, i) {
  const letter = model.periods[state.period].themes.risk?.c[i];
  const found = letter === undefined ? null : model.themes.get("risk").classes[parseInt(letter, 36)];
  return found?.id === "outside" ? null : found;
}

/** The tier at every reporting date of this epoch, oldest first; a click goes to the date. */
function trend(app, i) {
  const { model, state, words } = app;
  const all = model.scene.periods;
  if (all.length < 2 || !model.communes.rural[i]) return null;
  return h(
    "section",
    null,
    h("h3", null, words.say("trend")),
    h(
      "ol",
      { class: "trend" },
      all.map((one) => {
        const entry = model.palette[one.tier[i]];
        const at = model.periods.indexOf(one);
        return h(
          "li",
          { class: at === state.period ? "now" : "" },
          h(
            "button",
            { type: "button", "data-key": `trend-${one.as_of}`, title: words.pick(entry.words), onclick: () => state.set({ period: at, theme: "status" }) },
            classSwatch(entry, state.patterns),
            h("span", null, words.day(one.as_of)),
            h("b", null, words.pick(entry.words)),
            h("small", null, one.judged?.[i] ? `${words.number(one.met[i])}/${words.number(one.judged[i])}` : ""),
          ),
        );
      }),
    ),
  );
}

/** Units of the other epoch that this one was made of, or became part of. */
function kin(app, i) {
  const { model, words } = app;
  const found = model.relatives(i);
  if (!found.length) return null;
  const part = (list, word) =>
    list.length
      ? [
          h("h3", null, words.say(word)),
          h(
            "ul",
            { class: "kin" },
            list.map((one) =>
              h(
                "li",
                null,
                h(
                  "button",
                  { type: "button", class: "link", "data-key": `kin-${one.index}`, onclick: () => app.go({ kind: "commune", index: one.index, scene: one.scene }) },
                  one.scene.communes.name[one.index] ?? one.scene.communes.code[one.index],
                ),
                h("span", { class: "hint" }, [one.scene.districtName(one.index), one.share === null || one.share >= 1 ? null : words.say("shareOfArea", { share: words.percent(one.share) })].filter(Boolean).join(" · ")),
              ),
            ),
          ),
        ]
      : null;
  return h("section", null, part(found.filter((one) => !one.later), "madeOf"), part(found.filter((one) => one.later), "becamePartOf"));
}

function villages(app, i) {
  const { model, state, words } = app;
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
          { class: index === state.village ? "asked" : "" },
          h(
            "button",
            { type: "button", class: "link", "data-key": `village-${index}`, onclick: () => app.go({ kind: "village", index, scene: model.scene }) },
            model.villages.name[index] ?? model.villages.code[index],
          ),
          h("span", { class: "hint" }, [households === null ? "" : words.say("households", { n: words.number(households) }), marks].filter(Boolean).join(", ")),
        );
      }),
    ),
  );
}

/** Where the figures of the commune come from: the source of its status, and of what is measured. */
function sources(app, i) {
  const { model, state, words } = app;
  const { k, v } = model.communes.source;
  const own = model.periods[state.period].current && v[i] >= 0 ? k[v[i]] : null;
  const tables = new Set(["road", "water_supply", "waste_point", "address_point", ...(model.communes.population[i] === null ? [] : ["population"])]);
  const notes = model.facts.sources.filter((note) => note.id === own || (tables.has(note.table) && note.rows));
  if (!notes.length) return null;
  return h(
    "section",
    null,
    h("h3", null, words.say("sourcesOf")),
    h(
      "ul",
      { class: "sources" },
      notes.map((note) => h("li", null, h("b", null, note.title || note.id), h("span", null, [note.as_of ? words.day(note.as_of) : words.say("sourceNoDate"), note.origin].filter(Boolean).join(" · ")))),
    ),
  );
}
