// The reporting dates on a slider, with play, and the date that the view is compared with.

import { sincePeriod } from "./changes.js";
import { byId, fill, h } from "./dom.js";

export function watchPeriods({ model, state, words }) {
  const panel = byId("periods");
  let timer = null;
  const among = () => model.periodsOf(state.theme);
  const stop = () => {
    clearInterval(timer);
    timer = null;
  };
  const play = () => {
    if (timer) stop();
    else {
      const all = among();
      const last = all.length - 1;
      const step = () => {
        const at = all.indexOf(state.period);
        if (at < 0 || at >= last) stop();
        else state.set({ period: all[at + 1] });
        if (state.period === all[last]) stop();
        if (timer === null) render();
      };
      if (state.period === all[last]) state.set({ period: all[0] });
      timer = setInterval(step, 1200);
    }
    render();
  };
  let drawn = ""; // what the bar was made for; the slider itself must stay while it is dragged
  function render() {
    const all = among();
    panel.hidden = model.periods.length < 2;
    if (panel.hidden) return;
    const key = [state.lang, state.theme, all.join(), model.scene.index, timer !== null].join("|");
    if (key !== drawn) {
      drawn = key;
      build(all);
    }
    const period = model.periods[state.period];
    const at = Math.max(0, all.indexOf(state.period));
    const slider = panel.querySelector("input");
    if (slider) {
      slider.value = String(at);
      slider.setAttribute("aria-valuetext", words.day(period.as_of));
    }
    panel.classList.toggle("single", all.length < 2);
    panel.querySelector(".at").textContent = words.day(period.as_of);
    panel.querySelector(".epoch").textContent = model.scenes.length > 1 ? words.pick(period.scene.view.epoch) : "";
    [...panel.querySelectorAll(".ticks i")].forEach((tick, i) => tick.classList.toggle("on", i === at));
    const earlier = period.scene.periods.filter((one) => one.as_of < period.as_of);
    const chosen = sincePeriod(model, state);
    const select = panel.querySelector("select");
    if (!select) return;
    select.closest("label").hidden = state.theme !== "status" || earlier.length === 0;
    fill(
      select,
      [["", words.say("sinceNone")], ["before", words.say("sinceBefore")], ...earlier.map((one) => [one.as_of, words.day(one.as_of)])].map(([value, text]) =>
        h("option", { value, selected: state.since === value || (value === "" && chosen === null) }, text),
      ),
    );
    select.value = chosen === null ? "" : state.since;
  }
  function build(all) {
    const last = all.length - 1;
    fill(
      panel,
      h(
        "div",
        { class: "line" },
        last > 0 ? h("button", { type: "button", "data-key": "play", "aria-label": words.say(timer ? "pause" : "play"), onclick: play }, timer ? "❚❚" : "▶") : null,
        last > 0
          ? h(
              "div",
              { class: "track" },
              h("input", {
                type: "range",
                min: 0,
                max: last,
                step: 1,
                "data-key": "period",
                "aria-label": words.say("period"),
                oninput: (event) => {
                  if (timer) stop();
                  state.set({ period: all[Number(event.target.value)] });
                },
              }),
              ticks(all),
            )
          : null,
        h("div", { class: "date" }, h("b", { class: "at" }), h("span", { class: "epoch" })),
      ),
      h(
        "label",
        { class: "since" },
        h("span", null, words.say("since")),
        h("select", { "data-key": "since", "aria-label": words.say("since"), onchange: (event) => state.set({ since: event.target.value }) }),
      ),
    );
  }
  /** Years below the slider, and a bar where the boundaries change. */
  function ticks(all) {
    return h(
      "div",
      { class: "ticks", "aria-hidden": "true" },
      all.map((index, at) => {
        const period = model.periods[index];
        const shift = at > 0 && model.periods[all[at - 1]].scene !== period.scene;
        const year = period.as_of.slice(0, 4);
        const first = at === 0 || model.periods[all[at - 1]].as_of.slice(0, 4) !== year;
        return h("i", { class: shift ? "shift" : "" }, first ? year.slice(2) : "");
      }),
    );
  }
  state.on(["lang", "period", "theme", "since"], render);
  render();
}
