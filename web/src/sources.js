// Where the numbers come from and how old they are.

import { byId, fill, h } from "./dom.js";
import { fold } from "./plan.js";

export function sourcesSection({ model, state, words }) {
  const { page, sources } = model.facts;
  return h(
    "section",
    { class: "block sources" },
    fold(
      state,
      "sources",
      words.say("sources"),
      h("ul", null, sources.map((note) => sourceRow(words, note))),
      page.agency ? h("p", null, words.say("agency", { name: page.agency })) : null,
      page.sample ? h("p", { class: "sample-note" }, sampleText(model, words)) : null,
      h("p", { class: "hint" }, words.say("software")),
    ),
  );
}

function sourceRow(words, note) {
  return h(
    "li",
    null,
    h("b", null, note.title || note.id),
    h(
      "span",
      null,
      [note.as_of ? words.day(note.as_of) : words.say("sourceNoDate"), words.say("sourceRows", { n: words.number(note.rows) }), note.origin, note.licence]
        .filter(Boolean)
        .join(" · "),
    ),
    note.failed ? h("span", { class: "failed" }, words.say("sourceFailed")) : null,
  );
}

export const sampleText = (model, words) => {
  const { sample } = model.facts.symbols;
  return words.pick({ vi: sample.vi_long, en: sample.en_long });
};

/** The line at the foot of the page: sources left, date right. */
export function watchFoot({ model, state, words }) {
  const render = () => {
    const { page, sources } = model.facts;
    const byOrigin = new Map();
    const { scene } = model.periods[state.period];
    for (const note of sources.filter((one) => scene.sources.has(one.id) && isShown(model, state, one.table))) byOrigin.set(note.origin, [...(byOrigin.get(note.origin) ?? []), note.title || note.id]);
    const titles = [...byOrigin].map(([origin, names]) => names.join(", ") + (origin ? ` (${origin})` : ""));
    fill(
      byId("foot"),
      h("p", { class: "from", title: titles.join("; ") }, h("b", null, `${words.say("sources")}: `), titles.join("; ")),
      h(
        "p",
        { class: "when" },
        page.agency ? `${words.say("agency", { name: page.agency })} · ` : "",
        words.say("foot", { date: words.day(model.periods[state.period].as_of) }),
        h("span", { id: "printed" }),
      ),
    );
  };
  state.on(["lang", "period", "shown"], render);
  render();
}

/** Whether the map as it stands shows something of the table; the panel of sources names all of them. */
function isShown(model, state, table) {
  if (model.layers.some((layer) => layer.id === table)) return state.shown.has(table);
  if (table === "village" || table === "village_status") return state.shown.has("villages") || state.shown.has("addresses");
  if (table === "address_point") return state.shown.has("addresses");
  return ["unit", "commune_status", "district_status", "unit_change"].includes(table);
}
