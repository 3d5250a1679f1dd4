// Communes that may lose their recognition, marked on the map of tiers too.

/** Who they are at the date in view: the classes that the theme's title counts; none where nothing was judged. */
export function atRisk(model, state) {
  const theme = model.themes.get("risk");
  const told = model.periods[state.period].themes.risk;
  if (!theme || !told || state.theme !== "status") return [];
  const wanted = new Set(theme.answer.of.map((id) => theme.classes.findIndex((one) => one.id === id)));
  return [...told.c].flatMap((letter, index) => (wanted.has(parseInt(letter, 36)) ? [index] : []));
}
