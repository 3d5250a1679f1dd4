// The left panel: what colours mean, how many objects each has, and what is filtered.

import { byId, fill, h } from "../dom.js";
import { drawSign } from "./dots.js";
import { ATTRIBUTES } from "./model.js";

export function watchLegend(app) {
  const { model, state, words } = app;
  const { page } = model.meta;
  const panel = byId("legend");

  const toggle = (attribute, index) => {
    const set = new Set(state.hidden[attribute]);
    if (set.has(index)) set.delete(index);
    else set.add(index);
    // Everything hidden shows nothing: then the reader meant the opposite.
    if (set.size === model.classes[attribute].length) set.clear();
    state.set({ hidden: { ...state.hidden, [attribute]: set } });
  };

  const line = (one, index, counts, whole) => {
    const off = Boolean(state.hidden[state.color]?.has(index));
    return h(
      "li",
      null,
      h(
        "button",
        {
          type: "button",
          "data-key": `class-${index}`,
          "aria-pressed": String(!off),
          class: off ? "off" : "",
          onclick: () => toggle(state.color, index),
        },
        swatch(one),
        h("span", { class: "what" }, words.pick(one)),
        h("b", null, words.number(counts[index])),
        h("span", { class: "share" }, words.percent(counts[index], whole)),
      ),
    );
  };

  const filtered = () => {
    const names = ATTRIBUTES.filter((name) => state.hidden[name]?.size).map((name) => words.pick(model.meta.attributes[name]));
    return names.length
      ? h(
          "p",
          { class: "filters" },
          words.say("filters", { list: names.join(", ") }),
          " ",
          h("button", { type: "button", class: "link", "data-key": "clear", onclick: () => state.set({ hidden: {} }) }, words.say("clear")),
        )
      : null;
  };

  const render = () => {
    const classes = model.classes[state.color];
    const counts = model.counts(state.color, state.hidden);
    const whole = counts.reduce((sum, n) => sum + n, 0);
    const shown = counts.reduce((sum, n, i) => (state.hidden[state.color]?.has(i) ? sum : sum + n), 0);
    const { thinned } = app;
    fill(
      panel,
      h(
        "div",
        { class: "block" },
        h("h2", { id: "colour-by" }, words.say("colourBy")),
        h(
          "div",
          { class: "choices", role: "radiogroup", "aria-labelledby": "colour-by" },
          ATTRIBUTES.map((name) =>
            h(
              "label",
              { class: state.color === name ? "on" : "" },
              h("input", {
                type: "radio",
                name: "colour",
                value: name,
                "data-key": `colour-${name}`,
                checked: state.color === name,
                onchange: () => state.set({ color: name }),
              }),
              words.pick(model.meta.attributes[name]),
            ),
          ),
        ),
        h(
          "ul",
          { class: "classes" },
          classes.map((one, i) => (counts[i] || state.hidden[state.color]?.has(i) ? line(one, i, counts, whole) : null)),
        ),
        h("p", { class: "hint no-print" }, words.say("hint")),
        h("p", { class: "sum" }, words.say("shown", { share: `${words.number(shown)}/${words.number(page.shown)}` })),
        filtered(),
        thinned > 1 ? h("p", { class: "hint" }, words.say("thinned", { n: words.number(thinned) })) : null,
        app.broken.map(({ word, file }) => h("p", { class: "failed" }, words.say(word, { file }))),
        h("p", { class: "hint" }, words.say("density")),
        page.unlocated ? h("p", { class: "hint" }, words.say("unlocated", { n: words.number(page.unlocated) })) : null,
      ),
      h(
        "div",
        { class: "block quiet" },
        page.purpose ? h("p", null, words.say("purpose", { text: page.purpose })) : null,
        page.agency ? h("p", null, words.say("agency", { text: page.agency })) : null,
        h("h2", null, words.say("sources")),
        h(
          "ul",
          { class: "sources" },
          page.sources.map((one) =>
            h(
              "li",
              null,
              one.title,
              h(
                "span",
                null,
                [one.as_of ? words.day(one.as_of) : words.say("noDate"), words.say("rows", { n: words.number(one.rows) }), one.origin]
                  .filter(Boolean)
                  .join(" · "),
              ),
              one.failed ? h("span", { class: "failed" }, words.say("failed")) : null,
            ),
          ),
        ),
        h("p", { class: "hint no-print" }, words.say("software")),
      ),
    );
  };
  state.on(["lang", "color", "hidden", "status"], render);
  render();
}

/** The sign of a class on a canvas of its own; the same drawing as on the map. */
export function swatch(look) {
  const canvas = h("canvas", { class: "swatch", "aria-hidden": "true" });
  canvas.width = canvas.height = 44;
  const context = canvas.getContext("2d");
  context.translate(22, 22);
  context.scale(2, 2);
  drawSign(context, look, 6, 1.2);
  return canvas;
}
