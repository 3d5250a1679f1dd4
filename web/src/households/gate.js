// The password of a sealed page.

import { byId, fill, h } from "../dom.js";
import { cannotOpen } from "./seal.js";

/** Shows the form until `attempt(password)` resolves to something; that is what comes back. */
export function askPassword(words, attempt) {
  const gate = byId("gate");
  gate.hidden = false;
  return new Promise((resolve) => {
    const obstacle = cannotOpen();
    if (obstacle) {
      fill(gate, h("div", { class: "gate-box" }, h("h2", null, words.say("gateTitle")), h("p", { class: "gate-bad", role: "alert" }, words.say(obstacle))));
      return;
    }
    const box = h("input", { type: "password", id: "gate-password", autocomplete: "off", spellcheck: "false" });
    const told = h("p", { class: "gate-bad", role: "alert" });
    const button = h("button", { type: "submit" }, words.say("gateOpen"));
    const submit = async (event) => {
      event.preventDefault();
      if (!box.value) {
        told.textContent = words.say("gateEmpty");
        return;
      }
      button.disabled = true;
      button.textContent = words.say("gateWait");
      told.textContent = "";
      const opened = await attempt(box.value).catch(() => null);
      button.disabled = false;
      button.textContent = words.say("gateOpen");
      if (opened === null) {
        told.textContent = words.say("gateWrong");
        box.select();
        return;
      }
      box.value = "";
      gate.hidden = true;
      fill(gate);
      resolve(opened);
    };
    fill(
      gate,
      h(
        "form",
        { class: "gate-box", onsubmit: submit },
        h("h2", null, words.say("gateTitle")),
        h("label", { for: "gate-password" }, words.say("gateLabel")),
        box,
        button,
        told,
        h("p", { class: "hint" }, words.say("gateHint")),
      ),
    );
    box.focus();
  });
}
