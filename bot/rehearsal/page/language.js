// Which language the page speaks, and how its words stay right on screen when that changes.

import { words } from "./words.js";

const SHELF = "wuxue.rehearsal.language";
const listeners = new Set();
let current = remembered();

function remembered() {
  try {
    return localStorage.getItem(SHELF) === "en" ? "en" : "zh";
  } catch {
    return "zh"; // storage may be switched off
  }
}

export function language() {
  return current;
}

export function onLanguage(listener) {
  listeners.add(listener);
}

export function setLanguage(name) {
  current = name === "en" ? "en" : "zh";
  try {
    localStorage.setItem(SHELF, current);
  } catch {
    // the choice then lasts until the page is closed
  }
  retell();
  for (const listener of listeners) listener(current);
}

/** The word for `key`, with {names} filled from `values`; a value may be a {zh, en} pair or the {key} of a word. */
export function say(key, values = {}) {
  const template = words[current][key];
  if (template === undefined) throw new Error(`no word for ${key}`);
  return template.replace(/\{(\w+)\}/g, (_, name) => pick(values[name]));
}

export function pick(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return value.key ? say(value.key) : value[current] ?? value.zh ?? "";
  return String(value);
}

/** Give `node` a word as its text, and again whenever the language changes. */
export function speak(node, key, values = {}) {
  return bind(node, "text", { key, values });
}

/** The same for what is read aloud and shown on hover. */
export function label(node, key, values = {}) {
  return bind(node, "label", { key, values });
}

/** Only read aloud: for regions, where a hover text would be in the way. */
export function name(node, key, values = {}) {
  return bind(node, "name", { key, values });
}

export function placeholder(node, key) {
  return bind(node, "placeholder", { key, values: {} });
}

/** A text the server gives in both languages. */
export function speakPair(node, pair) {
  return bind(node, "text", { pair });
}

// The words live on the nodes themselves, so a removed node takes its words along.
function bind(node, place, word) {
  node.dataset.spoken = "";
  node.spoken = { ...node.spoken, [place]: word };
  tell(node, place, word);
  return node;
}

function tell(node, place, word) {
  const text = word.pair === undefined ? say(word.key, word.values) : pick(word.pair);
  if (place === "text") node.textContent = text;
  else if (place === "placeholder") node.placeholder = text;
  else {
    node.setAttribute("aria-label", text);
    if (place === "label") node.title = text;
  }
}

export function retell() {
  document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
  document.title = say("page_title");
  for (const node of document.querySelectorAll("[data-spoken]")) {
    for (const [place, word] of Object.entries(node.spoken ?? {})) tell(node, place, word);
  }
}
