// The list of layers: groups, on and off, order of drawing, opacity, and what their signs mean.

import { h } from "./dom.js";
import {
  addressRows,
  addressSwatch,
  addressVillages,
  dot,
  hasAddresses,
  layerSwatch,
  symbolRows,
  villageRows,
} from "./layersigns.js";
import { isGround } from "./order.js";
import { areaSwatch, borderSwatch, dotSwatch, lineSwatch, OTHER_UNITS, reliefSwatch } from "./signs.js";

export function layersSection(app) {
  const { model, words } = app;
  const works = new Map(model.layers.filter((layer) => !layer.base).map((layer) => [layer.id, layer]));
  const groups = model.facts.layer_groups.map((group) => [group, group.tables.filter((id) => works.has(id))]);
  const listed = new Set(groups.flatMap(([, ids]) => ids));
  groups.at(-1)?.[1].push(...[...works.keys()].filter((id) => !listed.has(id)));
  return h(
    "section",
    { class: "block layers", "aria-labelledby": "layers-title" },
    h("h2", { id: "layers-title" }, words.say("layers")),
    groups
      .filter(([, ids]) => ids.length)
      .map(([group, ids]) => part(app, group.id, words.pick(group), ids, ids.map((id) => work(app, works.get(id))))),
    part(app, "villages", words.say("groupVillages"), ["villages", "addresses"], villageEntries(app)),
    part(app, "ground", words.say("groupGround"), groundIds(model), groundEntries(app)),
  );
}

const groundIds = (model) => ["names", "relief", "other-units", ...model.layers.filter((layer) => layer.base).map((layer) => layer.id)];

/** A group folds; one with something switched on starts open, and on paper only what is on is listed. */
function part({ state, words }, id, title, ids, entries) {
  const made = entries.filter(Boolean);
  if (!made.length) return null;
  const on = ids.filter((one) => state.shown.has(one)).length;
  const key = `layers-${id}`;
  const open = state.open.has(key) || (on > 0 && !state.open.has(`!${key}`));
  const group = h(
    "details",
    { class: on ? "fold group on" : "fold group", "data-fold": key },
    h("summary", { "data-key": `fold-${key}` }, h("h3", null, title), h("span", { class: "hint" }, on ? words.say("layersOn", { n: words.number(on) }) : "")),
    h("ul", null, made),
  );
  group.open = open;
  group.addEventListener("toggle", () => {
    state.open.delete(group.open ? `!${key}` : key);
    state.open.add(group.open ? key : `!${key}`);
  });
  return group;
}

function work(app, layer) {
  return entry(app, layer.id, app.words.pick(layer), layer.rows, layerSwatch(app, layer), symbolRows(app, layer));
}

function villageEntries(app) {
  const { model, words } = app;
  const count = model.villages.code.length;
  return [
    hasAddresses(model) ? entry(app, "addresses", words.say("addresses"), addressVillages(model), addressSwatch(app), addressRows(app)) : null,
    count ? entry(app, "villages", words.say("villages"), count, dotSwatch(dot("#374151", 3)), villageRows(app)) : null,
  ];
}

function groundEntries(app) {
  const { model, words } = app;
  const { outline } = model.facts.symbols;
  const other = model.otherScene();
  const line = (id, word, count) =>
    h(
      "li",
      { class: "layer on fixed" },
      h("div", { class: "check" }, lineSwatch({ color: outline[id].color, width: outline[id].px * 0.8 }), h("span", { class: "what" }, words.say(word)), h("b", null, count)),
    );
  return [
    line("province", "outlineProvince", ""),
    h(
      "li",
      { class: "layer on fixed" },
      h("div", { class: "check" }, borderSwatch(outline.commune.page_color, outline.commune.px), h("span", { class: "what" }, words.say("outlineCommune")), h("b", null, words.number(model.communes.code.length))),
    ),
    model.districts.code.length ? line("district", "outlineDistrict", words.number(model.districts.code.length)) : null,
    entry(app, "names", words.say("names"), null, h("span", { class: "swatch letters", "aria-hidden": "true" }, "Aa")),
    other
      ? entry(app, "other-units", words.say("otherUnits", { epoch: words.pick(other.view.epoch) }), other.communes.code.length, lineSwatch({ ...OTHER_UNITS }))
      : null,
    model.relief ? entry(app, "relief", words.say("relief"), null, reliefSwatch()) : null,
    ...model.layers
      .filter((layer) => layer.base)
      .map((layer) => entry(app, layer.id, words.pick(layer), layer.rows, layer.rows ? layerSwatch(app, layer) : areaSwatch("#fff"))),
  ];
}

function entry(app, id, label, count, swatch, ...more) {
  const { state } = app;
  const on = state.shown.has(id);
  const show = (event) => {
    const shown = new Set(state.shown);
    if (event.target.checked) shown.add(id);
    else shown.delete(id);
    state.set({ shown });
  };
  return h(
    "li",
    { class: on ? "layer on" : "layer", "data-layer": id },
    h(
      "label",
      { class: "check" },
      h("input", { type: "checkbox", checked: on, "data-key": `layer-${id}`, onchange: show }),
      swatch,
      h("span", { class: "what" }, label),
      count === null ? null : h("b", { "data-count": count }, app.words.number(count)),
    ),
    on && id !== "names" ? tuning(app, id, label) : null,
    on ? more : null,
  );
}

/** Opacity, and up and down in the order of drawing among the layers that are on. */
function tuning({ model, state, words }, id, label) {
  const mates = state.order.filter((one) => state.shown.has(one) && isGround(model, one) === isGround(model, id));
  const at = mates.indexOf(id);
  const swap = (other) => {
    const order = [...state.order];
    const [i, j] = [order.indexOf(id), order.indexOf(other)];
    [order[i], order[j]] = [order[j], order[i]];
    state.set({ order });
  };
  const step = (key, sign, word, mate) =>
    h(
      "button",
      { type: "button", class: "step", "data-key": `${key}-${id}`, "aria-label": words.say(word, { name: label }), title: words.say(word, { name: label }), disabled: mate === undefined, onclick: () => swap(mate) },
      sign,
    );
  const opacity = state.opacity[id] ?? 1;
  return h(
    "div",
    { class: "tuning no-print" },
    h("input", {
      type: "range",
      min: 10,
      max: 100,
      step: 10,
      value: String(Math.round(opacity * 100)),
      "data-key": `opacity-${id}`,
      "aria-label": words.say("opacityOf", { name: label }),
      "aria-valuetext": words.percent(opacity, 0),
      title: words.say("opacityOf", { name: label }),
      oninput: ({ target }) => {
        const part = Number(target.value) / 100;
        target.setAttribute("aria-valuetext", words.percent(part, 0));
        state.set({ opacity: { ...state.opacity, [id]: part } });
      },
    }),
    step("up", "▲", "layerUp", mates[at + 1]),
    step("down", "▼", "layerDown", at > 0 ? mates[at - 1] : undefined),
  );
}
