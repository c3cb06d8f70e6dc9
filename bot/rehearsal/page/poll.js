// A quiz or poll to tap: options before the answer; shares, right and wrong, and the explanation after it.

import { button, icon, make } from "./elements.js";
import { renderEntities } from "./entities.js";
import { label, say, speak } from "./language.js";
import { appendText } from "./scripts.js";

/**
 * `before` is the same poll as last shown, or null: a fresh answer is celebrated once.
 * `vote(options)` returns a promise.
 */
export function renderPoll(poll, before, { vote, actions }) {
  const quiz = poll.type === "quiz";
  const voted = poll.my_votes.length > 0;
  const justVoted = voted && before !== null && before.my_votes.length === 0;
  const open = !poll.closed && !voted;
  const total = poll.options.reduce((sum, option) => sum + option.votes, 0);
  const card = make("div", { class: `poll ${quiz ? "quiz" : "regular"}${justVoted ? " just-voted" : ""}` });

  const question = make("p", { class: "poll-question" });
  appendText(question, poll.question);
  card.append(question, kindLine(poll, quiz));

  const options = make("div", { class: "poll-options", role: "group", "aria-label": poll.question });
  poll.options.forEach((option, index) => {
    options.append(open ? openOption(option, index, options, poll.multiple, vote) : shownOption(poll, option, index, total));
  });
  card.append(options);
  if (open && poll.multiple) card.append(castKey(options, vote));
  if (!open) card.append(verdict(poll, quiz, voted, total, vote));
  if (poll.explanation && !open) card.append(explanation(poll, justVoted, actions));
  return card;
}

function kindLine(poll, quiz) {
  const line = make("p", { class: "poll-kind" }, speak(make("span"), quiz ? "quiz" : "poll"));
  if (poll.closed) line.append(" · ", speak(make("span"), "closed"));
  else if (poll.multiple) line.append(" · ", speak(make("span"), "several"));
  return line;
}

function openOption(option, index, options, multiple, vote) {
  const choice = button({ class: "poll-option" }, make("span", { class: "poll-mark" }));
  const text = make("span", { class: "poll-text" });
  appendText(text, option.text);
  choice.append(text);
  if (multiple) {
    choice.classList.add("one-of-several");
    choice.setAttribute("aria-pressed", "false");
    choice.querySelector(".poll-mark").append(icon("check"));
    choice.addEventListener("click", () => choice.setAttribute("aria-pressed", String(choice.getAttribute("aria-pressed") !== "true")));
    return choice;
  }
  choice.addEventListener("click", async () => {
    if (options.getAttribute("aria-busy") === "true") return; // a second tap while the first travels does nothing
    options.setAttribute("aria-busy", "true");
    choice.classList.add("travelling");
    await vote([index]);
    options.removeAttribute("aria-busy");
    choice.classList.remove("travelling");
  });
  return choice;
}

function castKey(options, vote) {
  const key = speak(button({ class: "soft cast" }), "cast_vote");
  const chosen = () => [...options.children].flatMap((choice, index) => (choice.getAttribute("aria-pressed") === "true" ? [index] : []));
  key.disabled = true;
  options.addEventListener("click", () => (key.disabled = chosen().length === 0));
  key.addEventListener("click", async () => {
    key.disabled = true;
    await vote(chosen());
    key.disabled = chosen().length === 0;
  });
  return key;
}

function shownOption(poll, option, index, total) {
  const mine = poll.my_votes.includes(index);
  const right = poll.correct?.includes(index) ?? false;
  const wrong = mine && poll.correct !== null && !right;
  const share = total === 0 ? 0 : Math.round((option.votes / total) * 100);
  const state = right ? "right" : wrong ? "wrong" : mine ? "mine" : "";
  const mark = make("span", { class: "poll-mark" });
  if (right || mine) mark.append(icon(wrong ? "cross" : "check"));
  const text = make("span", { class: "poll-text" });
  appendText(text, option.text);
  for (const [applies, word] of [[mine, "my_option"], [right, "correct_option"]]) {
    if (applies) text.append(speak(make("span", { class: "unseen" }), word));
  }
  const fill = make("span", { class: "poll-fill" });
  fill.style.setProperty("--share", `${share}%`);
  return make("div", { class: `poll-option answered ${state}` }, mark, text,
    make("span", { class: "poll-share" }, `${share}%`), make("span", { class: "poll-bar" }, fill));
}

function verdict(poll, quiz, voted, total, vote) {
  const line = make("p", { class: "poll-verdict", role: "status" });
  if (quiz && voted && poll.correct !== null) {
    const right = poll.my_votes.every((index) => poll.correct.includes(index));
    line.append(speak(make("strong", { class: right ? "is-right" : "is-wrong" }), right ? "right" : "wrong"), " · ");
  }
  line.append(total === 0 ? speak(make("span"), "no_answers") : speak(make("span"), "answers", { n: total }));
  if (!quiz && voted && !poll.closed) {
    line.append(speak(button({ class: "poll-change", on: { click: () => vote([]) } }), "change_vote"));
  }
  return line;
}

function explanation(poll, open, actions) {
  const text = make("div", { class: "bulb-text" });
  text.append(renderEntities(poll.explanation, poll.explanation_entities, actions));
  text.hidden = !open;
  const press = button({ class: "bulb", "aria-expanded": String(open) }, icon("bulb"), speak(make("span"), "explanation"));
  press.addEventListener("click", () => {
    text.hidden = !text.hidden;
    press.setAttribute("aria-expanded", String(!text.hidden));
  });
  return make("div", { class: "bulb-room" }, press, text);
}

/** The line a lock screen or a quotation shows for a message: its first line, else what it is. */
export function firstLine(message) {
  const text = message.text ?? message.caption;
  if (text) return text.trimStart().split("\n", 1)[0];
  if (message.poll) return `${say(message.poll.type === "quiz" ? "quiz" : "poll")}：${message.poll.question}`;
  if (message.document) return message.document.name;
  return say(message.photo ? "photo" : message.voice ? "voice" : "file");
}
