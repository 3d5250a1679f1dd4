// What the page knows, with the questions the panels ask. Units are those of the scene (boundary epoch) in view.

import { createLayer } from "./layer.js";
import { createScene } from "./scene.js";

export function createModel({ facts, villages, layers, review, relief, shapes }) {
  const { states } = facts;
  const stateIndex = new Map(states.map((state, index) => [state, index]));
  const scenes = [facts, ...facts.others].map((raw, index) => createScene(raw, index, shapes.scenes[index], villages[index], states));
  const periods = scenes
    .flatMap((scene) => scene.periods)
    .sort((a, b) => (a.as_of === b.as_of ? a.scene.index - b.scene.index : a.as_of < b.as_of ? -1 : 1));
  let scene = scenes[0];
  const own = ["communes", "districts", "villages", "villagesOf", "province", "roads", "limits", "criteria", "coverage"];
  const model = {
    facts,
    states,
    stateIndex,
    scenes,
    periods,
    review,
    relief,
    palette: states.map((state) => ({ id: state, state, hatch: state === "not_reported", ...facts.symbols.tier[state], words: facts.symbols.tier_words[state] })),
    layers: layers.map((layer, index) => createLayer(layer, shapes.layers[index])),
    themes: new Map(facts.themes.map((theme) => [theme.id, theme])),
    get scene() {
      return scene;
    },
    /** From now on "the communes" are those of this period's epoch. */
    use(period) {
      scene = periods[period].scene;
    },
    /** The period a reader meets first: the newest of the page's own epoch. */
    firstPeriod: periods.indexOf(scenes[0].periods.at(-1)),
    /** What the review says of the units in view (it is about the page's own date only). */
    reviewAt: (period) => (review !== null && scene === scenes[0] && periods[period].current ? review : null),
    tiersAt: (period) => periods[period].tier,
    counts(period) {
      const made = states.map(() => 0);
      for (const tier of periods[period].tier) made[tier] += 1;
      return made;
    },
    shortName: (index) => scene.shortName(index),
    districtName: (index) => scene.districtName(index),
    otherScene: () => scenes.find((one) => one !== scene) ?? null,
    relatives: (index) => relatives(facts.links, scenes, scene, index),
    /** The unit of another epoch that most of a unit of this one became (or came from); -1 when that is not known. */
    counterpart(index, target) {
      const found = relatives(facts.links, scenes, scene, index).filter((one) => one.scene === target);
      found.sort((a, b) => (b.share ?? 0) - (a.share ?? 0));
      return found.length ? found[0].index : -1;
    },
    themeKey: (key) => themeKey(model, key),
    knows: (key, period) => key === "status" || Object.hasOwn(periods[period].themes, key),
    nearestPeriod: (key, period) => nearest(model, key, period),
    periodsOf: (key) => periods.map((_, at) => at).filter((at) => model.knows(key, at)),
  };
  for (const name of [...own, "villageArcs", "communeByCode"]) Object.defineProperty(model, name, { get: () => scene[name], enumerable: true });
  return model;
}

/** Units of other epochs that a unit was made of or became part of, with the share of the old one's area. */
function relatives(links, scenes, scene, index) {
  const made = [];
  for (const link of links) {
    for (const [before, after, share] of link.pairs) {
      if (link.from === scene.index && before === index) made.push({ scene: scenes[link.to], index: after, share, later: true });
      if (link.to === scene.index && after === index) made.push({ scene: scenes[link.from], index: before, share, later: false });
    }
  }
  return made;
}

/** The key "theme" or "theme.variant" that really exists for what was asked; null when there is none. */
function themeKey(model, asked) {
  const [id, variant] = String(asked).split(".");
  const theme = model.themes.get(id);
  if (!theme) return null;
  if (!theme.variants) return id;
  return `${id}.${(theme.variants.find((one) => one.id === variant) ?? theme.variants[0]).id}`;
}

/** The period nearest to `period` that a theme is known of, in the same epoch if there is one. */
function nearest(model, key, period) {
  const wanted = model.periods[period].scene;
  const all = model.periodsOf(key);
  const same = all.filter((at) => model.periods[at].scene === wanted);
  const among = same.length ? same : all;
  return among.reduce((best, at) => (Math.abs(at - period) < Math.abs(best - period) ? at : best), among[0] ?? period);
}

/** Whether the reader's filters leave a commune in view. */
export function passes(model, state, look, index) {
  if (state.filter !== null && !state.filter.has(look.classes[look.at[index]].id)) return false;
  return state.focus === null || state.focus.units.has(index);
}
