// The few things a reader can change, and who wants to know.

/** A small observable record: `set` changes values, listeners get the names that really changed. */
export function createState(values) {
  const listeners = [];
  return {
    ...values,
    on(names, listener) {
      listeners.push([new Set(names), listener]);
    },
    set(changes) {
      const changed = Object.keys(changes).filter((name) => this[name] !== changes[name]);
      if (changed.length === 0) return;
      for (const name of changed) this[name] = changes[name];
      for (const [names, listener] of listeners) if (changed.some((name) => names.has(name))) listener(changed);
    },
  };
}
