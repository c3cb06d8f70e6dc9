// Builds DOM nodes; text only ever enters the page as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** `make("button", {class: "x", type: "button", on: {click}}, child, "text")` */
export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "data") Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function button(properties, ...children) {
  return make("button", { type: "button", ...properties }, ...children);
}

// Drawn for this page on a 24-unit grid, round strokes of 1.8.
const STROKES = {
  send: ["M4 12 20 4.5 15.5 20 11.5 13.5Z", "M11.5 13.5 20 4.5"],
  attach: ["M8 12.5 13.6 6.9a3.2 3.2 0 0 1 4.6 4.6l-7.4 7.3a5 5 0 0 1-7-7L11 4.6"],
  keyboard: ["M4 6.5h16v11H4Z", "M7.5 10h.01M12 10h.01M16.5 10h.01M8.5 14h7"],
  fold: ["m6 9.5 6 6 6-6"],
  slash: ["M14.5 5.5 9.5 18.5"],
  menu: ["M12 5.5h.01M12 12h.01M12 18.5h.01"],
  reply: ["M9.5 6 4 11.5 9.5 17", "M4 11.5h9a6.5 6.5 0 0 1 6.5 6.5"],
  close: ["m6.5 6.5 11 11M17.5 6.5l-11 11"],
  muted: ["M9.4 5.6A5.2 5.2 0 0 1 17.2 10c0 2 .4 3.6 1 4.8M6.8 9.6c0 4-1.2 5.4-2.3 6.9h12.4", "M10.4 19.5h3.2M4 4l16 16"],
  shield: ["M12 3.8 18.6 6v5.4c0 4-2.6 7-6.6 8.8-4-1.8-6.6-4.8-6.6-8.8V6Z"],
  bulb: ["M9.2 17h5.6M10 20h4", "M8.8 14.2a5.8 5.8 0 1 1 6.4 0c-.4.8-.4 1.6-.4 2.8H9.2c0-1.2 0-2-.4-2.8Z"],
  check: ["m5.5 12.5 4.3 4.3 8.7-9.3"],
  cross: ["m7 7 10 10M17 7 7 17"],
  out: ["M8 16 16.5 7.5M9.5 7.5h7v7"],
  file: ["M7 3.8h6.5L18 8.3v11.9H7Z", "M13.2 4v4.6h4.6"],
  download: ["M12 4.5v10.5M7.5 11 12 15.5 16.5 11M5.5 19.5h13"],
  play: ["M8.5 5.5v13l10-6.5Z"],
  pause: ["M8.5 6v12M15.5 6v12"],
  next: ["M6 5.5v13l8.5-6.5ZM18 5.5v13"],
  mischief: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z", "M7.5 9.2 10 10.4M16.5 9.2 14 10.4M8 14.2c2 2.6 6 2.6 8 0"],
  help: ["M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z", "M9.6 9.6c.2-3 4.9-3 4.9-.1 0 2-2.5 2-2.5 4M12 16.6h.01"],
  envelope: ["M4 6.5h16v11.5H4Z", "m4.5 7 7.5 6.2L19.5 7"],
  people: ["M9 11.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM3.5 18.5c.4-6 10.6-6 11 0", "M15.5 5.9a3 3 0 0 1 0 5.2M17 13.6c2.2.7 3.4 2.4 3.5 4.9"],
  block: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16ZM6.5 6.5l11 11"],
};

export function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("class", `icon icon-${name}`);
  picture.setAttribute("aria-hidden", "true");
  for (const stroke of STROKES[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", stroke);
    picture.append(path);
  }
  return picture;
}

/** Five petals, one for each study. */
export function blossom() {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "-12 -12 24 24");
  picture.setAttribute("class", "blossom");
  picture.setAttribute("aria-hidden", "true");
  for (let turn = 0; turn < 5; turn += 1) {
    const petal = document.createElementNS(SVG, "path");
    petal.setAttribute("d", "M0-1.5C-5-4-4.6-10.5-.9-11L0-10.2.9-11C4.6-10.5 5-4 0-1.5Z");
    petal.setAttribute("transform", `rotate(${turn * 72})`);
    picture.append(petal);
  }
  const heart = document.createElementNS(SVG, "circle");
  heart.setAttribute("r", "2");
  picture.append(heart);
  return picture;
}

const TONES = 6;

/** A round initial whose colour belongs to the person or chat with this id. */
export function avatar(name, id) {
  const tone = Math.abs(Number(id) || 0) % TONES;
  const first = [...name.trim()][0] ?? "·";
  return make("span", { class: `avatar tone-${tone}`, "aria-hidden": "true" }, first);
}

export function groupFace(id) {
  return make("span", { class: `avatar tone-${Math.abs(Number(id) || 0) % TONES}`, "aria-hidden": "true" }, icon("people"));
}

export function botFace() {
  return make("span", { class: "avatar of-bot", "aria-hidden": "true" }, blossom());
}

export function calmMotion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
