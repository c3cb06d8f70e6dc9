// A small sky beside the clock: the sun's way through the working day, the moon at night.

import { wall } from "./zone_time.js";

const SVG = "http://www.w3.org/2000/svg";
const DAWN = 6.5;
const DUSK = 20.5; // hours; in the far west of one large time zone the evening is late

export class Sky {
  constructor() {
    this.element = shape("svg", { viewBox: "0 0 64 44", class: "sky", "aria-hidden": "true" });
    this.light = shape("circle", { r: 5.5, class: "sun" });
    this.element.append(
      shape("path", { class: "sky-way", d: "M7 34A25 25 0 0 1 57 34" }),
      this.light,
      shape("path", { class: "ridge far", d: "M2 38 14 27l7 6 10-11 9 9 6-5 16 12Z" }),
      shape("path", { class: "ridge near", d: "M0 41 11 34l8 4 12-8 10 7 8-4 15 8Z" }),
    );
  }

  show(moment) {
    const { hour, minute } = wall(moment);
    const time = hour + minute / 60;
    const day = time >= DAWN && time <= DUSK;
    const night = 24 - (DUSK - DAWN);
    const way = day ? (time - DAWN) / (DUSK - DAWN) : ((time - DUSK + 24) % 24) / night;
    const angle = Math.PI * (1 - way);
    this.light.setAttribute("class", day ? "sun" : "moon");
    this.light.setAttribute("cx", String(32 + 25 * Math.cos(angle)));
    this.light.setAttribute("cy", String(34 - 25 * Math.sin(angle)));
    document.documentElement.dataset.daypart = !day ? "night" : way < 0.12 ? "dawn" : way > 0.86 ? "dusk" : "day";
  }
}

function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}
