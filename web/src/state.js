// The few things a reader can change, and who wants to know.

/**
 * A small observable record: `set` changes values, listeners get the names that really changed. `prepare(record,
 * changes)` may add to the changes what must change with them.
 */
export function createState(values, prepare = (_, changes) => changes) {
  const listeners = [];
  return {
    ...values,
    on(names, listener) {
      listeners.push([new Set(names), listener]);
    },
    set(wanted) {
      const changes = prepare(this, wanted);
      const changed = Object.keys(changes).filter((name) => this[name] !== changes[name]);
      if (changed.length === 0) return;
      for (const name of changed) this[name] = changes[name];
      for (const [names, listener] of listeners) if (changed.some((name) => names.has(name))) listener(changed);
    },
  };
}

/**
 * What the reader sees stays of one piece: a theme is shown at a date that it is known of, and what was chosen among the
 * units of one epoch is not taken for units of another (codes were used again).
 */
export const keepTogether = (model) => (state, wanted) => {
  const next = { ...wanted };
  if (next.theme !== undefined) next.theme = model.themeKey(next.theme) ?? "status";
  const theme = next.theme ?? state.theme;
  let period = next.period ?? state.period;
  if (!model.knows(theme, period)) {
    if (next.theme === undefined) next.theme = "status";
    else period = model.nearestPeriod(theme, period);
  }
  if (period !== state.period) next.period = period;
  if (next.theme !== undefined && next.theme !== state.theme) next.filter ??= null;
  // A village stays marked while its commune is chosen.
  if (next.selected !== undefined && next.selected !== state.selected) next.village ??= -1;
  const [before, after] = [model.scene, model.periods[period].scene];
  if (before !== after) {
    if (next.selected === undefined && state.selected >= 0) next.selected = model.counterpart(state.selected, after);
    Object.assign(next, { hover: -1, village: -1, filter: next.filter ?? null, focus: null });
    if (state.since && state.since !== "before" && next.since === undefined) next.since = "";
    model.use(period);
  }
  return next;
};
