// One phone on the table: its frame, its chat, and everything a person can do on it.

import { blockedNote, Composer } from "./composer.js";
import { botFace, button, groupFace, icon, make } from "./elements.js";
import { label, name, pick, say, speak, speakPair } from "./language.js";
import { inviteCard, Notices } from "./notices.js";
import { firstLine } from "./poll.js";
import { handsOn, Refusal } from "./server.js";
import { emptyNote, Thread } from "./thread.js";
import { timeOf } from "./zone_time.js";

const IN_HAND = 12_000; // ms after the last touch a phone counts as being looked at

export class PhoneView {
  /** `table` is {bot, openPrivately(userId, payload), touched(phone), news(phone, message), read(phone)}. */
  constructor(phone, table) {
    this.table = table;
    this.phone = phone;
    this.group = phone.kind === "group";
    this.actingId = this.group ? phone.user_id : null; // whoever holds the phone speaks first
    this.lastTouch = -Infinity;
    this.server = handsOn(phone.id, () => (this.group ? this.actingId : null));
    this.notices = new Notices();
    this.thread = new Thread({
      group: this.group,
      isMine: (message) => (this.group ? message.from.id === this.actingId : message.mine),
      onRead: () => table.read(this),
      onTyping: (on) => this.showKind(on),
      hands: {
        press: (...place) => this.act(this.server.press(...place)),
        vote: (...choice) => this.act(this.server.vote(...choice)),
        reply: (message) => this.composer.answer(message),
        actions: {
          command: (text) => this.act(this.server.text(text)),
          link: (url, event) => this.followLink(url, event),
        },
      },
    });
    this.composer = new Composer({
      send: (text, replyTo) => this.act(this.server.text(text, replyTo)),
      sendFile: (file, caption) => this.act(this.server.file(file, caption)),
      tell: (word, values) => this.notices.toast(say(word, values)),
    });
    this.build();
    this.listen();
    this.update(phone);
  }

  build() {
    this.title = make("h2", { class: "caption-title", id: `title-${this.phone.id}` });
    this.person = make("span", { class: "caption-person" });
    this.time = make("span", { class: "status-time" });
    this.chatName = make("strong");
    this.chatKind = make("span", { class: "chat-kind" });
    this.menuKey = label(button({ class: "round", "aria-haspopup": "menu", "aria-expanded": "false" }, icon("menu")), "phone_menu");
    this.menu = make("div", { class: "phone-menu", role: "menu" });
    this.menu.hidden = true;
    this.before = make("div", { class: "before" });
    this.foot = make("div", { class: "foot" });
    this.speaker = make("div", { class: "speaker" });
    const head = make("header", { class: "chat-head" }, this.face(), make("div", { class: "chat-names" }, this.chatName, this.chatKind), this.menuKey, this.menu);
    const status = make("div", { class: "status-bar", "aria-hidden": "true" }, this.time, make("i", { class: "signal" }), make("i", { class: "battery" }));
    this.drop = speak(make("div", { class: "drop-here" }), "drop_here");
    this.drop.hidden = true;
    this.screen = make("div", { class: "screen" }, status, head, this.thread.element, this.before, this.foot, this.notices.element, this.drop);
    this.element = make("section", { class: `phone ${this.phone.kind}`, id: `phone-${this.phone.id}`, tabindex: "-1", "aria-labelledby": `title-${this.phone.id}` },
      make("div", { class: "caption" }, this.title, this.person), make("div", { class: "frame" }, this.screen));
  }

  face() {
    return this.group ? groupFace(this.phone.chat_id) : botFace();
  }

  listen() {
    const touch = () => {
      this.lastTouch = performance.now();
      this.notices.clearBanner();
    };
    this.screen.addEventListener("pointerdown", ({ target }) => target.closest(".banner") || touch());
    this.screen.addEventListener("keydown", touch);
    this.menuKey.addEventListener("click", () => this.openMenu(this.menu.hidden));
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.menu.contains(target) && !this.menuKey.contains(target)) this.openMenu(false);
    });
    this.menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.openMenu(false);
      this.menuKey.focus();
    });
    this.screen.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files") || this.phone.blocked) return;
      event.preventDefault();
      this.drop.hidden = false;
    });
    this.screen.addEventListener("dragleave", (event) => {
      if (!this.screen.contains(event.relatedTarget)) this.drop.hidden = true;
    });
    this.screen.addEventListener("drop", (event) => {
      event.preventDefault();
      this.drop.hidden = true;
      if (!this.phone.blocked) this.composer.take(event.dataTransfer.files);
    });
  }

  /** Take over what the server says about the phone; messages only when it sends them. */
  update(phone) {
    if (phone.chat_id !== this.phone.chat_id) this.thread.fill([]); // a group upgraded to a supergroup starts anew
    this.phone = { ...this.phone, ...phone };
    delete this.phone.messages;
    const { title, person, blocked, reply_keyboard: keyboard } = this.phone;
    speakPair(this.title, title);
    this.person.textContent = this.group || Object.values(title).some((part) => part.includes(person)) ? "" : person;
    this.chatName.textContent = "";
    if (this.group) speakPair(this.chatName, title);
    else this.chatName.textContent = this.table.bot.name;
    this.showKind(false);
    name(this.thread.scroller, "thread_of", { title: phoneName(this.phone) });
    this.menuKey.hidden = this.group;
    if (phone.messages) this.thread.fill(phone.messages);
    this.composer.update({ ...this.phone, reply_keyboard: keyboard });
    this.screen.classList.toggle("is-blocked", blocked);
    this.fillFoot();
    this.fillMenu();
    this.fillBefore();
  }

  showKind(typing) {
    if (typing) speak(this.chatKind, "typing");
    else if (this.group) speak(this.chatKind, "members", { n: this.phone.members?.length ?? 0 });
    else speak(this.chatKind, "bot");
  }

  fillFoot() {
    const shown = this.phone.blocked ? "blocked" : "open";
    if (this.group) this.fillSpeaker();
    if (this.foot.dataset.shown === shown) return;
    this.foot.dataset.shown = shown;
    this.foot.replaceChildren(...(this.phone.blocked ? [blockedNote(() => this.block(false))] : [this.speaker, this.composer.element]));
  }

  fillSpeaker() {
    const members = this.phone.members ?? [];
    if (!members.some(({ user_id: id }) => id === this.actingId)) this.actingId = members[0]?.user_id ?? null;
    const choice = make("select", { class: "speaker-choice" }, ...members.map(({ user_id: id, name }) =>
      make("option", { value: id, selected: id === this.actingId }, name)));
    label(choice, "speaking_as");
    choice.addEventListener("change", () => {
      this.actingId = Number(choice.value);
      this.thread.refill();
    });
    this.speaker.replaceChildren(icon("people"), speak(make("span"), "speaking_as"), choice);
    this.speaker.hidden = members.length === 0;
  }

  fillMenu() {
    const block = !this.phone.blocked;
    this.menu.replaceChildren(speak(button({ class: "menu-item", role: "menuitem", on: { click: () => this.block(block) } }), block ? "block" : "unblock"));
  }

  fillBefore() {
    this.before.replaceChildren();
    const { invite, blocked } = this.phone;
    const empty = this.thread.size === 0;
    this.screen.classList.toggle("is-empty", empty);
    if (blocked) return;
    if (invite) {
      this.before.append(inviteCard(invite, () => this.start(invite.payload)));
    } else if (empty) {
      this.before.append(emptyNote(this.group ? "quiet_group_why" : "quiet_thread_why"));
      if (!this.group) {
        this.before.lastChild.append(speak(button({ class: "solid", on: { click: () => this.act(this.server.text("/start")) } }), "start"));
      }
    }
  }

  openMenu(open) {
    if (this.menu.hidden === !open) return;
    this.menu.hidden = !open;
    this.menuKey.setAttribute("aria-expanded", String(open));
    if (open) this.menu.firstChild.focus();
  }

  /** Wait for something done on this phone; a refusal is shown here. True when it went well. */
  async act(promise) {
    this.lastTouch = performance.now();
    this.table.touched(this);
    try {
      await promise;
      return true;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.notices.trouble(refusal);
      return false;
    }
  }

  start(payload) {
    this.thread.toLatest();
    return this.act(this.server.start(payload));
  }

  block(blocked) {
    this.openMenu(false);
    return this.act(this.server.block(blocked));
  }

  followLink(url, event) {
    const payload = startPayload(url, this.table.bot.username);
    if (payload === null) return;
    event.preventDefault();
    if (!this.group) this.start(payload);
    else if (!this.table.openPrivately(this.actingId, payload)) this.notices.toast(say("no_phone"), "trouble");
  }

  receive(message) {
    const fresh = this.thread.put(message);
    this.fillBeforeIfChanged();
    if (fresh && !this.thread.isMine(message)) this.table.news(this, message);
    if (fresh && !this.thread.isMine(message) && !message.silent && !this.inHand) this.lightUp(message);
    return fresh;
  }

  fillBeforeIfChanged() {
    if (this.screen.classList.contains("is-empty") !== (this.thread.size === 0)) this.fillBefore();
  }

  remove(id) {
    this.thread.remove(id);
    this.fillBeforeIfChanged();
  }

  /** Laid on the table again: what arrives now lights up the lock screen. */
  putDown() {
    this.lastTouch = -Infinity;
  }

  get inHand() {
    return performance.now() - this.lastTouch < IN_HAND;
  }

  lightUp(message) {
    this.notices.banner({
      face: this.face(),
      who: this.group ? pick(this.phone.title) : message.from.name,
      line: firstLine(message),
      time: timeOf(message.date),
      open: () => this.thread.show(message.id),
    });
  }

  typing() {
    this.thread.typing(true);
  }

  tick(time) {
    if (this.time.textContent !== time) this.time.textContent = time;
  }
}

/** What tells one phone from another, in both languages: its part, and whose it is unless already said. */
export function phoneName({ kind, title, person }) {
  if (kind === "group") return title;
  return Object.fromEntries(Object.entries(title).map(([tongue, part]) => [tongue, part.includes(person) ? part : `${part} ${person}`]));
}

/** The payload of a deep link to this bot, or null for any other address. */
function startPayload(url, username) {
  let link;
  try {
    link = new URL(url);
  } catch {
    return null;
  }
  const web = ["http:", "https:"].includes(link.protocol) && link.hostname === "t.me" ? link.pathname.slice(1) : null;
  const inApp = link.protocol === "tg:" && link.href.startsWith("tg://resolve") ? link.searchParams.get("domain") : null;
  const named = (web ?? inApp ?? "").replace(/\/$/, "");
  if (named === "" || named.toLowerCase() !== username.toLowerCase()) return null;
  return link.searchParams.get("start") ?? "";
}
