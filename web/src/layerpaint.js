// What stands on the map, layer by layer: methods of the painter that draw into its context.

import { cellsOf, meets, Parts, simplify, thin } from "./geometry.js";
import { lookAt } from "./look.js";
import { passes } from "./model.js";
import {
  addressCircle,
  addressRadius,
  baseDot,
  CHANGED,
  changeSign,
  classOf,
  classPattern,
  OPERATION,
  OTHER_UNITS,
  pointSign,
  riskSign,
  signOf,
  stamp,
  strokeRoad,
  villageMark,
  villageSign,
} from "./signs.js";

// Roads below these zooms would be a grey mass.
const CLOSER = { commune: 9.5, village: 10.5, lane: 11.5, field: 11.5 };
export const closerThan = (id) => CLOSER[id] ?? 0;

export const layerPaint = {
  /** From here on lengths are grid steps, or pixels of the screen. */
  inSteps({ scale, s, tx, ty }) {
    this.context.setTransform(scale * s, 0, 0, scale * s, scale * tx, scale * ty);
  },

  inPixels({ scale }) {
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
  },

  /** One layer, lines and areas below its points. */
  layer(id, view) {
    this.context.globalAlpha = this.state.opacity[id] ?? 1;
    this.inSteps(view);
    const layer = this.model.layers.find((one) => one.id === id);
    if (layer) this.layerAreas(layer, view);
    else if (id === "other-units") this.otherUnits(view);
    else if (id === "relief") this.relief(view);
    this.inPixels(view);
    if (layer) this.layerPoints(layer, view);
    else if (id === "villages") this.villageDots(view);
    else if (id === "addresses") this.addressCircles(view);
    this.context.globalAlpha = 1;
    this.inSteps(view);
  },

  fills(view) {
    const { context, model, state } = this;
    const { polygons } = model.coverage.level(view.band);
    const look = lookAt(model, state);
    const inverse = new DOMMatrix().scale(1 / (view.s * view.scale));
    const patterns = look.classes.map((entry) => {
      const pattern = classPattern(context, entry, state.patterns, view.scale);
      pattern?.setTransform(inverse);
      return pattern;
    });
    polygons.forEach((path, index) => {
      if (!meets(model.coverage.boxes[index], view.box)) return;
      context.globalAlpha = passes(model, state, look, index) ? 1 : 0.14;
      context.fillStyle = look.classes[look.at[index]].fill;
      context.fill(path, "evenodd");
      const pattern = patterns[look.at[index]];
      if (pattern) {
        context.fillStyle = pattern;
        context.fill(path, "evenodd");
      }
    });
    context.globalAlpha = 1;
  },

  /** Shaded terrain over the colours; its picture spans grid steps evenly, both being Web Mercator. */
  relief() {
    const { image, box } = this.terrain ?? {};
    if (!image) return;
    this.context.imageSmoothingQuality = "medium";
    this.context.drawImage(image, box.west, box.north, box.east - box.west, box.south - box.north);
  },

  otherUnits(view) {
    const other = this.model.otherScene();
    if (!other) return;
    const { context } = this;
    const { parts } = other.coverage.level(view.band);
    const px = OTHER_UNITS.width / view.s;
    const stroke = () => parts.slice(0, 2).forEach((one) => one.each(view.box, (path) => context.stroke(path)));
    context.setLineDash([]);
    context.lineCap = "butt";
    context.strokeStyle = "rgba(255,255,255,.8)";
    context.lineWidth = px * 2;
    stroke();
    context.strokeStyle = OTHER_UNITS.color;
    context.lineWidth = px;
    context.setLineDash(OTHER_UNITS.dash.map((part) => part * 2 * px));
    stroke();
    context.setLineDash([]);
  },

  /** The arrow of a commune that changed, above the middle of it; the box it covers, null outside the view. */
  changeMark({ index, kind }, view) {
    const { communes } = this.model;
    if (!inside(view, communes.x[index], communes.y[index])) return null;
    const [px, py] = place(view, communes.x[index], communes.y[index]);
    const size = view.zoom < 9.5 ? 4.5 : 6;
    changeSign(this.context, px, py - 15, kind, size);
    return [px - size, py - 15 - size, px + size, py - 15 + size];
  },

  /** The sign of a commune at risk, below the middle of it; the box it covers, null outside the view. */
  riskMark(index, view) {
    const { communes } = this.model;
    if (!inside(view, communes.x[index], communes.y[index])) return null;
    const [px, py] = place(view, communes.x[index], communes.y[index]);
    const size = view.zoom < 9.5 ? 6 : 8;
    riskSign(this.context, px, py + 13, size);
    return [px - size * 1.2, py + 13 - size, px + size * 1.2, py + 13 + size];
  },

  borders(view) {
    const { context, model, state } = this;
    const { polygons, parts } = model.coverage.level(view.band);
    const outline = model.facts.symbols.outline;
    const grow = Math.max(0.75, Math.min(1.6, 1 + (view.zoom - 9) * 0.15));
    const pen = (color, px) => {
      context.strokeStyle = color;
      context.lineWidth = (px * grow) / view.s;
    };
    const stroke = (lines, color, px) => {
      pen(color, px);
      lines.each(view.box, (path) => context.stroke(path));
    };
    if (view.zoom >= 11 && state.shown.has("villages") && model.villageArcs.lines.length) {
      stroke(this.villageBorders(view.band), outline.village.color, outline.village.px);
    }
    stroke(parts[0], outline.commune.page_color, outline.commune.px);
    // White lines vanish between white communes: those get a quiet grey one.
    const look = lookAt(model, state);
    const pale = look.classes.map((entry) => lightness(entry.fill) > 0.93);
    pen("#9aa5b1", 0.7);
    polygons.forEach((path, index) => {
      if (pale[look.at[index]] && meets(model.coverage.boxes[index], view.box)) context.stroke(path);
    });
    stroke(parts[1], outline.district.color, outline.district.px * 0.8);
    stroke(parts[2], outline.province.color, outline.province.px * 0.8);
  },

  villageBorders(band) {
    const key = `${this.model.scene.index}|villages|${band}`;
    if (!this.linePaths.has(key)) {
      const { lines, ranks } = this.model.villageArcs;
      const chains = lines.map((line, index) => thin(line, ranks[index], band));
      this.linePaths.set(key, new Parts(chains, { cells: cellsOf(band) }));
    }
    return this.linePaths.get(key);
  },

  outlineOf(context, index, view, casing, width, color = "#111827") {
    const path = this.model.coverage.level(view.band).polygons[index];
    if (casing) {
      context.strokeStyle = "#ffffff";
      context.lineWidth = casing / view.s;
      context.stroke(path);
    }
    context.strokeStyle = color;
    context.lineWidth = width / view.s;
    context.stroke(path);
  },

  /** Lines and areas of a layer, one path per style and band. */
  layerAreas(layer, view) {
    const { context } = this;
    if (layer.id === "road") {
      this.roads(layer, view);
      return;
    }
    const color = layer.base ? this.model.facts.symbols.ground.water : this.signColor(layer);
    const { areas, lines } = this.areaPaths(layer, view.band);
    if (areas) {
      context.fillStyle = color;
      areas.each(view.box, (path) => context.fill(path, "evenodd"));
    }
    for (const [width, parts] of lines) {
      context.strokeStyle = color;
      context.lineWidth = (width * 0.7 * roadGrowth(view.zoom)) / view.s;
      parts.each(view.box, (path) => context.stroke(path));
    }
  },

  /** Areas of a layer, and its lines by width; rivers are as wide as their order tells. */
  areaPaths(layer, band) {
    const ordered = layer.has("order");
    const chosen = (width) => (row) => layer.features[row].kind === 2 && (!ordered || riverWidth(layer, row) === width);
    return {
      areas: layer.hasKind(3) ? this.path(layer, band, "areas", (row) => layer.features[row].kind === 3) : null,
      lines: layer.hasKind(2) ? (ordered ? [1, 2, 3] : [2]).map((width) => [width, this.path(layer, band, `lines${width}`, chosen(width))]) : [],
    };
  },

  signColor(layer) {
    return this.model.facts.symbols.point[layer.id]?.color ?? this.model.facts.symbols.ground.quiet;
  },

  /** The lines or areas of one style as a band has them. Areas stay in one path: holes lie in the area around them. */
  path(layer, band, style, chosen) {
    const key = `${layer.id}|${band}|${style}`;
    let made = this.linePaths.get(key);
    if (!made) {
      const closed = style === "areas";
      const chains = [];
      layer.features.forEach((feature, row) => {
        if (chosen(row)) for (const part of feature.parts) chains.push(simplify(part, band));
      });
      made = new Parts(chains, { closed, cells: closed ? 1 : cellsOf(band) });
      this.linePaths.set(key, made);
    }
    return made;
  },

  roadPath(layer, band, style) {
    return this.path(layer, band, style.key, (row) => roadKey(layer, row) === style.key);
  },

  roads(layer, view) {
    const { context } = this;
    for (const style of roadStyles(this.model, layer)) {
      if (view.zoom < closerThan(style.class)) continue;
      const path = this.roadPath(layer, view.band, style);
      strokeRoad(
        context,
        {
          ...style,
          width: style.width * roadGrowth(view.zoom),
          dash: view.zoom < 10.5 ? [] : style.dash, // far out dashes are only noise
          casing: view.zoom >= 10 && style.width > 1 && style.dash.length === 0,
          unit: 1 / view.s,
        },
        () => path.each(view.box, (one) => context.stroke(one)),
      );
    }
  },

  villageDots(view) {
    const { context, model } = this;
    const { x, y } = model.villages;
    const radius = view.zoom < 10 ? 2.2 : view.zoom < 12 ? 3.6 : 5.5;
    for (let i = 0; i < x.length; i++) {
      if (x[i] < 0 || !inside(view, x[i], y[i])) continue;
      const [px, py] = place(view, x[i], y[i]);
      const mark = villageMark(model.villages, i);
      stamp(context, px, py, Math.ceil(radius * 1.6 + 1), view.scale, `village|${mark}|${radius}`, (own, cx, cy) => villageSign(own, cx, cy, radius, mark));
      this.hits.villages.push([px, py, radius + 3, i]);
    }
  },

  /** Round a village that the reader asked for. */
  villageRing(context, index) {
    const { x, y } = this.model.villages;
    if (x[index] < 0) return;
    this.inPixels.call({ context }, this.seen);
    const [px, py] = place(this.seen, x[index], y[index]);
    for (const [color, width] of [["#ffffff", 4.4], [CHANGED, 2.2]]) {
      context.beginPath();
      context.arc(px, py, 9.5, 0, 2 * Math.PI);
      context.strokeStyle = color;
      context.lineWidth = width;
      context.stroke();
    }
  },

  addressCircles(view) {
    const { context, model } = this;
    const v = model.villages;
    const ramp = model.facts.symbols.address;
    const shrink = view.zoom < 9.5 ? 0.36 : view.zoom < 10.5 ? 0.6 : view.zoom < 11.5 ? 0.85 : 1;
    for (let i = 0; i < v.x.length; i++) {
      if (v.x[i] < 0 || !inside(view, v.x[i], v.y[i])) continue;
      if (!v.address_total[i] && !v.suppressed[i]) continue;
      const [px, py] = place(view, v.x[i], v.y[i]);
      if (v.suppressed[i]) {
        context.beginPath();
        context.arc(px, py, 2.5, 0, 2 * Math.PI);
        context.fillStyle = "#9aa5b1";
        context.fill();
        this.hits.villages.push([px, py, 6, i]);
        continue;
      }
      // Half a pixel of a small circle, a pixel of a large one and a tenth of its ring are not seen: fewer pictures are made.
      const exact = addressRadius(v.address_total[i]) * shrink;
      const radius = exact < 5.5 ? Math.round(exact * 2) / 2 : Math.round(exact);
      const notified = v.address_notified_share[i] === null ? null : ramp.breaks[classOf(v.address_notified_share[i], ramp.breaks)];
      const plated = radius < 5.5 || v.address_plated_share[i] === null ? null : Math.round(v.address_plated_share[i] * 10) / 10;
      stamp(context, px, py, Math.ceil(radius + 1), view.scale, `address|${radius}|${notified}|${plated}`, (own, cx, cy) =>
        addressCircle(own, cx, cy, radius, notified, plated, ramp),
      );
      this.hits.villages.push([px, py, radius + 2, i]);
    }
  },

  layerPoints(layer, view) {
    if (!layer.hasKind(1)) return;
    const { context, model } = this;
    const z = view.zoom;
    const size = z < 9.25 ? 8 : z < 10.25 ? 11 : z < 11.5 ? 14 : z < 13 ? 18 : 22;
    layer.features.forEach((feature, row) => {
      if (feature.kind !== 1) return;
      for (const part of feature.parts) {
        if (!inside(view, part[0], part[1])) continue;
        const [px, py] = place(view, part[0], part[1]);
        if (layer.base) {
          baseDot(context, px, py, model.facts.symbols.ground);
          this.hits.points.push([px, py, 7, layer, row]);
          continue;
        }
        const state = size < 11 ? "works" : OPERATION(layer, row);
        const sign = pointSign(signOf(model.facts.symbols, layer, row), state, size, view.scale);
        context.drawImage(sign, px - size / 2, py - size / 2, size, size);
        this.hits.points.push([px, py, Math.max(8, size / 2), layer, row]);
      }
    });
  },
};

/** Relative luminance, 0 to 1. */
function lightness(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const inside = (view, x, y) => x >= view.box.west && x <= view.box.east && y >= view.box.north && y <= view.box.south;
export const place = (view, x, y) => [x * view.s + view.tx, y * view.s + view.ty];

function riverWidth(layer, row) {
  const order = layer.value("order", row) ?? 3;
  return order >= 6 ? 3 : order >= 4 ? 2 : 1;
}

export const roadGrowth = (zoom) => Math.max(0.6, Math.min(2.6, 2 ** ((zoom - 11) * 0.45)));

const roadKey = (layer, row) => {
  const existing = (layer.value("state", row) ?? "existing") === "existing";
  return `${layer.value("class", row)}|${layer.value("surface", row)}|${existing}`;
};

const styles = new WeakMap();

/** Styles of the roads there are, the widest last so that it lies on top. */
export function roadStyles(model, layer) {
  if (!styles.has(layer)) {
    const { class: classes, surface: surfaces } = model.facts.symbols.road;
    const keys = new Set();
    for (let row = 0; row < layer.rows; row++) keys.add(roadKey(layer, row));
    const made = [...keys].map((key) => {
      const [class_, surface, existing] = key.split("|");
      const paint = Object.hasOwn(surfaces, surface) ? surfaces[surface] : surfaces.unknown;
      const width = Object.hasOwn(classes, class_) ? classes[class_].px : 1;
      return { key, class: class_, surface, width, color: paint.color, dash: paint.dash, hollow: existing !== "true" };
    });
    styles.set(layer, made.sort((a, b) => a.width - b.width || (a.key < b.key ? -1 : 1)));
  }
  return styles.get(layer);
}
