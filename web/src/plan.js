// Plan targets against what was reached, as the plan states them.

import { h } from "./dom.js";

export function planSection(app) {
  const { model, state, words } = app;
  const { plan } = model.facts;
  if (plan.length === 0) return null;
  const general = plan.filter((row) => !isVillageShare(row));
  const shares = plan.filter(isVillageShare);
  return h(
    "section",
    { class: "plan no-print" },
    fold(
      state,
      "plan",
      // Of the page's own date, whichever is in view.
      [words.say("plan"), " ", h("span", { class: "hint" }, words.say("until", { date: words.day(model.scenes[0].periods.at(-1).as_of) }))],
      general.map((row) => target(app, row)),
      shares.length
        ? [
            h("h3", null, commonLabel(words, shares), " ", h("span", { class: "hint" }, words.say("planByDistrict"))),
            h("ul", { class: "shares" }, shares.map((row) => shareRow(app, row))),
          ]
        : null,
    ),
  );
}

/** A part that folds and remembers that it is open when the panel is drawn again. */
export function fold(state, name, title, ...content) {
  const part = h(
    "details",
    { class: "fold", "data-fold": name },
    h("summary", { "data-key": `fold-${name}` }, h("h2", null, title)),
    content,
  );
  part.open = state.open.has(name);
  part.addEventListener("toggle", () => {
    if (part.open) state.open.add(name);
    else state.open.delete(name);
  });
  return part;
}

const isVillageShare = (row) => row.district_code !== null;
/** What the labels of one target's districts begin with: "...: huyện A" and "...: huyện B" are one target. */
function commonLabel(words, rows) {
  const label = labelOf(words, rows[0]);
  const head = label.slice(0, label.lastIndexOf(": "));
  return head && rows.every((row) => labelOf(words, row).startsWith(`${head}: `)) ? head : label;
}

const labelOf = (words, row) => words.pick({ vi: row.label ?? row.id, en: row.gloss });

/** What was reached of what is asked for, the pair first; then how it is counted and how much there is in all. */
function figures(words, row) {
  const asShare = row.kind === "minimum_share";
  if (asShare && row.done !== null && row.actual !== null) return { part: null, parts: shareParts(words, row) };
  const show = (value) => (asShare ? words.percent(value) : words.number(value));
  const unit = asShare || !row.unit ? "" : ` ${words.unit(row.unit)}`;
  const added = row.kind === "increment";
  const done = added ? row.done : row.actual;
  const part = row.target && done !== null ? done / row.target : null;
  if (part === null || asShare) {
    const goal = row.target === null ? words.say("planNoTarget") : `${words.say("planTarget")} ${show(row.target)}${unit}`;
    return { part, parts: [done === null ? words.say("planUnknown") : `${words.say("planDone")} ${show(done)}${unit}`, goal] };
  }
  if (perCommune(row)) {
    const pair = h("b", null, `${show(done)}/${show(row.target)}`);
    return { part, parts: [[pair, ` ${words.say("planPerCommune")}`]] };
  }
  const pair = h("b", null, `${show(done)}/${show(row.target)}${unit}`);
  const parts = [added ? [pair, ` ${words.say("planIncrement")}`] : pair];
  if (added && row.actual !== null) parts.push(`${words.say("planActual")} ${show(row.actual)}${unit}`);
  return { part, parts };
}

/** So many villages in every commune: what is counted then is communes. */
const perCommune = (row) => row.kind === "minimum_per_commune";

/** A share with the villages it is made of. */
function shareParts(words, row) {
  const all = row.actual > 0 ? Math.round(row.done / row.actual) : null;
  const villages = all === null ? words.number(row.done) : `${words.number(row.done)}/${words.number(all)}`;
  return [
    [h("b", null, `${villages} ${words.say("planVillages")}`), `, ${words.percent(row.actual)}`],
    row.target === null ? words.say("planNoTarget") : `${words.say("planTarget")} ${words.percent(row.target)}`,
  ];
}

function target(app, row) {
  const { state, words } = app;
  const { parts, part } = figures(words, row);
  const units = unitsOf(app, row);
  const on = state.focus?.key === row.id;
  const name = labelOf(words, row);
  return h(
    "div",
    { class: `target ${row.status ?? "unknown"}`, "data-target": row.id },
    h(
      "p",
      null,
      units?.size
        ? h(
            "button",
            { type: "button", class: "link", "data-key": `target-${row.id}`, "aria-pressed": String(on), title: words.say("showOnMap"), onclick: () => focus(app, row, units) },
            name,
          )
        : h("b", null, name),
    ),
    h("p", { class: "figures" }, told(parts)),
    part === null ? null : bar(part),
    h("p", { class: "marks" }, mark(words, row), track(words, row)),
    remarks(words, row),
  );
}

/** Figures that break between one another, never between a number and its unit. */
const told = (parts) => parts.map((part, index) => [h("span", { class: "whole" }, part, index < parts.length - 1 ? " ·" : ""), " "]);

/** Shows the communes behind a target on the map and in the table; a second press shows all again. */
function focus(app, row, units) {
  const { model, state, words } = app;
  if (state.focus?.key === row.id) {
    state.set({ focus: null });
    return;
  }
  if (model.scene !== model.scenes[0]) state.set({ period: model.firstPeriod });
  state.set({ focus: { key: row.id, label: labelOf(words, row), units } });
}

/** The communes that a target counts or names; null where they cannot be told. */
function unitsOf({ model }, row) {
  const { communes, periods } = model.scenes[0];
  const among = (test) => new Set(communes.code.map((_, i) => i).filter(test));
  if (row.districts?.length) {
    const named = new Set(row.districts.map((code) => model.scenes[0].districts.code.indexOf(code)));
    return among((i) => named.has(communes.district[i]));
  }
  if (row.kind !== "increment" || !RANK.includes(row.tier) || row.baseline === null) return null;
  const now = periods.at(-1);
  const base = periods.filter((one) => one.as_of < `${now.as_of.slice(0, 4)}-01-01`).at(-1);
  if (!base) return null;
  const rank = (period, i) => RANK.indexOf(model.states[period.tier[i]]);
  const floor = RANK.indexOf(row.tier);
  return among((i) => rank(now, i) >= floor && rank(base, i) < floor);
}

const RANK = ["not_yet", "ntm", "advanced", "model"];

/** The review's judgement: on track or behind; where it cannot tell, it says nothing here and why in the rule. */
function track(words, row) {
  if (row.on_track === null || row.on_track === undefined || row.status === "reached") return null;
  return h("span", { class: `mark ${row.on_track ? "reached" : "late"}` }, words.say(row.on_track ? "onTrack" : "behind"));
}

/** What the plan leaves open about a target, and how its progress is judged; told in full when unfolded. */
function remarks(words, row) {
  const told = row.rule ? words.pick(row.rule) : "";
  if (!told && !row.note) return null;
  const unit = isVillageShare(row) ? words.say("planVillages") : words.unit(perCommune(row) ? "xã" : (row.unit ?? ""));
  const count = (value) => `${words.number(value, Math.abs(value - Math.round(value)) < 0.05 ? 0 : 1)} ${unit}`.trim();
  const brief = [
    told && row.expected !== null ? words.say("expectedNow", { n: count(row.expected) }) : null,
    told && row.per_quarter !== null && row.target !== 1 ? words.say("perQuarter", { n: count(row.per_quarter) }) : null,
    !told && row.note ? words.say("remarks") : null,
  ].filter(Boolean);
  return h(
    "details",
    { class: "rule" },
    h("summary", null, brief.length ? brief.join(" · ") : words.say("rule")),
    told ? h("p", { class: "note" }, told) : null,
    row.note ? h("p", { class: "note" }, row.note) : null,
  );
}

function mark(words, row) {
  if (row.status !== "reached" && row.status !== "short") return null;
  return h("span", { class: `mark ${row.status}` }, words.say(row.status === "reached" ? "planReached" : "planShort"));
}

export function bar(part, goal = null) {
  const meter = h("div", { class: "bar", "aria-hidden": "true" }, h("span"));
  meter.firstChild.style.width = `${100 * Math.max(0, Math.min(1, part))}%`;
  if (goal !== null) {
    const line = h("i");
    line.style.left = `${100 * goal}%`;
    meter.append(line);
  }
  return meter;
}

function shareRow(app, row) {
  const { model, state, words } = app;
  const { districts, communes } = model.scenes[0];
  const index = districts.code.indexOf(row.district_code);
  const { parts } = figures(words, row);
  const name = index >= 0 ? districts.name[index] : row.district_code;
  const units = communes.code.map((_, i) => i).filter((i) => communes.district[i] === index);
  const light = (on) => () => state.set({ lit: on ? units : null });
  return h(
    "li",
    { "data-target": `${row.id}-${row.district_code}`, onmouseenter: light(true), onmouseleave: light(false) },
    index >= 0
      ? h("button", { type: "button", class: "link", "data-key": `share-${row.district_code}`, onclick: () => app.go({ kind: "district", index, scene: model.scenes[0] }) }, name)
      : h("span", null, name),
    h("span", { class: "figures" }, told(parts)),
    row.actual !== null && row.actual <= 1 ? bar(row.actual, row.target) : null,
    h("p", { class: "marks" }, mark(words, row), track(words, row)),
    remarks(words, row),
  );
}
