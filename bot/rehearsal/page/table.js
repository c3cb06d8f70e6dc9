// The table with all phones side by side, the chips to jump between them, and what is new on each.

import { avatar, button, calmMotion, groupFace, make } from "./elements.js";
import { label, onLanguage, say, speakPair } from "./language.js";
import { phoneName, PhoneView } from "./phone.js";
import { firstLine } from "./poll.js";

const IN_VIEW = 0.6; // share of a phone that must be visible to count as seen

export class Table {
  constructor({ strip, chips, announcer, touched }) {
    this.strip = strip;
    this.chips = chips;
    this.announcer = announcer;
    this.touched = touched;
    this.views = new Map();
    this.tabs = new Map();
    this.news = new Map();
    this.visible = new Set();
    this.watcher = new IntersectionObserver((entries) => this.seen(entries), { root: strip, threshold: [0, IN_VIEW, 0.95] });
    new ResizeObserver(() => this.fit()).observe(strip);
    onLanguage(() => {
      for (const id of this.views.keys()) this.showNews(id);
      this.fit();
    });
  }

  /** Lay out the phones of a state; phones already there keep their drafts. */
  lay(phones, bot) {
    this.bot = bot;
    const wanted = new Set(phones.map(({ id }) => id));
    for (const id of [...this.views.keys()].filter((known) => !wanted.has(known))) this.takeAway(id);
    for (const phone of phones) {
      if (this.views.has(phone.id)) this.views.get(phone.id).update(phone);
      else this.add(phone);
    }
    this.fit();
  }

  add(phone) {
    const view = new PhoneView(phone, {
      bot: this.bot,
      openPrivately: (userId, payload) => this.openPrivately(userId, payload),
      touched: (from) => this.touched(from.phone),
      news: (from, message) => this.tell(from, message),
      read: (from) => this.visible.has(from.phone.id) && this.setNews(from.phone.id, 0),
    });
    this.views.set(phone.id, view);
    this.strip.append(view.element);
    this.watcher.observe(view.element);
    const title = speakPair(make("span", { class: "chip-title" }), phoneName(phone));
    const chip = button({ class: "chip", on: { click: () => this.bringUp(phone.id) } },
      phone.kind === "group" ? groupFace(phone.chat_id) : avatar(phone.person, phone.chat_id), title, make("span", { class: "chip-news" }));
    this.tabs.set(phone.id, chip);
    this.chips.append(chip);
    this.setNews(phone.id, 0);
  }

  takeAway(id) {
    this.watcher.unobserve(this.views.get(id).element);
    this.views.get(id).element.remove();
    this.tabs.get(id).remove();
    for (const kept of [this.views, this.tabs, this.news]) kept.delete(id);
  }

  view(id) {
    return this.views.get(id);
  }

  // Chips only earn their place when not every phone fits.
  fit() {
    const crowded = this.strip.scrollWidth > this.strip.clientWidth + 8;
    if (this.chips.hidden === crowded) this.chips.hidden = !crowded;
  }

  bringUp(id, flash = false) {
    const { element } = this.views.get(id);
    const calm = calmMotion();
    element.scrollIntoView({ inline: "center", block: "nearest", behavior: calm ? "auto" : "smooth" });
    element.focus({ preventScroll: true });
    if (flash) this.flash(id);
    this.setNews(id, 0);
  }

  flash(id) {
    const { element } = this.views.get(id);
    element.classList.remove("flash");
    void element.offsetWidth; // lets the same highlight start again
    element.classList.add("flash");
  }

  openPrivately(userId, payload) {
    const own = [...this.views.values()].find(({ phone }) => phone.kind === "private" && phone.user_id === userId);
    if (!own) return false;
    this.bringUp(own.phone.id, true);
    own.start(payload);
    return true;
  }

  tell(view, message) {
    const { id } = view.phone;
    this.announcer.textContent = say("arrived", { title: phoneName(view.phone), line: firstLine(message) });
    if (this.visible.has(id) && view.thread.atLatest) return;
    this.setNews(id, (this.news.get(id) ?? 0) + 1);
    this.flash(id);
  }

  seen(entries) {
    for (const { target, intersectionRatio } of entries) {
      const id = target.id.slice("phone-".length);
      const chip = this.tabs.get(id);
      if (!chip) continue;
      if (intersectionRatio >= IN_VIEW) this.visible.add(id);
      else this.visible.delete(id);
      chip.classList.toggle("in-view", intersectionRatio >= IN_VIEW);
      if (intersectionRatio >= IN_VIEW && this.views.get(id).thread.atLatest) this.setNews(id, 0);
    }
    const current = this.chips.querySelector(".in-view");
    if (current && !this.chips.hidden && this.visible.size === 1) {
      this.chips.scrollTo({ left: current.offsetLeft - 60, behavior: calmMotion() ? "auto" : "smooth" });
    }
  }

  setNews(id, number) {
    this.news.set(id, number);
    this.showNews(id);
  }

  showNews(id) {
    const chip = this.tabs.get(id);
    const number = this.news.get(id);
    const title = phoneName(this.views.get(id).phone);
    chip.querySelector(".chip-news").textContent = number || "";
    chip.classList.toggle("has-news", number > 0);
    if (number) label(chip, "phone_with_news", { title, n: number });
    else label(chip, "one_phone", { title });
  }

  putAllDown() {
    for (const view of this.views.values()) view.putDown();
  }

  tick(time) {
    for (const view of this.views.values()) view.tick(time);
  }
}
