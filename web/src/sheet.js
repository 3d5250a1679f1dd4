// Which panels are open: columns on a wide screen, one sheet with tabs on a phone.

import { byId, fill, h } from "./dom.js";

const TABS = [
  ["legend", "tabLegend"],
  ["details", "tabDetails"],
  ["table", "tabTable"],
];
export const NARROW = window.matchMedia("(max-width: 760px)");
/** Here the details lie over the right part of the map. */
const BETWEEN = window.matchMedia("(min-width: 961px) and (max-width: 1180px)");
export const coveredRight = () => (BETWEEN.matches ? 350 : 30);

export function watchSheet(map, app) {
  const { state, words } = app;
  const root = byId("app");
  const apply = () => {
    root.dataset.tab = state.tab;
    root.dataset.sheet = state.sheet;
    root.dataset.details = state.details;
    root.dataset.table = state.table;
  };
  const settle = () => {
    apply();
    requestAnimationFrame(() => map.invalidateSize({ animate: false }));
  };
  const open = (tab) => {
    const again = state.tab === tab && state.sheet !== "peek";
    const next = { tab, sheet: again ? (state.sheet === "half" ? "full" : "peek") : "half" };
    state.set(tab === "table" ? { ...next, table: "open" } : next);
  };
  const render = () =>
    fill(
      byId("tablist"),
      TABS.map(([tab, word]) =>
        h(
          "button",
          {
            type: "button",
            role: "tab",
            "data-key": `tab-${tab}`,
            "aria-selected": String(state.tab === tab && state.sheet !== "peek"),
            "aria-controls": tab,
            onclick: () => open(tab),
          },
          words.say(word),
        ),
      ),
    );
  const name = () => {
    for (const [id, word] of [...TABS, ["tabs", "panels"]]) byId(id).setAttribute("aria-label", words.say(word));
  };
  state.on(["lang"], name);
  name();
  state.on(["lang", "tab", "sheet"], render);
  state.on(["tab", "sheet", "details", "table"], settle);
  NARROW.addEventListener("change", settle);
  // A full sheet on a phone begins where the head of the page ends, however many lines the title has; the scale bar
  // stands above the reporting dates.
  const [head, dates] = [byId("head"), byId("periods")];
  const measure = () => {
    root.style.setProperty("--head", `${head.offsetHeight}px`);
    root.style.setProperty("--dates", `${dates.offsetHeight}px`);
  };
  app.measureBars = measure;
  const watcher = new ResizeObserver(measure);
  for (const part of [head, dates]) watcher.observe(part);
  render();
  apply();
}
