// Dates and times as the people of the rehearsal read them: in the clock's zone, weekday always.

import { language } from "./language.js";

const ZH_DAYS = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];
const EN_DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const EN_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const readers = new Map();
let zone = "Asia/Shanghai";

export function setZone(name) {
  zone = name;
}

function reader() {
  if (!readers.has(zone)) {
    readers.set(
      zone,
      new Intl.DateTimeFormat("en-CA", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "2-digit",
        minute: "2-digit",
      }),
    );
  }
  return readers.get(zone);
}

/** The wall clock in the zone: {year, month, day, hour, minute, weekday 0-6}; `moment` is ms or ISO. */
export function wall(moment) {
  const parts = {};
  for (const { type, value } of reader().formatToParts(new Date(moment))) parts[type] = Number(value);
  const { year, month, day, hour, minute } = parts;
  return { year, month, day, hour, minute, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() };
}

const two = (number) => String(number).padStart(2, "0");

export function timeOf(moment) {
  const { hour, minute } = wall(moment);
  return `${two(hour)}:${two(minute)}`;
}

/** Sorts and compares as text: one value per local day. */
export function dayKey(moment) {
  const { year, month, day } = wall(moment);
  return `${year}-${two(month)}-${two(day)}`;
}

export function dateOf(moment) {
  const { month, day } = wall(moment);
  return language() === "zh" ? `${month}月${day}日` : `${day} ${EN_MONTHS[month - 1]}`;
}

export function weekdayOf(moment) {
  return (language() === "zh" ? ZH_DAYS : EN_DAYS)[wall(moment).weekday];
}

export function dayOf(moment) {
  return language() === "zh"
    ? `${dateOf(moment)} ${weekdayOf(moment)}`
    : `${weekdayOf(moment)} ${dateOf(moment)}`;
}

/** A coming moment, as near as needed: 10:00 today, 周三 10:00 this week, else with its date. */
export function comingOf(moment, now) {
  const days = (Date.parse(`${dayKey(moment)}T00:00Z`) - Date.parse(`${dayKey(now)}T00:00Z`)) / 86_400_000;
  if (days === 0) return timeOf(moment);
  if (days > 0 && days < 7) return `${weekdayOf(moment)} ${timeOf(moment)}`;
  return `${dayOf(moment)} ${timeOf(moment)}`;
}
