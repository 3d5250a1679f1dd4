// What changed between two reporting dates of one epoch.

/** Order of the list, by weight. */
export const KINDS = ["withdrawn", "down", "newly_recognised", "up", "first_report", "no_longer_reported"];

/** The earlier period that the one in view is compared with; null for none. */
export function sincePeriod(model, state) {
  const now = model.periods[state.period];
  const earlier = now.scene.periods.filter((one) => one.as_of < now.as_of);
  if (state.since === "before") return earlier.at(-1) ?? null;
  return earlier.find((one) => one.as_of === state.since) ?? null;
}

/** Communes whose reported tier differs: index, kind, before and after as state indexes; by kind, then by code. */
export function changesIn(model, state) {
  const since = sincePeriod(model, state);
  if (since === null || state.theme !== "status") return [];
  const now = model.tiersAt(state.period);
  const made = [];
  now.forEach((after, index) => {
    const before = since.tier[index];
    if (before !== after) made.push({ index, before, after, kind: kindOf(model.states[before], model.states[after]) });
  });
  return made.sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.index - b.index);
}

const RANK = ["not_yet", "ntm", "advanced", "model"];

function kindOf(before, after) {
  const [from, to] = [RANK.indexOf(before), RANK.indexOf(after)];
  if (from < 0) return "first_report";
  if (to < 0) return "no_longer_reported";
  if (to < from) return to === 0 ? "withdrawn" : "down";
  return from === 0 ? "newly_recognised" : "up";
}

export const rises = (kind) => kind === "newly_recognised" || kind === "up";
export const falls = (kind) => kind === "withdrawn" || kind === "down";
