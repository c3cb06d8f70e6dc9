// The list of commands: behind the "/" button, and while a slash is being typed.

import { button, make } from "./elements.js";
import { appendText } from "./scripts.js";

let menus = 0;

export class CommandMenu {
  constructor({ box, opener, choose }) {
    this.box = box;
    this.opener = opener;
    this.choose = choose;
    this.commands = [];
    this.at = 0;
    menus += 1;
    this.element = make("div", { class: "command-menu", role: "listbox", id: `commands-${menus}` });
    this.element.hidden = true;
    opener.setAttribute("aria-controls", this.element.id);
    opener.addEventListener("click", () => {
      if (this.element.hidden) this.open(this.commands);
      else this.close();
      box.focus();
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.element.contains(target) && !opener.contains(target)) this.close();
    });
  }

  offer(commands) {
    this.commands = commands;
  }

  filter(text) {
    const typed = /^\/(\w*)$/.exec(text);
    const found = typed ? this.commands.filter(({ command }) => command.startsWith(typed[1].toLowerCase())) : [];
    if (found.length > 0) this.open(found);
    else this.close();
  }

  open(commands) {
    this.shown = commands;
    this.element.replaceChildren(...commands.map(({ command, description }, index) => {
      const text = make("span", { class: "command-what" });
      appendText(text, description);
      return button({ class: "command", role: "option", id: `${this.element.id}-${index}`, on: { click: () => this.pick(index) } },
        make("span", { class: "command-name" }, `/${command}`), text);
    }));
    this.element.hidden = false;
    this.opener.setAttribute("aria-expanded", "true");
    this.point(0);
  }

  close() {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    this.box.removeAttribute("aria-activedescendant");
  }

  point(index) {
    this.at = (index + this.shown.length) % this.shown.length;
    [...this.element.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === this.at)));
    this.element.children[this.at].scrollIntoView({ block: "nearest" });
    this.box.setAttribute("aria-activedescendant", `${this.element.id}-${this.at}`);
  }

  pick(index) {
    this.close();
    this.choose(this.shown[index].command);
  }

  /** True when the key was for the menu. */
  typed(event) {
    if (this.element.hidden) return false;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) this.point(this.at + moves[event.key]);
    else if (event.key === "Enter" || event.key === "Tab") this.pick(this.at);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    return true;
  }
}
