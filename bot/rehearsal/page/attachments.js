// Documents, pictures and voice messages inside a bubble.

import { button, icon, make } from "./elements.js";
import { label, say } from "./language.js";

export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

const FAMILIES = { xlsx: "sheet", xls: "sheet", csv: "sheet", pdf: "paper", docx: "words", doc: "words", ics: "date" };

export function documentCard({ name, size, url }) {
  const ending = name.includes(".") ? name.split(".").pop().slice(0, 5) : "";
  const cover = make("span", { class: `file-cover ${FAMILIES[ending.toLowerCase()] ?? ""}`, "aria-hidden": "true" },
    icon("file"), make("span", { class: "file-ending" }, ending));
  const facts = make("span", { class: "file-facts" },
    make("span", { class: "file-name" }, name), make("span", { class: "file-size" }, sizeOf(size)));
  const card = make("a", { class: "file-card", href: url, download: name }, cover, facts, icon("download"));
  return label(card, "download", { name });
}

export function photo({ url, width, height, size }, caption) {
  const picture = make("img", { src: url, width, height, loading: "lazy", decoding: "async", alt: caption ?? "" });
  if (!caption) picture.alt = say("photo");
  const frame = button({ class: "photo", on: { click: () => enlarge(picture) } },
    picture, make("span", { class: "photo-size" }, sizeOf(size ?? 0)));
  if (!size) frame.lastChild.remove();
  return label(frame, "enlarge");
}

function enlarge(picture) {
  const big = make("img", { src: picture.src, alt: picture.alt });
  const close = label(button({ class: "round close-picture" }, icon("close")), "close");
  const room = make("dialog", { class: "big-picture" }, big, close);
  room.addEventListener("click", () => room.close());
  room.addEventListener("close", () => room.remove());
  document.body.append(room);
  room.showModal();
}

const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export function voice({ url, duration }) {
  const bar = make("span", { class: "voice-bar" }, make("span", { class: "voice-done" }));
  const left = make("span", { class: "voice-time" }, minutes(duration));
  const press = label(button({ class: "round voice-play" }, icon("play")), "play_voice");
  let sound = null;
  const show = (playing) => {
    press.replaceChildren(icon(playing ? "pause" : "play"));
    label(press, playing ? "pause_voice" : "play_voice");
  };
  const prepare = () => {
    sound = new Audio(url);
    sound.addEventListener("timeupdate", () => {
      bar.firstChild.style.width = `${Math.min(100, (sound.currentTime / (sound.duration || duration || 1)) * 100)}%`;
      left.textContent = minutes(sound.currentTime);
    });
    sound.addEventListener("play", () => show(true));
    sound.addEventListener("pause", () => show(false));
    sound.addEventListener("ended", () => (left.textContent = minutes(duration)));
  };
  press.addEventListener("click", () => {
    if (sound === null) prepare();
    if (!sound.paused) sound.pause();
    else sound.play().catch(() => (left.textContent = say("no_sound")));
  });
  return make("div", { class: "voice" }, press, bar, left);
}
