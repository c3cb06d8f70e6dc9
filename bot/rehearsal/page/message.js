// One message as a bubble with its buttons.

import { documentCard, photo, voice } from "./attachments.js";
import { avatar, botFace, button, icon, make } from "./elements.js";
import { renderEntities, safeLink } from "./entities.js";
import { label, speak } from "./language.js";
import { renderPoll } from "./poll.js";
import { appendText } from "./scripts.js";
import { timeOf } from "./zone_time.js";

/**
 * The list item for `message`. `before` is the version on screen until now, or null.
 * `hands` is {press, vote, reply, jump, lineOf, actions}; `mine` puts it on the right; `group` names its sender.
 */
export function renderMessage(message, before, { hands, mine, group }) {
  const bubble = make("div", { class: "bubble" });
  if (group && !mine) {
    bubble.append(make("p", { class: `sender tone-${Math.abs(message.from.id) % 6}` }, message.from.name));
  }
  if (message.reply_to) bubble.append(quotation(message.reply_to, hands));
  if (message.photo) bubble.append(photo(message.photo, message.caption));
  if (message.document) bubble.append(documentCard(message.document));
  if (message.voice) bubble.append(voice(message.voice));
  if (message.poll) {
    const vote = (options) => hands.vote(message.id, options);
    bubble.append(renderPoll(message.poll, before?.poll ?? null, { vote, actions: hands.actions }));
  }
  const words = message.text ?? message.caption;
  const body = make("div", { class: words ? "text" : "text wordless" });
  if (words) {
    body.append(renderEntities(words, message.text === null ? message.caption_entities : message.entities, hands.actions));
  }
  body.append(marks(message, mine));
  bubble.append(body);

  const stack = make("div", { class: "stack" }, bubble);
  if (message.inline_keyboard?.length) stack.append(inlineKeyboard(message, hands));
  const item = make("li", {
    class: `message ${mine ? "mine" : "theirs"}${message.protected ? " protected" : ""}${message.photo ? " with-photo" : ""}`,
    tabindex: "-1",
    data: { id: message.id, from: message.from.id },
  });
  if (group && !mine) item.append(message.from.is_bot ? botFace() : avatar(message.from.name, message.from.id));
  item.append(stack, replyButton(message, hands));
  return item;
}

function marks(message, mine) {
  const line = make("span", { class: "marks" });
  if (message.silent && !mine) line.append(markOf("muted", "silent"));
  if (message.protected) line.append(markOf("shield", "protected"));
  if (message.edited) line.append(speak(make("span", { class: "edited" }), "edited"));
  line.append(make("time", { datetime: message.date }, timeOf(message.date)));
  return line;
}

function markOf(picture, word) {
  return label(make("span", { class: "mark", role: "img" }, icon(picture)), word);
}

function quotation({ id, text }, hands) {
  const quoted = button({ class: "quotation", on: { click: () => hands.jump(id) } });
  appendText(quoted, text || hands.lineOf(id));
  return quoted;
}

function replyButton(message, hands) {
  const press = button({ class: "reply-button", tabindex: "-1", on: { click: () => hands.reply(message) } }, icon("reply"));
  return label(press, "reply");
}

function inlineKeyboard(message, hands) {
  const board = make("div", { class: "inline-keyboard" });
  message.inline_keyboard.forEach((row, rowIndex) => {
    const line = make("div", { class: "inline-row" });
    row.forEach((key, column) => {
      const place = { data: { row: rowIndex, column }, class: "inline-button" };
      line.append(key.kind === "url" && safeLink(key.url)
        ? linkKey(key, place, hands)
        : pressKey(key, place, () => hands.press(message.id, rowIndex, column)));
    });
    board.append(line);
  });
  return board;
}

function pressKey(key, place, press) {
  const face = make("span", { class: "face" });
  appendText(face, key.text);
  const node = button(place, face);
  node.addEventListener("click", async () => {
    if (node.getAttribute("aria-busy") === "true") return;
    node.setAttribute("aria-busy", "true");
    await press();
    node.removeAttribute("aria-busy");
  });
  return node;
}

function linkKey(key, place, hands) {
  const face = make("span", { class: "face" });
  appendText(face, key.text);
  return make("a", {
    ...place,
    href: key.url,
    target: "_blank",
    rel: "noopener noreferrer",
    on: { click: (event) => hands.actions.link(key.url, event) },
  }, face, icon("out"));
}
