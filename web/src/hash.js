// The address of the view: #commune=23500&as-of=2025-06-30&theme=criterion.2&since=2024-12-31&lang=en opens it again.

/** A code means a unit only together with a date, so the date stands beside it, and it is read first. */
export function watchHash(app) {
  const { model, state, words } = app;
  const first = { lang: state.lang, theme: state.theme, period: state.period };
  let written = "";
  const read = () => {
    if (window.location.hash.slice(1) === written && written) return;
    const asked = new URLSearchParams(window.location.hash.slice(1));
    const lang = asked.get("lang");
    if (lang === "vi" || lang === "en") state.set({ lang });
    const day = asked.get("as-of");
    const period = periodOf(model, day);
    if (period >= 0) state.set({ period });
    const theme = asked.get("theme") === null ? null : model.themeKey(asked.get("theme"));
    if (theme !== null) state.set({ theme });
    if (asked.get("since") !== null) state.set({ since: asked.get("since") });
    const index = model.communeByCode.get(asked.get("commune"));
    if (index !== undefined && index !== state.selected) app.go({ kind: "commune", index, scene: model.scene });
    const shown = model.periods[state.period].as_of;
    if (period >= 0 && shown !== day) app.tell(words.say("notThen", { date: words.day(day), shown: words.day(shown) }));
  };
  const write = () => {
    const wanted = new URLSearchParams();
    if (state.selected >= 0) wanted.set("commune", model.communes.code[state.selected]);
    if (state.selected >= 0 || state.period !== first.period) wanted.set("as-of", model.periods[state.period].as_of);
    if (state.theme !== first.theme) wanted.set("theme", state.theme);
    if (state.since) wanted.set("since", state.since);
    if (state.lang !== first.lang) wanted.set("lang", state.lang);
    written = wanted.toString();
    if (written === window.location.hash.slice(1)) return;
    window.history.replaceState(null, "", written ? `#${written}` : `${window.location.pathname}${window.location.search}`);
  };
  read();
  state.on(["selected", "period", "theme", "since", "lang"], write);
  window.addEventListener("hashchange", read);
}

/** The period of a day; without one of that very day the last before it of the same boundaries; -1 for none. */
function periodOf(model, day) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day ?? "")) return -1;
  const exact = model.periods.findIndex((one) => one.as_of === day);
  if (exact >= 0) return exact;
  return model.periods.filter((one) => one.as_of < day).length - 1;
}
