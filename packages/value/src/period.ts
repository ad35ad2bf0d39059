/**
 * Periods and time axes.
 *
 * A period of a frequency has an ordinal: a whole number that grows by one from each period to the next (the year; year × 4 +
 * quarter; year × 12 + month; the number of the ISO week or day). Labels, starts and ranges all go through it.
 *
 *   day 2026-01-31   week 2026-W05   month 2026-01   quarter 2026-Q1   year 2026   step 12, -3
 *
 * A label of a coarser frequency names a range of periods: `2027` on a monthly axis is its twelve months.
 */
import { type Axis, axisOf, type Frequency } from "./axis.ts";
import { dateOf, isoDateText, parseIsoDate, serialOf } from "./date.ts";
import { LabelPositions } from "./label-positions.ts";

/** The most periods a time axis may have; a longer one is almost surely a slip in a label. */
export const periodsMax = 1_000_000;

/** One form of each frequency's labels, for messages. */
export const labelExamples: Readonly<Record<Frequency, string>> = {
  day: "2026-01-31",
  week: "2026-W05",
  month: "2026-01",
  quarter: "2026-Q1",
  year: "2026",
  step: "12",
};

/**
 * A time axis named after its frequency, from one label to another, both included. A coarser label stands for its first
 * period in front and for its last behind: `month`, `2026`, `2028` is 36 months. Cost: the periods.
 *
 * @example
 * ```ts
 * const made = timeAxis("month", "2026-01", "2028-12");
 * if ("axis" in made) console.log(made.axis.labels.length); // 36
 * ```
 */
export function timeAxis(
  frequency: Frequency,
  fromLabel: string,
  toLabel: string,
  name: string = frequency,
): { readonly axis: Axis } | { readonly problem: string } {
  const first = ordinalsOf(frequency, fromLabel)?.from;
  if (first === undefined) return { problem: notALabel(frequency, fromLabel) };
  const end = ordinalsOf(frequency, toLabel)?.to;
  if (end === undefined) return { problem: notALabel(frequency, toLabel) };
  if (end <= first) return { problem: `${toLabel} lies before ${fromLabel}` };
  const count = end - first;
  if (count > periodsMax) {
    return { problem: `${fromLabel}..${toLabel} has ${count} periods; at most ${periodsMax} are allowed` };
  }
  const labels = new Array<string>(count);
  const starts = new Array<number>(count);
  for (let i = 0; i < count; i++) {
    labels[i] = labelOf(frequency, first + i);
    starts[i] = startOf(frequency, first + i);
  }
  const time = { frequency, starts };
  if (count <= mappedMax) return { axis: axisOf(name, labels, time) };
  const placeOf = (label: string): number | undefined => {
    const range = ordinalsOf(frequency, label);
    return range === undefined || range.to !== range.from + 1 ? undefined : range.from - first;
  };
  return { axis: { name, labels, time, positions: new LabelPositions(labels, placeOf) } };
}

/** Longer axes work the position of a label out instead of keeping a map of them. */
const mappedMax = 4_096;

/**
 * The positions `from` ≤ p < `to` of a time axis that `label` names: one period, or all periods of a coarser label as
 * far as they lie on the axis. Undefined when the label has no meaning for the axis's frequency or none of it lies on
 * the axis. Cost: constant.
 */
export function periodRange(
  axis: Axis,
  label: string,
): { readonly from: number; readonly to: number } | undefined {
  const exact = axis.positions.get(label);
  if (exact !== undefined) return { from: exact, to: exact + 1 };
  if (axis.time === undefined || axis.labels.length === 0) return undefined;
  const range = ordinalsOf(axis.time.frequency, label);
  const first = ordinalsOf(axis.time.frequency, axis.labels[0] as string)?.from;
  if (range === undefined || first === undefined) return undefined;
  const from = Math.max(0, range.from - first);
  const to = Math.min(axis.labels.length, range.to - first);
  return from < to ? { from, to } : undefined;
}

/** The ordinals `from` ≤ o < `to` that a label of `frequency` or of a coarser one names. */
function ordinalsOf(frequency: Frequency, label: string): { from: number; to: number } | undefined {
  if (frequency === "step") {
    const step = /^[+-]?\d{1,15}$/.test(label) ? Number(label) : undefined;
    return step === undefined ? undefined : { from: step, to: step + 1 };
  }
  const days = daysOf(label);
  if (days === undefined) return undefined;
  if (frequency === "week") return weeksOf(label, days);
  const from = ordinalOfDay(frequency, days.from);
  // A label finer than the frequency names only part of a period, so it names none.
  if (startOf(frequency, from) !== days.from) return undefined;
  const to = ordinalOfDay(frequency, days.to);
  return startOf(frequency, to) === days.to ? { from, to } : undefined;
}

/** The weeks of a week label, or of a year: those that ISO counts to it. */
function weeksOf(
  label: string,
  days: { from: number; to: number },
): { from: number; to: number } | undefined {
  if (label.includes("W")) return { from: weekOfDay(days.from), to: weekOfDay(days.to) };
  if (!/^\d{4}$/.test(label)) return undefined;
  const year = Number(label);
  return { from: firstWeekOf(year), to: firstWeekOf(year + 1) };
}

/** The serial days `from` ≤ d < `to` that any label but a step's covers. */
function daysOf(label: string): { from: number; to: number } | undefined {
  const match = /^(\d{4})(?:-(?:(\d{2})|Q([1-4])|W(\d{2}))(-\d{2})?)?$/.exec(label);
  if (match === null) return undefined;
  const year = Number(match[1]);
  if (match[5] !== undefined) {
    const day = parseIsoDate(label);
    return day === undefined ? undefined : { from: day, to: day + 1 };
  }
  if (match[2] !== undefined) return monthsOf(year, Number(match[2]), 1);
  if (match[3] !== undefined) return monthsOf(year, Number(match[3]) * 3 - 2, 3);
  if (match[4] === undefined) return monthsOf(year, 1, 12);
  const week = firstWeekOf(year) + Number(match[4]) - 1;
  if (match[4] === "00" || week >= firstWeekOf(year + 1)) return undefined;
  return { from: dayOfWeek(week), to: dayOfWeek(week + 1) };
}

function monthsOf(year: number, month: number, count: number): { from: number; to: number } | undefined {
  if (month < 1 || month > 12) return undefined;
  return { from: serialOf(year, month, 1), to: serialOf(year, month + count, 1) };
}

function ordinalOfDay(frequency: "day" | "month" | "quarter" | "year", serial: number): number {
  if (frequency === "day") return serial;
  const { year, month } = dateOf(serial);
  if (frequency === "year") return year;
  return frequency === "quarter" ? year * 4 + Math.floor((month - 1) / 3) : year * 12 + month - 1;
}

/** The serial day on which a period starts; for a step, the step itself. */
function startOf(frequency: Frequency, ordinal: number): number {
  switch (frequency) {
    case "day":
    case "step":
      return ordinal;
    case "week":
      return dayOfWeek(ordinal);
    case "month":
      return serialOf(0, ordinal + 1, 1);
    case "quarter":
      return serialOf(0, ordinal * 3 + 1, 1);
    case "year":
      return serialOf(ordinal, 1, 1);
  }
}

function labelOf(frequency: Frequency, ordinal: number): string {
  switch (frequency) {
    case "day":
      return isoDateText(ordinal);
    case "step":
      return String(ordinal);
    case "week": {
      // The Thursday of a week lies in the year that ISO counts the week to.
      const year = dateOf(dayOfWeek(ordinal) + 3).year;
      return `${yearText(year)}-W${String(ordinal - firstWeekOf(year) + 1).padStart(2, "0")}`;
    }
    case "month": {
      const year = Math.floor(ordinal / 12);
      return `${yearText(year)}-${String(ordinal - year * 12 + 1).padStart(2, "0")}`;
    }
    case "quarter": {
      const year = Math.floor(ordinal / 4);
      return `${yearText(year)}-Q${ordinal - year * 4 + 1}`;
    }
    case "year":
      return yearText(ordinal);
  }
}

/**
 * Week 0 is the one whose Monday would be serial 2. Weeks are counted in days of the calendar: serials up to 59 lie one
 * short of them, because of the 29 February 1900 that never was.
 */
function weekOfDay(serial: number): number {
  return Math.floor(((serial < 60 ? serial + 1 : serial) - 2) / 7);
}

function dayOfWeek(week: number): number {
  const day = week * 7 + 2;
  return day > 60 ? day : day - 1;
}

/** The week that holds 4 January of `year`, which ISO calls its first. */
function firstWeekOf(year: number): number {
  return weekOfDay(serialOf(year, 1, 4));
}

function yearText(year: number): string {
  return String(year).padStart(4, "0");
}

function notALabel(frequency: Frequency, label: string): string {
  return `\`${label}\` is no ${frequency}; ${frequency}s are written like ${labelExamples[frequency]}`;
}
