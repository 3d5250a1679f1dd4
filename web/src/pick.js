// What lies under the pointer, and the small card that says so.

import L from "leaflet";
import { byId, fill, h } from "./dom.js";
import { chainDistance, FINEST, meets } from "./geometry.js";
import { lookAt, themeName, valueText } from "./look.js";
import { closerThan } from "./layerpaint.js";
import { villageMark } from "./signs.js";

const context = document.createElement("canvas").getContext("2d");

/** The topmost thing at a point of the map: a work, a village, a road, a commune; null for nothing. */
export function thingAt(painter, containerPoint) {
  const map = painter._map;
  const at = map.containerPointToLayerPoint(containerPoint).subtract(painter._bounds.min);
  const nearest = (hits) => {
    let best = null;
    for (const hit of hits) {
      const away = (hit[0] - at.x) ** 2 + (hit[1] - at.y) ** 2;
      if (away <= hit[2] ** 2 && (best === null || away < best.away)) best = { away, hit };
    }
    return best?.hit ?? null;
  };
  const point = nearest(painter.hits.points);
  if (point) return { kind: "feature", layer: point[3], row: point[4] };
  const village = nearest(painter.hits.villages);
  if (village) return { kind: "village", index: village[3] };
  const view = painter.view(painter._bounds.getSize());
  const x = (at.x - view.tx) / view.s;
  const y = (at.y - view.ty) / view.s;
  return lineAt(painter, x, y, 5 / view.s) ?? communeAt(painter.model, x, y);
}

function lineAt(painter, x, y, reach) {
  const zoom = painter._map.getZoom();
  const near = { west: x - reach, east: x + reach, north: y - reach, south: y + reach };
  // Far out the lines lie so close that they would hide the communes from the pointer.
  if (zoom < 10) return null;
  let best = null;
  for (const layer of painter.model.layers) {
    if (!painter.state.shown.has(layer.id)) continue;
    layer.features.forEach((feature, row) => {
      if (feature.kind !== 2 || !meets(layer.boxes[row], near)) return;
      if (layer.id === "road" && zoom < closerThan(layer.value("class", row))) return;
      for (const part of feature.parts) {
        const away = chainDistance(x, y, part);
        if (away <= reach * reach && (best === null || away < best.away)) best = { away, kind: "feature", layer, row };
      }
    });
  }
  return best;
}

export function communeAt(model, x, y) {
  const { polygons } = model.coverage.level(FINEST);
  for (let index = 0; index < polygons.length; index++) {
    const box = model.coverage.boxes[index];
    if (x < box.west || x > box.east || y < box.north || y > box.south) continue;
    if (context.isPointInPath(polygons[index], x, y, "evenodd")) return { kind: "commune", index };
  }
  return null;
}

const brief = (text) => (text && text.length > 160 ? `${text.slice(0, 159)}…` : text);

/** Lines of a card: title first, then rows of name and value. */
export function describe(model, state, words, thing) {
  if (thing.kind === "commune") {
    const { communes } = model;
    const i = thing.index;
    const entry = model.palette[model.tiersAt(state.period)[i]];
    const rows = [[words.say("status"), words.pick(entry.words)]];
    if (state.theme !== "status") {
      const look = lookAt(model, state);
      const told = [words.pick(look.classes[look.at[i]]), valueText(words, look, i)].filter(Boolean).join(" · ");
      rows.push([themeName(words, look), told]);
    }
    if (model.districtName(i)) rows.unshift([words.say("district"), model.districtName(i)]);
    const period = model.periods[state.period];
    if (period.current && communes.standard_year[i] !== null) rows.push([words.say("year"), String(communes.standard_year[i])]);
    if (period.judged?.[i]) rows.push([words.say("criteria"), `${words.number(period.met[i])}/${words.number(period.judged[i])}`]);
    return { title: communes.name[i] ?? communes.code[i], rows };
  }
  if (thing.kind === "village") return describeVillage(model, words, thing.index);
  const { layer, row } = thing;
  const rows = [];
  for (const field of layer.fields) {
    const value = fieldText(words, layer, field, row);
    if (field.name !== "name" && field.name !== "id" && value !== null) rows.push([fieldTitle(words, field), value]);
  }
  return { title: layer.value("name", row) || words.pick(layer), over: words.pick(layer), rows };
}

const fieldTitle = (words, field) =>
  words.pick({ vi: field.vi, en: field.name.charAt(0).toUpperCase() + field.name.slice(1).replaceAll("_", " ") });

function fieldText(words, layer, field, row) {
  const value = layer.value(field.name, row);
  if (value === null || value === undefined) return null;
  if (field.type === "bool") return words.say(value ? "yes" : "no");
  if (field.type === "date") return words.day(value);
  if (field.type === "year") return String(value);
  if (field.type === "number" || field.type === "integer") {
    const digits = Number.isInteger(value) ? 0 : 1;
    return words.number(value, digits) + (field.unit ? ` ${field.unit}` : "");
  }
  const word = field.values?.find((one) => one.code === value);
  return word ? words.pick(word) : value;
}

function describeVillage(model, words, index) {
  const v = model.villages;
  const rows = [];
  const commune = v.commune[index];
  if (commune >= 0) rows.push([words.say("commune"), model.communes.name[commune]]);
  const mark = villageMark(v, index);
  const marks = recognitions(model, words, index).join(", ");
  rows.push([words.say("status"), marks || words.say(mark === "unknown" ? "villageUnknown" : "villagePlain")]);
  if (v.minority[index] !== null) rows.push([words.say("minorityArea"), words.say(v.minority[index] === 1 ? "yes" : "no")]);
  if (v.households[index] !== null) rows.push([words.say("householdsCount"), words.number(v.households[index])]);
  if (v.suppressed[index]) rows.push([words.say("addresses"), words.say("addressSuppressed")]);
  else if (v.address_total[index]) {
    rows.push([words.say("addresses"), words.number(v.address_total[index])]);
    for (const [name, label] of [["coded", "colCoded"], ["notified", "colNotified"], ["plated", "colPlated"], ["located", "colLocated"]])
      rows.push([words.say(label), words.percent(v[`address_${name}_share`][index])]);
  }
  return { title: v.name[index] ?? v.code[index], rows };
}

/** What a village was recognised as, and whether it lies in an ethnic-minority area. */
export function villageMarks(model, words, index) {
  const area = model.villages.minority[index] === 1 ? [words.say("isMinority")] : [];
  return [...recognitions(model, words, index), ...area].join(", ");
}

function recognitions(model, words, index) {
  const v = model.villages;
  const marks = [];
  if (v.model[index] === 1) marks.push(words.say("isModel"));
  if (v.minority_ntm[index] === 1) marks.push(words.say("isMinorityNtm"));
  if (v.smart[index] === 1) marks.push(words.say("isSmart"));
  return marks;
}

/** Pointer and tap: hover shows a card, a click on a commune selects it, on another thing pins its card. */
export function watchPointer(map, painter, model, state, words) {
  const tip = byId("tip");
  let frame = null;
  let pinned = false;
  const hide = () => {
    tip.hidden = true;
    pinned = false;
  };
  const show = (thing, point) => {
    const card = describe(model, state, words, thing);
    fill(
      tip,
      card.over && card.over !== card.title ? h("p", { class: "over" }, brief(card.over)) : null,
      h("b", null, brief(card.title)),
      h("dl", null, card.rows.map(([name, value]) => [h("dt", null, brief(name)), h("dd", null, brief(value))])),
    );
    tip.hidden = false;
    const room = map.getSize();
    const left = point.x + 16 + tip.offsetWidth > room.x ? point.x - 16 - tip.offsetWidth : point.x + 16;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${Math.max(4, Math.min(room.y - tip.offsetHeight - 4, point.y + 12))}px`;
  };
  map.on("mousemove", (event) => {
    if (frame || pinned || state.measuring || event.originalEvent.pointerType === "touch") return;
    if (event.originalEvent.target.closest(".leaflet-control")) {
      hide();
      return;
    }
    frame = requestAnimationFrame(() => {
      frame = null;
      if (state.measuring) return;
      const thing = thingAt(painter, event.containerPoint);
      map.getContainer().classList.toggle("over-thing", thing !== null);
      state.set({ hover: thing?.kind === "commune" ? thing.index : -1 });
      if (thing) show(thing, event.containerPoint);
      else hide();
    });
  });
  map.on("mouseout movestart zoomstart", () => {
    hide();
    state.set({ hover: -1 });
  });
  map.on("click", (event) => {
    if (state.measuring) return;
    const thing = thingAt(painter, event.containerPoint);
    hide();
    if (thing === null) return;
    if (thing.kind === "commune") {
      state.set({ selected: thing.index, asked: (state.asked ?? 0) + 1 });
      return;
    }
    show(thing, event.containerPoint);
    pinned = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  state.on(["measuring", "lang", "shown", "period", "theme", "filter", "focus"], hide);
}

/** Whole and part grid steps of a place in degrees. */
export const latLngToGrid = (page, lat, lng) => {
  const side = 2 ** page.grid.bits;
  const sine = Math.sin((lat * Math.PI) / 180);
  return [(lng / 360 + 0.5) * side - page.grid.x, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * side - page.grid.y];
};

export const gridToLatLng = (page, x, y) => {
  const side = 2 ** page.grid.bits;
  const lng = ((x + page.grid.x) / side - 0.5) * 360;
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * (y + page.grid.y)) / side))) * 180) / Math.PI;
  return L.latLng(lat, lng);
};
