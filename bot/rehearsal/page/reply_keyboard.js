// The bot's permanent buttons below the text box; they can be folded away.

import { button, icon, make } from "./elements.js";
import { label, name } from "./language.js";
import { appendText } from "./scripts.js";

export class ReplyKeyboard {
  constructor({ fold, press }) {
    this.fold = fold;
    this.press = press;
    this.folded = false;
    this.rows = null;
    this.element = name(make("div", { class: "reply-keyboard", role: "group" }), "quick_replies");
    fold.addEventListener("click", () => {
      this.folded = !this.folded;
      this.settle();
    });
    this.show(null);
  }

  show(keyboard) {
    const rows = JSON.stringify(keyboard?.rows ?? null);
    if (rows === this.rows) return;
    if (keyboard) this.folded = false; // a keyboard just sent is shown, as Telegram does
    this.rows = rows;
    this.element.replaceChildren(...(keyboard?.rows ?? []).map((row) => make("div", { class: "reply-row" }, ...row.map((text) => this.key(text)))));
    this.settle();
  }

  key(text) {
    const key = button({ class: "reply-key", on: { click: () => this.press(text) } });
    appendText(key, text);
    return key;
  }

  settle() {
    const any = this.element.children.length > 0;
    this.element.classList.toggle("folded", this.folded || !any);
    this.element.inert = this.folded || !any;
    this.fold.hidden = !any;
    this.fold.setAttribute("aria-expanded", String(any && !this.folded));
    this.fold.replaceChildren(icon(this.folded ? "keyboard" : "fold"));
    label(this.fold, this.folded ? "show_keyboard" : "hide_keyboard");
  }
}
