// The address of the view opens it again:
// #commune=23500&as-of=2025-06-30&theme=criterion.2&since=2024-12-31&classes=not_met&layers=names.road.school&lang=en

import { lookAt } from "./look.js";

/** A code means a unit only together with a date, so the date stands beside it, and it is read first. */
export function watchHash(app) {
  const { model, state, words } = app;
  const first = { lang: state.lang, theme: state.theme, period: state.period, layers: listed(state.shown) };
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
    const known = new Set(lookAt(model, state).classes.map((one) => one.id));
    const classes = among(asked.get("classes"), known);
    if (classes?.size) state.set({ filter: classes });
    const shown = among(asked.get("layers"), new Set(["names", ...state.order]));
    if (shown) state.set({ shown });
    const index = model.communeByCode.get(asked.get("commune"));
    if (index !== undefined && index !== state.selected) app.go({ kind: "commune", index, scene: model.scene });
    const told = model.periods[state.period].as_of;
    if (period >= 0 && told !== day) app.tell(words.say("notThen", { date: words.day(day), shown: words.day(told) }));
  };
  const write = () => {
    const wanted = new URLSearchParams();
    if (state.selected >= 0) wanted.set("commune", model.communes.code[state.selected]);
    if (state.selected >= 0 || state.period !== first.period) wanted.set("as-of", model.periods[state.period].as_of);
    if (state.theme !== first.theme) wanted.set("theme", state.theme);
    if (state.since) wanted.set("since", state.since);
    if (state.filter !== null) wanted.set("classes", listed(state.filter));
    if (listed(state.shown) !== first.layers) wanted.set("layers", listed(state.shown));
    if (state.lang !== first.lang) wanted.set("lang", state.lang);
    written = wanted.toString();
    if (written === window.location.hash.slice(1)) return;
    window.history.replaceState(null, "", written ? `#${written}` : `${window.location.pathname}${window.location.search}`);
  };
  read();
  state.on(["selected", "period", "theme", "since", "filter", "shown", "lang"], write);
  window.addEventListener("hashchange", read);
}

const listed = (ids) => [...ids].sort().join(".");

/** Those of the ids in an address that are known; null where it says nothing that is. */
function among(text, known) {
  const found = (text ?? "").split(".").filter((id) => known.has(id));
  return found.length || text === "" ? new Set(found) : null;
}

/** The period of a day; without one of that very day the last before it of the same boundaries; -1 for none. */
function periodOf(model, day) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day ?? "")) return -1;
  const exact = model.periods.findIndex((one) => one.as_of === day);
  if (exact >= 0) return exact;
  return model.periods.filter((one) => one.as_of < day).length - 1;
}
