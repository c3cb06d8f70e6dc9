// The messages of one phone, in order, with a line for each new day.

import { button, calmMotion, icon, make } from "./elements.js";
import { label, onLanguage, say, speak } from "./language.js";
import { renderMessage } from "./message.js";
import { firstLine } from "./poll.js";
import { dayKey, dayOf } from "./zone_time.js";

const KEPT = 200; // messages, as the server keeps
const TOGETHER = 5 * 60_000; // ms: messages this near stand close

export class Thread {
  /** `hands` as message.js wants it; `isMine(message)`; `onRead()` when the newest message is in sight; `onTyping(on)`. */
  constructor({ group, hands, isMine, onRead, onTyping }) {
    this.onTyping = onTyping;
    this.group = group;
    this.hands = { ...hands, jump: (id) => this.show(id), lineOf: (id) => this.lineOf(id) };
    this.isMine = isMine;
    this.messages = new Map();
    this.list = make("ol", { class: "messages" });
    this.dots = make("div", { class: "typing-dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"));
    this.dots.hidden = true;
    this.scroller = make("div", { class: "scroller", tabindex: "0", role: "region" },
      make("div", { class: "pile" }, this.list, this.dots));
    this.count = make("span", { class: "count" });
    this.latest = label(button({ class: "latest round", on: { click: () => this.toLatest() } }, icon("fold"), this.count), "jump_to_latest");
    this.latest.hidden = true;
    this.unseen = 0;
    this.element = make("div", { class: "thread" }, this.scroller, this.latest);
    this.scroller.addEventListener("scroll", () => this.scrolled(onRead), { passive: true });
    this.scroller.addEventListener("keydown", (event) => this.walk(event));
    onLanguage(() => this.renameDays());
  }

  get atLatest() {
    return this.scroller.scrollTop > -60; // the scroller starts at its bottom; above it is negative
  }

  get size() {
    return this.messages.size;
  }

  fill(messages) {
    this.messages = new Map(messages.map((message) => [message.id, message]));
    this.list.replaceChildren();
    let previous = null;
    for (const message of messages) {
      this.append(message, previous);
      previous = message;
    }
    this.toLatest(false);
  }

  refill() {
    this.fill([...this.messages.values()]);
  }

  /** Add a message, or replace the one with its id. True when it is new. */
  put(message) {
    const before = this.messages.get(message.id) ?? null;
    if (before !== null && JSON.stringify(before) === JSON.stringify(message)) return false;
    const previous = before === null ? [...this.messages.values()].at(-1) ?? null : null;
    this.messages.set(message.id, message);
    if (before !== null) {
      this.replace(message, before);
      return false;
    }
    const reading = this.atLatest || this.isMine(message);
    this.append(message, previous).classList.add("fresh");
    this.typing(false);
    if (reading) this.toLatest();
    else this.showUnseen(this.unseen + 1);
    this.trim();
    return true;
  }

  remove(id) {
    this.messages.delete(id);
    const item = this.item(id);
    if (!item) return;
    const gone = () => {
      item.remove();
      this.dropEmptyDays();
    };
    if (calmMotion()) gone();
    else {
      item.classList.add("leaving");
      item.addEventListener("animationend", gone, { once: true });
    }
  }

  item(id) {
    return this.list.querySelector(`:scope > [data-id="${Number(id)}"]`);
  }

  lineOf(id) {
    return this.messages.has(id) ? firstLine(this.messages.get(id)) : say("an_earlier_message");
  }

  show(id) {
    const item = this.item(id);
    if (!item) return;
    item.scrollIntoView({ block: "center", behavior: calmMotion() ? "auto" : "smooth" });
    item.classList.remove("pointed");
    void item.offsetWidth; // lets the same highlight start again
    item.classList.add("pointed");
  }

  typing(on) {
    this.dots.hidden = !on;
    clearTimeout(this.typingEnds);
    if (on) this.typingEnds = setTimeout(() => this.typing(false), 5_000); // as long as a chat action lasts
    this.onTyping(on);
  }

  toLatest(gently = true) {
    this.scroller.scrollTo({ top: 0, behavior: gently && !calmMotion() ? "smooth" : "instant" });
    this.showUnseen(0);
    this.latest.hidden = true;
  }

  scrolled(onRead) {
    const bottom = this.atLatest;
    this.latest.hidden = bottom;
    if (!bottom) return;
    this.showUnseen(0);
    onRead();
  }

  showUnseen(number) {
    this.unseen = number;
    this.count.textContent = number || "";
    if (number) label(this.latest, "new_messages", { n: number });
    else label(this.latest, "jump_to_latest");
  }

  render(message, before) {
    return renderMessage(message, before, { hands: this.hands, mine: this.isMine(message), group: this.group });
  }

  append(message, previous) {
    if (previous === null || dayKey(previous.date) !== dayKey(message.date)) this.list.append(dayLine(message.date));
    const item = this.render(message, null);
    if (standTogether(previous, message)) item.classList.add("together");
    this.list.append(item);
    return item;
  }

  replace(message, before) {
    const old = this.item(message.id);
    const item = this.render(message, before);
    if (old.classList.contains("together")) item.classList.add("together");
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset : null;
    const bulbOpen = old.querySelector('.bulb[aria-expanded="true"]') !== null;
    old.replaceWith(item);
    if (bulbOpen && item.querySelector('.bulb[aria-expanded="false"]')) item.querySelector(".bulb").click();
    if (message.edited) item.classList.add("changed");
    if (focused) {
      const key = item.querySelector(`[data-row="${Number(focused.row)}"][data-column="${Number(focused.column)}"]`);
      (key ?? item).focus({ preventScroll: true });
    }
  }

  trim() {
    while (this.messages.size > KEPT) {
      const [oldest] = this.messages.keys();
      this.messages.delete(oldest);
      this.item(oldest)?.remove();
    }
    this.dropEmptyDays();
  }

  dropEmptyDays() {
    for (const line of this.list.querySelectorAll(".day")) {
      if (!line.nextElementSibling || line.nextElementSibling.matches(".day")) line.remove();
    }
  }

  renameDays() {
    for (const line of this.list.querySelectorAll(".day")) line.firstChild.textContent = dayOf(line.dataset.date);
  }

  // Arrow keys walk the messages; Enter answers the one in hand.
  walk(event) {
    const items = [...this.list.querySelectorAll(":scope > .message")];
    const here = items.indexOf(document.activeElement);
    const onList = document.activeElement === this.scroller;
    if (event.key === "Enter" && here >= 0) {
      event.preventDefault();
      this.hands.reply(this.messages.get(Number(items[here].dataset.id)));
    }
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    if (here < 0 && !onList) return;
    event.preventDefault();
    const step = event.key === "ArrowUp" ? -1 : 1;
    const next = here < 0 ? items.at(-1) : items[here + step];
    next?.focus();
  }
}

function standTogether(previous, message) {
  return previous !== null && previous.from.id === message.from.id && dayKey(previous.date) === dayKey(message.date)
    && Date.parse(message.date) - Date.parse(previous.date) < TOGETHER;
}

function dayLine(date) {
  return make("li", { class: "day", role: "separator", data: { date } }, make("span", {}, dayOf(date)));
}

/** What a phone shows before its first message: the invitation, or a calm note. */
export function emptyNote(word) {
  return make("div", { class: "quiet" }, speak(make("p", { class: "quiet-title" }), "quiet_thread"), speak(make("p"), word));
}
