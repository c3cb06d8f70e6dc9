// Three steps for a first visit; each ticks itself off when it has been done.

import { button, icon, make } from "./elements.js";
import { label, name, speak } from "./language.js";

const SHELF = "wuxue.rehearsal.guide";
const STEPS = ["open", "move", "look"];

export class Guide {
  constructor() {
    this.steps = new Map(STEPS.map((step, place) => [step, this.step(step, place + 1)]));
    this.close = speak(button({ class: "soft", on: { click: () => this.dismiss() } }), "close_guide");
    this.element = make("aside", { class: "guide" }, make("ol", { class: "guide-steps" }, ...this.steps.values()), this.close);
    name(this.element, "guide_title");
    this.element.hidden = remembered() === "seen";
    this.key = label(button({ class: "quiet-key round", on: { click: () => this.toggle() } }, icon("help")), "show_guide");
    this.firstPhone = null;
  }

  step(which, number) {
    const mark = make("span", { class: "guide-mark", "aria-hidden": "true" }, String(number));
    const words = make("span", { class: "guide-words" }, speak(make("strong"), `guide_${which}`), speak(make("span"), `guide_${which}_why`));
    return make("li", { class: "guide-step", data: { step: which } }, mark, words);
  }

  did(which) {
    const step = this.steps.get(which);
    if (step.classList.contains("done")) return;
    step.classList.add("done");
    step.querySelector(".guide-mark").replaceChildren(icon("check"));
    step.append(speak(make("span", { class: "unseen" }), "guide_done"));
  }

  /** Somebody did something on the phone with this id. */
  touched(id) {
    this.did("open");
    this.firstPhone ??= id;
    if (this.firstPhone !== id) this.did("look");
  }

  toggle() {
    if (this.element.hidden) this.element.hidden = false;
    else this.dismiss();
  }

  dismiss() {
    this.element.hidden = true;
    try {
      localStorage.setItem(SHELF, "seen");
    } catch {
      // shown again next time, which does no harm
    }
    this.key.focus();
  }
}

function remembered() {
  try {
    return localStorage.getItem(SHELF);
  } catch {
    return null;
  }
}
