// The table of communes: sorted by any column, filtered like the map, copied as CSV.

import { byId, fill, h } from "./dom.js";
import { fold } from "./fold.js";
import { lookAt, themeName, valueText } from "./look.js";
import { passes } from "./model.js";
import { UNKNOWN } from "./words.js";

const share = (id, word) => ({ id, word, kind: "share", get: (m, i) => m.communes[id][i] });

/** What stands in a column for a commune at a date; null: not known. */
const COLUMNS = [
  { id: "name", word: "commune", get: (m, i) => m.communes.name[i] },
  { id: "district", word: "district", get: (m, i) => m.districtName(i) || null },
  { id: "code", word: "code", get: (m, i) => m.communes.code[i] },
  { id: "tier", word: "status", get: (m, i, period) => m.palette[period.tier[i]], sort: (m, i, period) => period.tier[i] },
  { id: "standard_year", word: "year", kind: "year", get: (m, i, period) => (period.current ? m.communes.standard_year[i] : null) },
  { id: "criteria_met", word: "colCriteria", kind: "count", get: (_, i, period) => period.met?.[i] ?? null },
  share("road_hardened_share", "colRoad"),
  share("near_road_share", "colNearRoad"),
  share("near_water_share", "colNearWater"),
  share("near_waste_share", "colNearWaste"),
  share("address_coded_share", "colCoded"),
  share("address_notified_share", "colNotified"),
  share("address_plated_share", "colPlated"),
  share("address_located_share", "colLocated"),
];

export function watchTable(app) {
  const { state } = app;
  const render = () => fill(byId("table"), ...content(app));
  state.on(["lang", "period", "theme", "filter", "focus", "sort", "table", "query"], render);
  state.on(["table"], () => mark(app, state.table === "open")); // what was chosen before is in view
  state.on(["selected"], () => mark(app, true));
  state.on(["hover"], () => lightRow(app));
  byId("table").addEventListener("mouseleave", () => state.set({ hover: -1 }));
  render();
}

/** Columns with something in them at any date, and the theme in view; a measure that is its own theme stands `once`, at the theme's place. */
function usedColumns({ model, state, words }, once = true) {
  const { periods, communes } = model.scene;
  const made = COLUMNS.filter(({ get }) => periods.some((period) => communes.code.some((_, i) => get(model, i, period) !== null)));
  if (state.theme === "status") return made;
  const look = lookAt(model, state);
  const theme = {
    id: "theme",
    title: themeName(words, look),
    get: (_, i) => [words.pick(look.classes[look.at[i]]), valueText(words, look, i)].filter(Boolean).join(" · "),
    sort: (_, i) => look.values?.[i] ?? look.at[i],
  };
  const at = made.findIndex((one) => one.id === "tier") + 1;
  const others = made.slice(at).filter(({ id, kind }) => !once || kind !== "share" || !same(communes[id], look.values));
  return [...made.slice(0, at), theme, ...others];
}

const same = (one, other) => other !== null && one.length === other.length && one.every((value, i) => value === other[i]);

const titleOf = (words, column) => column.title ?? words.say(column.word);

function shownRows(app) {
  const { model, state } = app;
  const period = model.periods[state.period];
  const look = lookAt(model, state);
  const wanted = fold(state.query).split(" ").filter(Boolean);
  const rows = model.communes.code
    .map((_, i) => i)
    .filter((i) => {
      if (!passes(model, state, look, i)) return false;
      const text = wanted.length ? fold(`${model.communes.name[i] ?? ""} ${model.districtName(i)} ${model.communes.code[i]}`) : "";
      return wanted.every((word) => text.includes(word));
    });
  const columns = usedColumns(app);
  const column = columns.find((one) => one.id === state.sort.by) ?? columns[0];
  const key = column.sort ?? column.get;
  const collator = new Intl.Collator("vi");
  return rows.sort((a, b) => {
    const [x, y] = [key(model, a, period), key(model, b, period)];
    if (x === null || y === null) return (x === null) - (y === null) || a - b; // unknown always last
    const order = typeof x === "number" ? x - y : collator.compare(x, y);
    return (state.sort.down ? -order : order) || a - b;
  });
}

function cell({ model, state, words }, column, i) {
  const period = model.periods[state.period];
  const value = column.get(model, i, period);
  if (value === null) return UNKNOWN;
  if (column.id === "tier") return words.pick(value.words);
  if (column.kind === "share") return words.percent(value);
  if (column.kind === "count") return `${words.number(value)}/${words.number(period.judged[i])}`;
  return String(value);
}

function content(app) {
  const { model, state, words } = app;
  const rows = shownRows(app);
  const tiers = model.tiersAt(state.period);
  const columns = usedColumns(app);
  const open = state.table === "open";
  const bar = h(
    "div",
    { class: "table-bar" },
    h(
      "button",
      {
        type: "button",
        class: "table-toggle",
        "data-key": "table-toggle",
        "aria-expanded": String(open),
        onclick: () => state.set({ table: open ? "closed" : "open" }),
      },
      h("span", { class: "arrow", "aria-hidden": "true" }, open ? "▾" : "▴"),
      h("h2", null, words.say("table")),
    ),
    open
      ? h("input", {
          type: "search",
          class: "table-filter",
          "data-key": "table-filter",
          value: state.query,
          placeholder: words.say("tableFilter"),
          "aria-label": words.say("tableFilter"),
          oninput: (event) => state.set({ query: event.target.value }),
        })
      : null,
    state.focus
      ? h(
          "button",
          { type: "button", class: "focus-chip", "data-key": "focus-clear", onclick: () => state.set({ focus: null }) },
          h("span", null, words.say("focusOn", { label: state.focus.label, n: words.number(state.focus.units.size) })),
          h("b", { "aria-hidden": "true" }, "×"),
        )
      : null,
    h("span", { class: "hint" }, words.say("shown", { n: words.number(rows.length), all: words.number(tiers.length) })),
    open && !model.periods[state.period].current && columns.some((column) => column.kind === "share")
      ? h("span", { class: "hint measured-on" }, words.say("sharesOf", { date: words.day(model.scene.periods.at(-1).as_of) }))
      : null,
    h("button", { type: "button", class: "plain", "data-key": "copy", onclick: () => copy(app) }, words.say("copyCsv")),
  );
  if (!open) return [bar];
  const header = columns.map((column) => {
    const on = state.sort.by === column.id;
    return h(
      "th",
      { scope: "col", class: column.kind ? "number" : "", "aria-sort": on ? (state.sort.down ? "descending" : "ascending") : "none" },
      h(
        "button",
        {
          type: "button",
          "data-key": `sort-${column.id}`,
          title: words.say("sortBy", { name: titleOf(words, column) }),
          onclick: () => state.set({ sort: { by: column.id, down: on ? !state.sort.down : false } }),
        },
        titleOf(words, column),
        h("span", { "aria-hidden": "true" }, on ? (state.sort.down ? " ▼" : " ▲") : ""),
      ),
    );
  });
  const body = rows.map((i) =>
    h(
      "tr",
      { "data-index": i, class: i === state.selected ? "chosen" : "", onclick: () => app.select(i), onmouseenter: () => state.set({ hover: i }) },
      columns.map((column) => {
        const text = cell(app, column, i);
        if (column.id === "name")
          return h("th", { scope: "row" }, h("button", { type: "button", class: "link", "data-key": `row-${i}` }, text));
        if (column.id === "tier") return h("td", { class: "tier" }, h("i", { class: `dot t-${model.states[tiers[i]]}` }), text);
        return h("td", { class: column.kind ? "number" : "" }, text);
      }),
    ),
  );
  if (!rows.length) body.push(h("tr", { class: "none" }, h("td", { colspan: columns.length }, words.say("tableNone"))));
  const table = h("table", null, h("thead", null, h("tr", null, header)), h("tbody", null, body));
  return [bar, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": words.say("table") }, table)];
}

/** The commune under the pointer on the map is marked in the table too. */
function lightRow({ state }) {
  const panel = byId("table");
  panel.querySelector("tr.lit")?.classList.remove("lit");
  panel.querySelector(`tr[data-index="${state.hover}"]`)?.classList.add("lit");
}

function mark({ state }, scroll) {
  const panel = byId("table");
  panel.querySelector("tr.chosen")?.classList.remove("chosen");
  const row = panel.querySelector(`tr[data-index="${state.selected}"]`);
  row?.classList.add("chosen");
  if (scroll && row) row.scrollIntoView({ block: "nearest" });
}

/** Text of a cell; one that a spreadsheet would run as a formula is made text. */
function plain(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function csvCell(value) {
  const text = plain(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The table as rows of values, the titles first; `show` makes a value and its column what stands in the cell. */
function cells(app, show) {
  const { model, words, state } = app;
  const period = model.periods[state.period];
  const columns = usedColumns(app, false); // a spreadsheet wants the number by itself
  const value = (column, i) => {
    const told = column.get(model, i, period);
    return column.id === "tier" ? words.pick(told.words) : told;
  };
  return [columns.map((column) => show(titleOf(words, column))), ...shownRows(app).map((i) => columns.map((column) => show(value(column, i), column)))];
}

export function csv(app) {
  return `${cells(app, csvCell)
    .map((line) => line.join(","))
    .join("\r\n")}\r\n`;
}

/** The same as a table, which Excel pastes into cells whatever its list separator; shares written as on the page. */
function asTable(app) {
  const show = (value, column) => (column?.kind === "share" && typeof value === "number" ? app.words.percent(value) : plain(value));
  return h("table", null, cells(app, show).map((line) => h("tr", null, line.map((text) => h("td", null, text))))).outerHTML;
}

async function copy(app) {
  const text = csv(app);
  const count = shownRows(app).length;
  let done = false;
  try {
    const forms = { "text/plain": text, "text/html": asTable(app) };
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(Object.entries(forms).map(([type, form]) => [type, new Blob([form], { type })])))]);
    done = true;
  } catch {
    // An older browser, or one that asks for leave on a file: the way by a selected field still works.
    const field = h("textarea", { class: "away", value: text });
    document.body.append(field);
    field.select();
    done = document.execCommand("copy");
    field.remove();
  }
  app.tell(app.words.say(done ? "copied" : "copyFailed", { n: app.words.number(count) }));
}
