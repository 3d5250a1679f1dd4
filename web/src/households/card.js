// What lies under the pointer, and the card of what was chosen: an object, a village or a commune.

import { byId, fill, h } from "../dom.js";
import { FINEST } from "../geometry.js";
import { isSingle, nearest, radiusAt } from "./dots.js";
import { ATTRIBUTES, spaced } from "./model.js";
import { swatch } from "./legend.js";

let context = null; // made when first needed

/** The object, or from far out its village, or the commune at a place of the map; null for nothing. */
export function thingAt(painter, containerPoint) {
  const { app, view } = painter;
  const at = painter.stepsAt(containerPoint);
  const close = isSingle(view.zoom);
  const found = nearest(painter.sets, at.x, at.y, (close ? Math.max(radiusAt(view.zoom) + 2, 7) : 6) / view.s);
  if (found) {
    const { points, i } = found;
    const village = app.model.villageOf(points, i);
    if (close && !points.overview) return { kind: "point", points, i, village, x: points.x[i], y: points.y[i] };
    if (app.model.villages.code[village]) return { kind: "village", index: village };
  }
  return communeAt(painter, at);
}

function communeAt(painter, at) {
  const { communes } = painter.app.model.outlines;
  const grid = painter.outlineGrid();
  const x = (at.x - grid.x) / grid.factor;
  const y = (at.y - grid.y) / grid.factor;
  const { polygons } = communes.level(FINEST);
  context ??= document.createElement("canvas").getContext("2d");
  for (let index = 0; index < polygons.length; index++) {
    const box = communes.boxes[index];
    if (x < box.west || x > box.east || y < box.north || y > box.south) continue;
    if (context.isPointInPath(polygons[index], x, y, "evenodd")) return { kind: "commune", index };
  }
  return null;
}

const same = (a, b) =>
  a === b || (a && b && a.kind === b.kind && a.index === b.index && a.i === b.i && a.points === b.points);

export function watchPointer(map, painter, app) {
  const { state } = app;
  const tip = byId("tip");
  let waiting = null;
  const move = (event) => {
    waiting ??= requestAnimationFrame(() => {
      waiting = null;
      const thing = thingAt(painter, event.containerPoint);
      map.getContainer().classList.toggle("over-thing", thing !== null && thing.kind !== "commune");
      if (!same(thing, state.hover)) state.set({ hover: thing });
      if (thing) placeTip(tip, map, event.containerPoint);
    });
  };
  map.on("mousemove", (event) => !map.dragging?.moving() && move(event));
  map.on("mouseout dragstart zoomstart", () => state.set({ hover: null }));
  map.on("click", (event) => app.select(thingAt(painter, event.containerPoint)));
  map.getContainer().addEventListener("keydown", (event) => {
    if (event.key === "Enter") app.select(thingAt(painter, map.getSize().divideBy(2)));
    if (event.key === "Escape") app.select(null);
  });
  state.on(["hover", "lang", "hidden"], () => {
    const thing = state.hover;
    tip.hidden = thing === null;
    if (thing) fill(tip, tipOf(app, thing));
  });
}

function placeTip(tip, map, at) {
  const size = map.getSize();
  const { offsetWidth: width, offsetHeight: height } = tip;
  const left = at.x + 16 + width > size.x ? at.x - width - 12 : at.x + 16;
  const top = at.y + 16 + height > size.y ? at.y - height - 12 : at.y + 16;
  tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
}

function tipOf({ model, words, shownPerVillage }, thing) {
  if (thing.kind === "point") {
    const address = model.address(thing.points, thing.i);
    return [
      h("b", { class: address ? "address" : "" }, address ? spaced(address) : words.say("noAddress")),
      h("span", null, model.villageName(thing.village, words)),
    ];
  }
  const shown = shownPerVillage();
  if (thing.kind === "village")
    return [
      h("b", null, model.villageName(thing.index, words)),
      h("span", null, words.say("objects", { n: words.number(shown[thing.index]) })),
      h("span", null, model.where(thing.index)),
    ];
  const sum = model.villagesOf[thing.index].reduce((total, village) => total + shown[village], 0);
  return [h("b", null, model.communeName(thing.index)), h("span", null, words.say("objects", { n: words.number(sum) }))];
}

export function watchCard(app) {
  const { model, state, words } = app;
  const card = byId("card");
  const head = (title, below, className = "") =>
    h(
      "div",
      { class: "card-head" },
      h("div", null, h("h2", { class: className }, title), below ? h("p", { class: "hint" }, below) : null),
      h("button", { type: "button", class: "close", "data-key": "close", "aria-label": words.say("close"), onclick: () => app.select(null) }, "×"),
    );
  const objectCard = ({ points, i, village }) => {
    const address = model.address(points, i);
    const combo = points.combo[i];
    return [
      head(address ? spaced(address) : words.say("noAddress"), [model.villageName(village, words), model.where(village)].filter(Boolean).join(", "), address ? "address" : ""),
      h(
        "dl",
        { class: "pairs" },
        ["kind", "has_code", "notified", "plated"].map((name) => {
          const look = model.classes[name][model.classOf[name][combo]];
          return [h("dt", null, words.say(name)), h("dd", null, swatch(look), words.pick(look))];
        }),
      ),
    ];
  };
  const unitCard = (title, below, villages) => {
    const all = villages.reduce((sum, village) => sum + model.villages.n[village], 0);
    return [
      head(title, [below, all ? words.say("onMap", { n: words.number(all) }) : words.say("noObjects")].filter(Boolean).join(" · ")),
      all
        ? ATTRIBUTES.map((name) => {
            const counts = model.counts(name, {}, villages);
            const classes = model.classes[name];
            return h(
              "div",
              { class: "share-block" },
              h("h3", null, words.pick(model.meta.attributes[name])),
              h(
                "div",
                { class: "stack", "aria-hidden": "true" },
                classes.map((one, c) => (counts[c] ? bar(one, counts[c] / all) : null)),
              ),
              h(
                "ul",
                null,
                classes.map((one, c) =>
                  counts[c]
                    ? h("li", null, swatch(one), h("span", null, words.pick(one)), h("b", null, words.number(counts[c])), h("span", { class: "share" }, words.percent(counts[c], all)))
                    : null,
                ),
              ),
            );
          })
        : null,
    ];
  };
  const render = () => {
    const thing = state.selected;
    card.hidden = thing === null;
    if (thing === null) {
      fill(card);
      return;
    }
    if (thing.kind === "point") fill(card, objectCard(thing));
    else if (thing.kind === "village") fill(card, unitCard(model.villageName(thing.index, words), model.where(thing.index), [thing.index]));
    else fill(card, unitCard(model.communeName(thing.index), "", model.villagesOf[thing.index]));
  };
  state.on(["selected", "lang"], render);
}

function bar(one, share) {
  const made = h("span");
  made.style.width = `${100 * share}%`;
  made.style.background = one.color;
  return made;
}
