// How the communes look under the chosen theme: their classes, in colours, with words, and the page's title.

const looks = new WeakMap();

/** The theme in view: classes (with id, words, fill, text, pattern), the class index of every commune, and its values. */
export function lookAt(model, state) {
  const period = model.periods[state.period];
  if (!looks.has(period)) looks.set(period, new Map());
  const known = looks.get(period);
  if (!known.has(state.theme)) known.set(state.theme, make(model, period, state.theme));
  return known.get(state.theme);
}

function make(model, period, key) {
  const [id, variantId] = key.split(".");
  const theme = model.themes.get(id);
  const variant = theme.variants?.find((one) => one.id === variantId) ?? null;
  const told = period.themes[key];
  const at = key === "status" ? Uint8Array.from(period.tier) : Uint8Array.from(told.c, (letter) => parseInt(letter, 36));
  const classes = theme.classes;
  const counts = classes.map(() => 0);
  const { district } = period.scene.communes;
  const counted = new Set();
  at.forEach((class_, unit) => {
    if (theme.counted === "district") {
      // A district counts once; all its communes have its class.
      if (district[unit] < 0 || counted.has(district[unit])) return;
      counted.add(district[unit]);
    }
    counts[class_] += 1;
  });
  return { key, theme, variant, period, classes, at, counts, values: told?.v ?? null, whole: told?.w ?? null, index: new Map(classes.map((one, i) => [one.id, i])) };
}

/** Number of counted units (communes, or districts) in the classes with these ids. */
const sum = (look, ids) => ids.reduce((total, id) => total + (look.index.has(id) ? look.counts[look.index.get(id)] : 0), 0);

/** Units that shares are told of: all but those outside the assessment. */
export function base(look) {
  return look.counts.reduce((total, count) => total + count, 0) - sum(look, ["not_applicable"]);
}

/** What the units that a theme counts are called, as a word of the page. */
export const unitWord = ({ theme }) => (theme.counted === "district" ? "unitsDistricts" : theme.urban ? "unitsAll" : "unitsCommunes");

const unknownIds = ["unknown", "not_reported"];
export const unknownCount = (look) => sum(look, unknownIds);

/** Text of a commune's value under the theme; null when the class says it all. */
export function valueText(words, look, index) {
  const value = look.values?.[index];
  if (value === null || value === undefined) return null;
  return look.theme.unit === "share" ? words.percent(value) : words.number(value);
}

export function themeName(words, look) {
  return look.variant ? `${words.pick(look.theme)}: ${words.pick(look.variant)}` : words.pick(look.theme);
}

/** The page's title: the answer that the map in view gives. */
export function headline(model, words, state) {
  const look = lookAt(model, state);
  if (look.key === "status") return statusHeadline(model, words, look);
  const date = words.day(look.period.as_of);
  const pattern = look.theme.answer ? words.pick(look.theme.answer) : "";
  if (!pattern || (pattern.includes("{rate}") && look.whole === null)) return `${themeName(words, look)}, ${words.say("until", { date })}`;
  const { found, all, silent } = answer(look);
  if (pattern.includes("{n}") && all === 0)
    return silent ? words.say("nothingKnown", { name: themeName(words, look), date }) : `${themeName(words, look)}, ${words.say("until", { date })}`;
  const limit = look.variant?.limit ?? look.theme.limit;
  const metres = limit === undefined ? undefined : model.limits[limit];
  const text = words.put(pattern, {
    n: words.number(found),
    all: words.number(all),
    rate: words.percent(look.whole),
    variant: look.variant ? words.pick(look.variant) : "",
    limit: metres === undefined ? "?" : words.distance(metres).replace(" ", "\u00a0"),
    date,
  });
  if (!silent || !pattern.includes("{n}")) return text;
  if (found) return words.say("atLeastSentence", { text });
  return pattern.includes("{all}") ? text : words.say("withUnknown", { text, n: words.number(silent) });
}

/** The rule of ntmgis.show.web.themes.answer: units found, units that it is said of, units that nothing is known of. */
function answer(look) {
  const told = look.theme.answer;
  const silent = unknownCount(look);
  const found = sum(look, told.of ?? []);
  const all = base(look) - sum(look, told.without ?? []);
  return { found, all: found ? all : all - silent, silent };
}

/** Place and boundaries, and how many units the theme in view knows nothing of. */
export function subline(words, look) {
  const { view } = look.period.scene;
  if (look.period.current && look.key === "status") return words.pick(view.subtitle);
  const silent = unknownCount(look);
  if (look.key === "status") {
    const higher = [["advanced", "ofAdvanced"], ["model", "ofModel"]].flatMap(([id, word]) => (sum(look, [id]) ? [words.say(word, { n: words.number(sum(look, [id])) })] : []));
    const parts = [`${view.province.name}, ${words.pick(view.epoch)}`];
    if (higher.length) parts.push(words.say("ofThem", { list: higher.join(", ") }));
    if (silent && silent < base(look)) parts.push(words.say("silent", { n: words.number(silent) }));
    return parts.join(" · ");
  }
  const gap = silent ? words.say("notKnown", { n: words.number(silent), all: words.number(base(look)), units: words.say(unitWord(look)) }) : "";
  return [`${view.province.name}, ${words.pick(view.epoch)}`, gap].filter(Boolean).join(" · ");
}

/** The rule of ntmgis.show.words.headline. */
function statusHeadline(model, words, look) {
  if (look.period.current) return words.pick(look.period.scene.view.title);
  const met = sum(look, ["ntm", "advanced", "model"]);
  const silent = unknownCount(look);
  const rural = met + sum(look, ["not_yet"]) + silent;
  const date = words.day(look.period.as_of);
  const pair =
    silent === rural
      ? {
          vi: `Chưa có số liệu nông thôn mới của ${words.number(rural)} xã, đến ${date}`,
          en: `NTM status of ${words.number(rural)} communes not reported, as of ${date}`,
        }
      : {
          vi: `${silent ? "Ít nhất " : ""}${words.number(met)}/${words.number(rural)} xã đạt chuẩn nông thôn mới, đến ${date}`,
          en: `${silent ? "At least " : ""}${words.number(met)} of ${words.number(rural)} communes meet the NTM standard, as of ${date}`,
        };
  return words.pick(pair);
}
