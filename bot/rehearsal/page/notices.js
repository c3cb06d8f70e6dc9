// What appears over one phone for a moment: the lock-screen line, a toast, an alert.

import { button, icon, make } from "./elements.js";
import { pick, say, speak, speakPair } from "./language.js";
import { appendText } from "./scripts.js";

const BANNER_STAYS = 6_000; // ms
const TOAST_STAYS = 3_200; // ms

export class Notices {
  constructor() {
    this.element = make("div", { class: "notices" });
    this.banners = 0;
  }

  /** The first line only, which by the product's promise holds nothing private. */
  banner({ face, who, line, time, open }) {
    this.banners += 1;
    const number = this.banners > 1 ? make("span", { class: "banner-more" }, `+${this.banners - 1}`) : null;
    const words = make("span", { class: "banner-line" });
    appendText(words, line);
    const card = button({ class: "banner" }, face,
      make("span", { class: "banner-words" },
        make("span", { class: "banner-who" }, make("span", {}, who), number, make("time", {}, time)), words));
    card.addEventListener("click", () => {
      this.clearBanner();
      open();
    });
    this.shown?.remove();
    this.shown = card;
    this.element.prepend(card);
    clearTimeout(this.bannerEnds);
    this.bannerEnds = setTimeout(() => this.clearBanner(), BANNER_STAYS);
  }

  clearBanner() {
    clearTimeout(this.bannerEnds);
    this.banners = 0;
    this.shown?.remove();
    this.shown = null;
  }

  toast(text, kind = "said") {
    const words = make("div", { class: `toast ${kind}`, role: kind === "trouble" ? "alert" : "status" });
    appendText(words, text);
    this.element.querySelector(".toast")?.remove();
    this.element.append(words);
    setTimeout(() => words.remove(), kind === "trouble" ? TOAST_STAYS * 2 : TOAST_STAYS);
  }

  /** A refusal from the server, or its silence. */
  trouble(refusal) {
    if (refusal?.pair) this.toast(pick(refusal.pair), "trouble");
    else this.toast(say(refusal?.reached === false ? "unreachable" : "went_wrong"), "trouble");
  }

  alert(who, text) {
    const words = make("p");
    appendText(words, text);
    const ok = speak(button({ class: "solid" }), "ok");
    const room = make("div", { class: "alert-room" },
      make("div", { class: "alert", role: "alertdialog", "aria-modal": "true", "aria-label": who }, make("strong", {}, who), words, ok));
    const back = document.activeElement;
    const close = () => {
      room.remove();
      back?.focus?.({ preventScroll: true });
    };
    ok.addEventListener("click", close);
    room.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (event.key === "Tab") event.preventDefault(); // the alert has one button
    });
    this.element.append(room);
    ok.focus({ preventScroll: true });
  }
}

/** The invitation a phone can open. */
export function inviteCard({ label: what }, open) {
  const words = speakPair(make("p", { class: "invite-what" }), what);
  const press = speak(button({ class: "solid", on: { click: open } }), "open_invite");
  return make("section", { class: "invite" }, icon("envelope"), speak(make("p", { class: "invite-title" }), "invited"), words, press);
}
