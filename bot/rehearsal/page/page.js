// Puts the page together: the clock on top, the phones below, and the stream of events between them.

import { ClockBar } from "./clock_bar.js";
import { blossom, button, make } from "./elements.js";
import { Guide } from "./guide.js";
import { label, language, name, retell, say, setLanguage, speak } from "./language.js";
import { Mischief } from "./mischief.js";
import { Notices } from "./notices.js";
import * as server from "./server.js";
import { Table } from "./table.js";

const here = (id) => document.getElementById(id);
const announcer = here("announcer");
const announce = (words) => (announcer.textContent = words);
const notices = new Notices();
const trouble = (refusal) => notices.trouble(refusal);
const guide = new Guide();

const table = new Table({
  strip: here("phones"),
  chips: here("chips"),
  announcer,
  touched: ({ id }) => guide.touched(id),
});

const clockBar = new ClockBar(here("clock"), {
  move: server.clock,
  onTick: (time) => table.tick(time),
  onMove: () => table.putAllDown(),
  onMoved: () => guide.did("move"),
  announce,
  trouble,
});

const mischief = new Mischief({
  misbehave: server.misbehave,
  tell: (word, values) => notices.toast(say(word, values)),
  trouble,
});

function languageKey() {
  const key = button({ class: "quiet-key", on: { click: () => setLanguage(language() === "zh" ? "en" : "zh") } });
  speak(key, "other_language");
  label(key, "switch_language");
  return key;
}

function brand() {
  return make("div", { class: "brand" }, blossom(),
    make("div", {}, speak(make("h1"), "page_title"), speak(make("p"), "page_subtitle")));
}

here("brand").append(brand());
here("extras").append(mischief.element, guide.key, languageKey());
here("guide").append(guide.element);
document.body.append(notices.element);
notices.element.classList.add("of-page");
for (const node of document.querySelectorAll("[data-word]")) speak(node, node.dataset.word);
name(here("chips"), "phones");
retell();

const connection = here("connection");
let lost = false;
const firstWait = setTimeout(() => showConnection("connecting"), 500);

function showConnection(word) {
  connection.hidden = word === null;
  if (word !== null) speak(connection.lastElementChild, word);
}

const on = {
  message: ({ phone, message }) => table.view(phone)?.receive(message),
  edited: ({ phone, message }) => table.view(phone)?.receive(message),
  deleted: ({ phone, id }) => table.view(phone)?.remove(id),
  phone: ({ phone }) => table.view(phone.id)?.update(phone),
  typing: ({ phone }) => table.view(phone)?.typing(),
  clock: ({ clock }) => clockBar.take(clock),
  toast: ({ phone, text, alert }) => {
    const view = table.view(phone);
    if (!view || !text) return;
    if (alert) view.notices.alert(table.bot.name, text);
    else view.notices.toast(text);
  },
};

server.follow({
  onState({ clock, phones, bot }) {
    clearTimeout(firstWait);
    clockBar.take(clock); // first, since the zone decides every time on the phones
    table.lay(phones, bot);
    table.tick(clockBar.time.textContent);
    showConnection(null);
    document.body.classList.add("ready");
    if (lost) notices.toast(say("connection_back"));
    lost = false;
  },
  onEvent: (event) => on[event.type]?.(event),
  onLost() {
    clearTimeout(firstWait);
    lost = true;
    showConnection("connection_lost");
  },
});
