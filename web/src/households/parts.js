// Data scripts beside the page, one per commune: loaded when the view needs them, given up when there are too many.

/** Objects in view up to which each is shown, above it the page draws its overview; and objects kept in memory at most. */
const LIMITS = { exact: 150_000, kept: 150_000 };

export function createParts({ about, build, unpack, changed, failed }) {
  const loaded = new Map(); // number → points; the order is that of last use
  const asked = new Set();
  const broken = new Set();
  const inbox = new Map();
  const limits = { ...LIMITS };

  window.ntmgis.part = (number, of, text) => {
    const receive = inbox.get(number);
    inbox.delete(number);
    receive?.(of === build ? text : null);
  };

  const request = async (number) => {
    if (loaded.has(number) || asked.has(number) || broken.has(number)) return;
    asked.add(number);
    const file = `data/${String(number).padStart(4, "0")}.js`;
    try {
      const points = await unpack(number, await fetchText(number, file));
      loaded.set(number, points);
    } catch (error) {
      broken.add(number);
      failed(error.message === "foreign" ? "partForeign" : "partFailed", file);
    }
    asked.delete(number);
    changed();
  };

  const fetchText = (number, file) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const end = (action, value) => {
        script.remove();
        action(value);
      };
      inbox.set(number, (text) => (text === null ? end(reject, new Error("foreign")) : end(resolve, text)));
      script.onerror = () => end(reject, new Error("missing"));
      script.onload = () => inbox.has(number) && end(reject, new Error("missing")); // it ran and said nothing
      script.src = file;
      document.head.append(script);
    });

  const inView = (box) =>
    about
      .map((part, i) => ({ ...part, number: i + 1 }))
      .filter(({ box: [west, north, east, south] }) => west <= box.east && east >= box.west && north <= box.south && south >= box.north);

  const forget = (needed) => {
    let kept = 0;
    for (const points of loaded.values()) kept += points.count;
    for (const [number, points] of loaded) {
      if (kept <= limits.kept) return;
      if (needed.has(number)) continue;
      loaded.delete(number);
      kept -= points.count;
    }
  };

  return {
    loaded,
    limits,
    /** Asks for what the view needs and tells what can be drawn now: exact parts, and whether all of the view is. */
    need(box) {
      const wanted = inView(box);
      const sum = wanted.reduce((total, part) => total + part.n, 0);
      if (sum > limits.exact) {
        forget(new Set());
        return { exact: [], whole: false };
      }
      const numbers = new Set(wanted.map((part) => part.number));
      for (const number of numbers) {
        const points = loaded.get(number);
        if (points) {
          loaded.delete(number);
          loaded.set(number, points);
        } else request(number);
      }
      forget(numbers);
      const exact = [...numbers].filter((number) => loaded.has(number));
      return { exact, whole: exact.length === numbers.size, waiting: asked.size };
    },
    /** Loads these parts whatever the view. */
    async load(numbers) {
      for (const number of numbers) {
        await request(number);
        while (asked.has(number)) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return numbers.map((number) => loaded.get(number)).filter(Boolean);
    },
  };
}
