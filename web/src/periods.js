// The reporting dates on a slider, with play.

import { byId, fill, h } from "./dom.js";

export function watchPeriods({ model, state, words }) {
  const panel = byId("periods");
  if (model.periods.length < 2) return;
  panel.hidden = false;
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    render();
  };
  const play = () => {
    if (timer) {
      stop();
      return;
    }
    const last = model.periods.length - 1;
    state.set({ period: state.period === last ? 0 : state.period + 1 });
    timer = setInterval(() => {
      if (state.period >= last) stop();
      else state.set({ period: state.period + 1 });
      if (state.period === last) stop();
    }, 1200);
    render();
  };
  function render() {
    const last = model.periods.length - 1;
    fill(
      panel,
      h("button", { type: "button", "data-key": "play", "aria-label": words.say(timer ? "pause" : "play"), onclick: play }, timer ? "❚❚" : "▶"),
      h("span", { class: "end", "aria-hidden": "true" }, model.periods[0].as_of.slice(0, 4)),
      h("input", {
        type: "range",
        min: 0,
        max: last,
        step: 1,
        value: String(state.period),
        "data-key": "period",
        "aria-label": words.say("period"),
        "aria-valuetext": words.day(model.periods[state.period].as_of),
        list: "period-marks",
        oninput: (event) => state.set({ period: Number(event.target.value) }),
      }),
      h("span", { class: "end", "aria-hidden": "true" }, model.periods[last].as_of.slice(0, 4)),
      h("b", null, words.day(model.periods[state.period].as_of)),
    );
    // `value` was set before `max` took hold.
    panel.querySelector("input").value = String(state.period);
  }
  state.on(["lang", "period"], render);
  render();
}
