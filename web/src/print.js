// A clean printed page: the map is laid out and drawn anew at paper size while the printer looks.

import { byId } from "./dom.js";

const RESOLUTION = 3; // about 290 dots per inch

export function watchPrint(map, painter, app) {
  let kept = null;
  const begin = () => {
    if (kept) return;
    kept = { center: map.getCenter(), zoom: map.getZoom(), home: app.isHome() };
    const bounds = kept.home ? app.bounds : map.getBounds();
    document.documentElement.classList.add("printing");
    painter.resolution = RESOLUTION;
    const fit = () => {
      map.invalidateSize({ animate: false, pan: false });
      map.fitBounds(bounds, { animate: false, padding: kept.home ? [12, 12] : [0, 0] });
    };
    fit();
    fitLegend(map.getZoom());
    fit(); // the legend may have taken room from the map
    painter._update();
  };
  const end = () => {
    if (!kept) return;
    document.documentElement.classList.remove("printing", "dense", "wide-legend");
    for (const entry of document.querySelectorAll(".absent")) entry.classList.remove("absent");
    painter.resolution = 0;
    map.invalidateSize({ animate: false, pan: false });
    if (kept.home) app.fit(false);
    else map.setView(kept.center, kept.zoom, { animate: false });
    kept = null;
    painter._update();
  };
  window.addEventListener("beforeprint", begin);
  window.addEventListener("afterprint", end);
}

/** Leaves out what the printed zoom does not show, and makes the rest fit beside the map. */
function fitLegend(zoom) {
  const panel = byId("legend");
  panel.scrollTop = 0;
  for (const entry of panel.querySelectorAll("[data-closer]"))
    entry.closest("li").classList.toggle("absent", zoom < Number(entry.dataset.closer));
  for (const step of ["dense", "wide-legend"])
    if (panel.scrollHeight > panel.clientHeight + 2) document.documentElement.classList.add(step);
}
