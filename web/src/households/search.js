// One box that finds villages, communes and address codes; works by keyboard alone.

import { byId, fill, h } from "../dom.js";
import { find, spaced } from "./model.js";

const LONG = /^[0-9]{10}$/;
const SHORT = /^[0-9]{5}$/;

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
  const show = (units, none) => {
    found = units;
    fill(
      list,
      found.length === 0
        ? h("li", { class: "none" }, none)
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
              h("span", null, [unit.where, unit.kind === "address" ? null : unit.code].filter(Boolean).join(" · ")),
            ),
          ),
    );
    list.hidden = false;
    box.setAttribute("aria-expanded", "true");
    mark(found.length ? 0 : -1);
    app.tell(words.say("searchCount", { n: words.number(found.length) }), true);
  };
  const render = async () => {
    const asked = box.value;
    if (!asked.trim()) {
      close();
      return;
    }
    const units = find(model, asked);
    const digits = asked.replace(/[\s.-]/g, "");
    if (!LONG.test(digits) && !SHORT.test(digits)) {
      show(units, words.say("searchNone"));
      return;
    }
    const hits = await app.findAddress(digits);
    if (box.value !== asked) return;
    const addresses = hits.map(({ points, i }) => {
      const village = model.villageOf(points, i);
      return {
        kind: "address",
        points,
        i,
        village,
        code: model.address(points, i),
        name: spaced(model.address(points, i)),
        where: [model.villageName(village, words), model.where(village)].filter(Boolean).join(", "),
      };
    });
    show([...addresses, ...units], words.say(app.parts && !LONG.test(digits) ? "searchFar" : "searchNone"));
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
