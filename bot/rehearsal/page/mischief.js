// The menu that makes Telegram misbehave, so one can see what the bot does about it.

import { button, icon, make } from "./elements.js";
import { name, speak } from "./language.js";
import { Refusal } from "./server.js";

const RETRY_AFTER = 20; // s, what a 429 asks for
const FAULTS = ["429", "403", "500", "silence"];
const COUNTS = [1, 3, 10, 50];

export class Mischief {
  /** `misbehave(fault)` asks the server; `tell(word, values)` and `trouble(refusal)` report. */
  constructor({ misbehave, tell, trouble }) {
    this.misbehave = misbehave;
    this.told = { tell, trouble };
    this.calls = 3;
    this.key = button({ class: "quiet-key mischief-key", "aria-haspopup": "dialog", "aria-expanded": "false", on: { click: () => this.open(this.panel.hidden) } },
      icon("mischief"), speak(make("span"), "misbehave"));
    this.panel = make("div", { class: "mischief", role: "dialog" }, speak(make("h2"), "misbehave_title"), speak(make("p"), "misbehave_why"), this.counts(), this.faults());
    name(this.panel, "misbehave_title");
    this.panel.hidden = true;
    this.element = make("div", { class: "mischief-room" }, this.key, this.panel);
    document.addEventListener("pointerdown", ({ target }) => this.element.contains(target) || this.open(false));
    this.element.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || this.panel.hidden) return;
      this.open(false);
      this.key.focus();
    });
  }

  counts() {
    const keys = COUNTS.map((number) => button({ class: "count-key", "aria-pressed": String(number === this.calls) }, String(number)));
    keys.forEach((key, place) => key.addEventListener("click", () => {
      this.calls = COUNTS[place];
      keys.forEach((other) => other.setAttribute("aria-pressed", String(other === key)));
    }));
    return make("div", { class: "counts", role: "group" }, speak(make("span"), "misbehave_calls"), make("span", { class: "count-keys" }, ...keys));
  }

  faults() {
    const row = (kind) => button({ class: `fault ${kind === "none" ? "calm" : ""}`, on: { click: () => this.choose(kind) } },
      speak(make("strong"), `misbehave_${kind}`), speak(make("span"), `misbehave_${kind}_why`, { seconds: RETRY_AFTER }));
    return make("div", { class: "faults" }, ...FAULTS.map(row), row("none"));
  }

  open(open) {
    if (this.panel.hidden === !open) return;
    this.panel.hidden = !open;
    this.key.setAttribute("aria-expanded", String(open));
    if (open) this.panel.querySelector(".fault").focus();
  }

  async choose(kind) {
    this.open(false);
    this.key.focus();
    const calm = kind === "none";
    try {
      await this.misbehave({ kind, calls: calm ? 0 : this.calls, retry_after: RETRY_AFTER });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.told.trouble(refusal);
      return;
    }
    this.key.classList.toggle("active", !calm);
    if (calm) this.told.tell("behaving");
    else this.told.tell("misbehaving", { calls: this.calls, what: { key: `misbehave_${kind}` } });
  }
}
