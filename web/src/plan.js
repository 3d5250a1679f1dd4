// Plan targets against what was reached, as the plan states them.

import { h } from "./dom.js";

export function planSection({ model, state, words, go }) {
  const { plan } = model.facts;
  if (plan.length === 0) return null;
  const general = plan.filter((row) => !isVillageShare(row));
  const shares = plan.filter(isVillageShare);
  return h(
    "section",
    { class: "block plan no-print" },
    fold(
      state,
      "plan",
      words.say("plan"),
      general.map((row) => target(words, row)),
      shares.length
        ? [
            h("h3", null, labelOf(words, shares[0]), " ", h("span", { class: "hint" }, words.say("planByDistrict"))),
            h("ul", { class: "shares" }, shares.map((row) => shareRow(model, words, row, go))),
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
const labelOf = (words, row) => words.pick({ vi: row.label ?? row.id, en: row.gloss });

function figures(words, row) {
  const asShare = row.kind === "minimum_share";
  const show = (value) => (asShare ? words.percent(value) : words.number(value));
  const unit = asShare || !row.unit ? "" : ` ${row.unit}`;
  const done = row.kind === "increment" ? row.done : row.actual;
  const goal = row.target === null ? words.say("planNoTarget") : `${words.say("planTarget")} ${show(row.target)}${unit}`;
  const reached = done === null ? words.say("planUnknown") : `${words.say("planDone")} ${show(done)}${unit}`;
  const parts = [reached, goal];
  if (row.kind === "increment" && row.actual !== null) parts.push(`${words.say("planActual")} ${show(row.actual)}${unit}`);
  return { text: parts.join(" · "), part: row.target && done !== null ? done / row.target : null };
}

function target(words, row) {
  const { text, part } = figures(words, row);
  return h(
    "div",
    { class: `target ${row.status ?? "unknown"}`, "data-target": row.id },
    h("p", null, h("b", null, labelOf(words, row)), row.kind === "increment" ? h("span", { class: "hint" }, ` ${words.say("planIncrement")}`) : null),
    h("p", { class: "figures" }, text, mark(words, row)),
    part === null ? null : bar(part),
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

function shareRow(model, words, row, go) {
  const index = model.districts.code.indexOf(row.district_code);
  const { text } = figures(words, row);
  const name = index >= 0 ? model.districts.name[index] : row.district_code;
  return h(
    "li",
    { "data-target": `${row.id}-${row.district_code}` },
    index >= 0
      ? h("button", { type: "button", class: "link", "data-key": `share-${row.district_code}`, onclick: () => go({ kind: "district", index }) }, name)
      : h("span", null, name),
    h("span", { class: "figures" }, text, mark(words, row)),
    row.actual !== null && row.actual <= 1 ? bar(row.actual, row.target) : null,
    row.note ? h("span", { class: "note" }, row.note) : null,
  );
}
