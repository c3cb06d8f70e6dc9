// Where a person writes: text, commands, a file, a reply, and the bot's reply keyboard below.

import { sizeOf } from "./attachments.js";
import { CommandMenu } from "./command_menu.js";
import { button, icon, make } from "./elements.js";
import { label, name, placeholder, speak } from "./language.js";
import { firstLine } from "./poll.js";
import { ReplyKeyboard } from "./reply_keyboard.js";

const TALLEST = 132; // px, about five lines

export class Composer {
  /** `send(text, replyTo)` and `sendFile(file, caption)` return promises of true when it went out. */
  constructor({ send, sendFile, tell }) {
    this.send = send;
    this.sendFile = sendFile;
    this.tell = tell;
    this.replyTo = null;
    this.file = null;
    this.hint = null;
    this.build();
    this.listen();
  }

  build() {
    this.box = make("textarea", { rows: "1", class: "write", enterkeyhint: "send", "aria-autocomplete": "list" });
    this.picker = make("input", { type: "file", class: "unseen", tabindex: "-1", "aria-hidden": "true" });
    this.slash = label(button({ class: "round", "aria-haspopup": "listbox", "aria-expanded": "false" }, icon("slash")), "commands");
    this.attach = label(button({ class: "round attach" }, icon("attach")), "attach");
    this.fold = button({ class: "round fold-keyboard" }, icon("keyboard"));
    this.sendKey = label(button({ class: "round send" }, icon("send")), "send");
    this.above = make("div", { class: "above" });
    this.menu = new CommandMenu({ box: this.box, opener: this.slash, choose: (command) => this.command(command) });
    this.keyboard = new ReplyKeyboard({ fold: this.fold, press: (text) => this.press(text) });
    this.row = make("div", { class: "write-row" }, this.slash, make("div", { class: "field" }, this.box, this.fold), this.attach, this.sendKey, this.picker);
    this.element = make("div", { class: "composer" }, this.menu.element, this.above, this.row, this.keyboard.element);
    this.rehint();
  }

  listen() {
    this.box.addEventListener("keydown", (event) => this.typed(event));
    this.box.addEventListener("input", () => {
      this.grow();
      this.menu.filter(this.box.value);
    });
    this.box.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length === 0) return;
      event.preventDefault();
      this.take(event.clipboardData.files);
    });
    this.sendKey.addEventListener("click", () => this.submit());
    this.attach.addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => {
      this.take(this.picker.files);
      this.picker.value = "";
    });
  }

  typed(event) {
    // While an input method is composing, Enter belongs to it.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.menu.typed(event)) return;
    if (event.key === "Escape" && (this.replyTo || this.file)) {
      this.answer(null);
      this.drop();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    }
  }

  /** What the phone now knows: its commands and its reply keyboard. */
  update({ commands, reply_keyboard: keyboard }) {
    this.menu.offer(commands ?? []);
    this.slash.hidden = !commands?.length;
    this.keyboard.show(keyboard);
    this.hint = keyboard?.placeholder || null;
    this.rehint();
  }

  rehint() {
    name(this.box, "write");
    if (this.file) placeholder(this.box, "write_caption");
    else if (this.hint) {
      delete this.box.spoken.placeholder; // the bot's own words stay as it said them
      this.box.placeholder = this.hint;
    } else placeholder(this.box, "write");
  }

  grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(TALLEST, this.box.scrollHeight)}px`;
    this.element.classList.toggle("ready", this.box.value.trim() !== "" || this.file !== null);
  }

  async submit() {
    const text = this.box.value.trim();
    const { file, replyTo } = this;
    if (text === "" && file === null) return;
    this.box.value = "";
    this.menu.close();
    this.answer(null);
    this.drop();
    this.grow();
    this.box.focus();
    const sent = file === null ? await this.send(text, replyTo?.id ?? null) : await this.sendFile(file, text);
    if (sent || this.box.value !== "") return;
    this.box.value = text; // nothing typed is lost when the server refuses
    if (file) this.take([file]);
    if (replyTo) this.answer(replyTo);
    this.grow();
  }

  async press(text) {
    const { replyTo } = this;
    this.answer(null);
    await this.send(text, replyTo?.id ?? null);
  }

  command(command) {
    this.box.value = "";
    this.grow();
    this.box.focus();
    return this.send(`/${command}`, null);
  }

  take(files) {
    if (files.length === 0) return;
    [this.file] = files;
    if (files.length > 1) this.tell("one_file_only", { name: this.file.name });
    this.showAbove();
    this.box.focus();
  }

  drop() {
    this.file = null;
    this.showAbove();
  }

  answer(message) {
    this.replyTo = message;
    this.showAbove();
    if (message) this.box.focus();
  }

  showAbove() {
    this.above.replaceChildren();
    if (this.replyTo) {
      this.above.append(this.strip("reply", this.replyTo.from.name, firstLine(this.replyTo), "drop_reply", () => this.answer(null)));
    }
    if (this.file) {
      this.above.append(this.strip("file", this.file.name, sizeOf(this.file.size), "remove_file", () => this.drop()));
    }
    this.rehint();
    this.grow();
  }

  strip(picture, title, detail, word, undo) {
    const facts = make("span", { class: "strip-facts" }, make("strong", {}, title), make("span", {}, detail));
    const close = label(button({ class: "round", on: { click: undo } }, icon("close")), word);
    return make("div", { class: "strip" }, icon(picture), facts, close);
  }
}

/** What stands in place of the composer while the bot is blocked. */
export function blockedNote(unblock) {
  return make("div", { class: "blocked-note" },
    icon("block"), speak(make("p"), "blocked"),
    speak(button({ class: "soft", on: { click: unblock } }), "unblock"));
}
