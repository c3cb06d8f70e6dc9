// Telegram's message entities as DOM nodes: nested, overlapping, counted in UTF-16 units as JavaScript counts.

import { button, make } from "./elements.js";
import { label, say, speak } from "./language.js";
import { appendText } from "./scripts.js";

const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]);
const PLAIN = { bold: "strong", italic: "em", underline: "u", strikethrough: "s" };
const LONG_QUOTE = 90; // about three lines on a phone

/** A fragment for `text`; `actions` is {command(text), link(url, event)}. */
export function renderEntities(text, entities, actions) {
  const fragment = document.createDocumentFragment();
  place(fragment, text, 0, text.length, marksOf(text, entities ?? []), actions);
  return fragment;
}

function marksOf(text, entities) {
  const marks = entities
    .map((entity) => ({
      entity,
      start: Math.max(0, entity.offset),
      end: Math.min(text.length, entity.offset + entity.length),
      block: BLOCKS.has(entity.type),
    }))
    .filter((mark) => mark.end > mark.start);
  const blocks = marks.filter((mark) => mark.block);
  return marks.flatMap((mark) => (mark.block ? [mark] : cutAtBlocks(mark, blocks))).sort(outerFirst);
}

// A bold run reaching into a quotation is two bold runs, never two quotations.
function cutAtBlocks(mark, blocks) {
  const edges = blocks
    .filter(({ start, end }) => mark.start < end && start < mark.end)
    .flatMap(({ start, end }) => [start, end])
    .filter((edge) => mark.start < edge && edge < mark.end);
  const cuts = [mark.start, ...[...new Set(edges)].sort((a, b) => a - b), mark.end];
  return cuts.slice(1).map((end, index) => ({ ...mark, start: cuts[index], end }));
}

function outerFirst(a, b) {
  return a.start - b.start || b.end - a.end || Number(b.block) - Number(a.block);
}

function place(parent, text, start, end, marks, actions) {
  let waiting = marks;
  let at = start;
  while (waiting.length > 0) {
    const [mark, ...others] = waiting;
    if (mark.start > at) appendText(parent, text.slice(at, mark.start));
    const inside = [];
    const later = [];
    for (const other of others) {
      if (other.start >= mark.end) later.push(other);
      else {
        inside.push({ ...other, end: Math.min(other.end, mark.end) });
        if (other.end > mark.end) later.push({ ...other, start: mark.end });
      }
    }
    const { outer, inner } = wrap(mark.entity, text.slice(mark.start, mark.end), actions);
    place(inner, text, mark.start, mark.end, inside, actions);
    parent.append(outer);
    at = mark.end;
    if (mark.block && text[at] === "\n" && !inside.some((other) => other.end > at)) at += 1; // the block already ends the line
    waiting = later.map((other) => ({ ...other, start: Math.max(other.start, at) }))
      .filter((other) => other.end > other.start)
      .sort(outerFirst);
  }
  if (at < end) appendText(parent, text.slice(at, end));
}

function wrap(entity, covered, actions) {
  if (PLAIN[entity.type]) return same(make(PLAIN[entity.type]));
  switch (entity.type) {
    case "spoiler":
      return same(spoiler());
    case "blockquote":
      return same(make("blockquote"));
    case "expandable_blockquote":
      return expandable(covered);
    case "code":
      return same(copyable(make("code", { tabindex: "0", role: "button" }), covered));
    case "pre":
      return pre(entity, covered);
    case "text_link":
      return same(link(entity.url, actions));
    case "url":
      return same(link(/^[a-z][a-z+.-]*:/i.test(covered) ? covered : `https://${covered}`, actions));
    case "email":
      return same(link(`mailto:${covered}`, actions));
    case "phone_number":
      return same(link(`tel:${covered.replace(/[^\d+]/g, "")}`, actions));
    case "bot_command":
      return same(button({ class: "inline-command", on: { click: () => actions.command(covered) } }));
    default:
      return same(make("span", { class: `entity-${entity.type.replace(/[^a-z_]/g, "")}` }));
  }
}

const same = (node) => ({ outer: node, inner: node });

/** Only schemes the bot itself may send; anything else stays plain text. */
export function safeLink(url) {
  try {
    return ["http:", "https:", "tg:", "mailto:", "tel:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

function link(url, actions) {
  if (!safeLink(url)) return make("span");
  return make("a", {
    href: url,
    title: url,
    target: "_blank",
    rel: "noopener noreferrer",
    on: { click: (event) => actions.link(url, event) },
  });
}

function spoiler() {
  const cover = make("span", { class: "spoiler", role: "button", tabindex: "0" });
  label(cover, "show_spoiler");
  const reveal = (event) => {
    if (cover.classList.contains("shown")) return;
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    cover.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label", "title", "data-spoken"]) cover.removeAttribute(name);
  };
  cover.addEventListener("click", reveal, true);
  cover.addEventListener("keydown", reveal);
  return cover;
}

function expandable(covered) {
  const inner = make("div", { class: "quote-text" });
  const outer = make("blockquote", { class: "expandable" }, inner);
  if (covered.length > LONG_QUOTE || covered.split("\n").length > 3) {
    outer.classList.add("folded");
    const toggle = button({ class: "quote-toggle", "aria-expanded": "false" });
    speak(toggle, "show_more");
    toggle.addEventListener("click", () => {
      const folded = outer.classList.toggle("folded");
      toggle.setAttribute("aria-expanded", String(!folded));
      speak(toggle, folded ? "show_more" : "show_less");
    });
    outer.append(toggle);
  }
  return { outer, inner };
}

function pre(entity, covered) {
  const inner = make("code");
  const copy = copyable(button({ class: "copy" }), covered);
  speak(copy, "copy");
  const name = make("span", { class: "code-language" }, entity.language ?? "");
  return { outer: make("pre", {}, make("span", { class: "code-bar" }, name, copy), inner), inner };
}

function copyable(node, covered) {
  const copy = async (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    await navigator.clipboard?.writeText(covered).catch(() => undefined);
    node.dataset.copied = say("copied");
    setTimeout(() => delete node.dataset.copied, 1200);
  };
  node.addEventListener("click", copy);
  if (node.tagName === "CODE") node.addEventListener("keydown", copy);
  return node;
}
