// The clock on top: what day it is in the rehearsal, what comes next, and the buttons that move time.

import { button, icon, make } from "./elements.js";
import { label, name, onLanguage, pick, say, speak, speakPair } from "./language.js";
import { Refusal } from "./server.js";
import { Sky } from "./sky.js";
import { comingOf, dateOf, setZone, timeOf, weekdayOf } from "./zone_time.js";

const SPEEDS = [
  [0, "speed_real", 0],
  [60, "speed_minutes", 1],
  [600, "speed_minutes", 10],
  [3600, "speed_hours", 1],
];

export class ClockBar {
  /** `move(change)` asks the server and returns the new clock; `onTick(hh:mm)`, `onMove()`, `onMoved()`, `trouble(refusal)`. */
  constructor(element, { move, onTick, onMove, onMoved, announce, trouble }) {
    this.element = element;
    this.server = move;
    this.told = { onTick, onMove, onMoved, announce, trouble };
    this.clock = null;
    this.received = 0;
    this.sky = new Sky();
    this.build();
    onLanguage(() => this.clock && this.show());
    setInterval(() => this.clock?.playing && this.tick(), 250);
  }

  build() {
    this.date = make("span", { class: "clock-date" });
    this.weekday = make("span", { class: "clock-weekday" });
    this.time = make("span", { class: "clock-time" });
    this.today = make("span", { class: "today" });
    this.nextWhat = make("span", { class: "next-what" });
    const wait = make("span", { class: "spinner", "aria-hidden": "true" });
    this.next = button({ class: "move next-move", data: { move: "next" } }, wait, icon("next"),
      make("span", { class: "next-words" }, speak(make("span", { class: "next-title" }), "next_thing"), this.nextWhat));
    const steps = [["hour", "hour_later"], ["day", "day_later"], ["week", "week_later"]].map(([move, word]) =>
      speak(button({ class: "move", data: { move } }), word));
    this.play = button({ class: "move play" });
    this.speed = label(make("select", { class: "speed" }), "speed");
    for (const key of [this.next, ...steps]) key.addEventListener("click", () => this.move({ move: key.dataset.move }));
    this.play.addEventListener("click", () => this.move({ playing: !this.clock.playing }));
    this.speed.addEventListener("change", () => this.move({ speed: Number(this.speed.value) }));
    this.keys = [this.next, ...steps, this.play, this.speed];
    name(this.element, "clock");
    this.element.append(
      make("div", { class: "clock-face" }, this.sky.element,
        make("div", { class: "clock-words" }, make("p", { class: "clock-now" }, this.date, this.weekday, this.time), this.today)),
      make("div", { class: "clock-keys" }, this.next, make("div", { class: "steps" }, ...steps),
        make("div", { class: "playing" }, this.play, this.speed)));
  }

  /** Business time at this moment, ms. */
  get now() {
    const start = Date.parse(this.clock.now);
    return this.clock.playing ? start + (performance.now() - this.received) * (this.clock.speed || 1) : start;
  }

  take(clock) {
    this.clock = clock;
    this.received = performance.now();
    setZone(clock.zone);
    this.show();
  }

  show() {
    const { today, next, playing, speed } = this.clock;
    if (today.name) speakPair(this.today, today.name);
    else speak(this.today, today.kind === "work" ? "work_day" : "day_off");
    this.today.dataset.kind = today.kind;
    label(this.today, today.kind === "work" ? "work_day" : "day_off");
    this.showNext(next);
    this.play.replaceChildren(icon(playing ? "pause" : "play"), speak(make("span"), playing ? "pause" : "play"));
    this.play.setAttribute("aria-pressed", String(playing));
    this.showSpeeds(speed);
    this.tick();
  }

  showNext(next) {
    this.next.disabled = this.busy || !next?.at;
    const atWork = this.busy && this.clock.at_work;
    this.nextWhat.textContent = atWork ? pick(atWork) : next?.at ? `${pick(next.what)} · ${comingOf(next.at, this.now)}` : say("nothing_next");
    this.next.title = this.nextWhat.textContent;
  }

  showSpeeds(speed) {
    const known = SPEEDS.some(([value]) => value === speed) ? SPEEDS : [...SPEEDS, [speed, "speed_seconds", speed]];
    this.speed.replaceChildren(...known.map(([value, word, n]) =>
      make("option", { value, selected: value === speed }, say(word, { n }))));
  }

  tick() {
    const { now } = this;
    const time = timeOf(now);
    if (this.time.textContent === time && this.date.textContent === dateOf(now)) return;
    this.time.textContent = time;
    this.date.textContent = dateOf(now);
    this.weekday.textContent = weekdayOf(now);
    this.sky.show(now);
    this.told.onTick(time);
  }

  async move(change) {
    if (this.busy) return;
    this.setBusy(true, "move" in change);
    this.told.onMove();
    try {
      this.take(await this.server(change));
      if ("move" in change) {
        this.told.onMoved();
        this.told.announce(say("moved", { now: `${dateOf(this.now)} ${weekdayOf(this.now)} ${timeOf(this.now)}` }));
      }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.told.trouble(refusal);
    } finally {
      this.setBusy(false, "move" in change);
    }
  }

  setBusy(busy, long) {
    const focused = document.activeElement;
    this.busy = busy;
    this.element.classList.toggle("busy", busy);
    this.element.setAttribute("aria-busy", String(busy));
    if (busy && long) this.told.announce(say("moving"));
    for (const key of this.keys) key.disabled = busy;
    if (busy) this.lastFocus = this.keys.includes(focused) ? focused : null;
    else {
      this.show();
      this.lastFocus?.focus();
    }
  }
}
