// Takes the reader to a unit: shows the epoch it belongs to, chooses it, and moves the map there.

import L from "leaflet";
import { gridToLatLng } from "./pick.js";
import { coveredRight, NARROW } from "./sheet.js";

const CLOSE = 13; // zoom at which a village is shown

export function createGo(map, app) {
  const { model, state } = app;
  const { page } = model.facts;
  return (unit) => {
    const scene = unit.scene ?? model.scene;
    if (scene !== model.scene) state.set({ period: model.periods.indexOf(scene.periods.at(-1)), selected: -1 });
    const below = NARROW.matches ? Math.round(window.innerHeight * 0.5) : 30; // the sheet covers half of a phone
    const options = { animate: true, maxZoom: 12, paddingTopLeft: [30, 30], paddingBottomRight: [unit.kind === "district" ? 30 : coveredRight(), below] };
    const fit = (box) => {
      const target = L.latLngBounds(gridToLatLng(page, box.west, box.south), gridToLatLng(page, box.east, box.north));
      map.fitBounds(target, options);
    };
    // Panels open first: the map's size decides how it fits.
    if (unit.kind === "commune") {
      app.select(unit.index);
      afterLayout(map, () => fit(model.coverage.boxes[unit.index]));
    } else if (unit.kind === "district") {
      if (NARROW.matches) {
        state.set({ sheet: "peek" });
        options.paddingBottomRight = [30, 60];
      }
      const boxes = model.coverage.boxes.filter((_, i) => model.communes.district[i] === unit.index);
      afterLayout(map, () => fit(union(boxes)));
    } else {
      const commune = model.villages.commune[unit.index];
      state.set({ shown: new Set([...state.shown, "villages"]) });
      if (commune >= 0) app.select(commune);
      state.set({ village: unit.index });
      const [x, y] = [model.villages.x[unit.index], model.villages.y[unit.index]];
      // In the middle of what neither sheet nor details cover.
      const aside = [coveredRight() > 30 ? coveredRight() / 2 : 0, NARROW.matches ? below / 2 : 0];
      const middle = () => map.unproject(map.project(gridToLatLng(page, x, y), CLOSE).add(aside), CLOSE);
      if (x >= 0) afterLayout(map, () => map.setView(middle(), CLOSE, { animate: true }));
    }
  };
}

const afterLayout = (map, action) =>
  requestAnimationFrame(() => {
    map.invalidateSize({ animate: false, pan: false });
    action();
  });

const union = (boxes) => ({
  west: Math.min(...boxes.map((box) => box.west)),
  north: Math.min(...boxes.map((box) => box.north)),
  east: Math.max(...boxes.map((box) => box.east)),
  south: Math.max(...boxes.map((box) => box.south)),
});
