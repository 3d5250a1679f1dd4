// One box that finds communes, districts and villages without caring for diacritics; works by keyboard alone.

import { byId, fill, h } from "./dom.js";
import { find } from "./find.js";

export function watchSearch(app) {
  const { model, state, words } = app;
  const box = byId("search-box");
  const list = byId("search-list");
  let found = [];
  let active = -1;

  const close = () => {
    list.hidden = true;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    active = index;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    const item = list.children[index];
    if (item && found.length) {
      box.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    }
  };
  const choose = (unit) => {
    box.value = unit.name;
    close();
    app.go(unit);
  };
  const render = () => {
    found = find(model, box.value);
    if (!box.value.trim()) {
      close();
      return;
    }
    fill(
      list,
      found.length === 0
        ? h("li", { class: "none" }, words.say("searchNone"))
        : found.map((unit, i) =>
            h(
              "li",
              {
                id: `found-${i}`,
                role: "option",
                "aria-selected": "false",
                "data-kind": unit.kind,
                "data-code": unit.code,
                onmousedown: (event) => event.preventDefault(),
                onclick: () => choose(unit),
              },
              h("b", null, unit.name),
              h(
                "span",
                null,
                [unit.where, unit.code, unit.scene === model.scene ? "" : words.pick(unit.scene.view.epoch)].filter(Boolean).join(" · "),
              ),
            ),
          ),
    );
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    mark(found.length ? 0 : -1);
    app.tell(words.say("searchCount", { n: words.number(found.length) }), true);
  };
  box.addEventListener("input", render);
  box.addEventListener("focus", () => box.value.trim() && render());
  box.addEventListener("blur", () => setTimeout(close, 150));
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) render();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (found.length) mark((active + step + found.length) % found.length);
      event.preventDefault();
    } else if (event.key === "Enter" && !list.hidden && found[active]) {
      choose(found[active]);
      event.preventDefault();
    } else if (event.key === "Escape") {
      close();
    }
  });
  const name = () => {
    box.placeholder = words.say("search");
    box.setAttribute("aria-label", words.say("search"));
    list.setAttribute("aria-label", words.say("search"));
  };
  state.on(["lang"], name);
  name();
}
