/** Spans between dates: day counts of contracts, working days, whole years and months. */
import {
  dateOf,
  daysOfMonth,
  type ErrorValue,
  errorValue,
  isErrorValue,
  isLeapYear,
  serialOf,
  weekdayOf,
} from "@reckon/value";
import { calendarDate, isSerial, outside } from "./dates.ts";
import { numbersOfDates, readWeekend } from "./dates-calendar.ts";
import type { FunctionDefinition, Value } from "./definition.ts";
import { familyOf, logical, number, optional, strictNumber, text, value } from "./parameter.ts";

const start = number("start_date", "a date");
const strictStart = strictNumber("start_date", "a date");
const strictEnd = strictNumber("end_date", "a date");
const end = number("end_date", "a date");
const holidays = optional(value("holidays", "dates that are not worked"));
const weekend = optional(
  value("weekend", '1: Saturday and Sunday … 11: Sunday only …, or seven digits from Monday, "0000011"'),
);

export const dateSpanFunctions: readonly FunctionDefinition[] = familyOf("dates", [
  {
    name: "YEARFRAC",
    parameters: [
      start,
      end,
      optional(
        number("basis", "0: 30/360 US; 1: actual; 2: actual/360; 3: actual/365; 4: 30/360 European"),
        0,
      ),
    ],
    doc: "The share of a year between two dates.",
    example: ["=YEARFRAC(DATE(2026,1,1),DATE(2026,7,1))", "0.5"],
    implement: (from: number, to: number, basis: number) => yearFraction(from, to, Math.trunc(basis)),
  },
  {
    name: "DAYS360",
    parameters: [start, end, optional(logical("method", "TRUE: the European rule"), false)],
    doc: "Days between two dates in a year of twelve months of 30 days.",
    example: ["=DAYS360(DATE(2026,1,1),DATE(2026,3,1))", "60"],
    implement: (from: number, to: number, isEuropean: boolean) =>
      isSerial(from) && isSerial(to) ? days360(from, to, isEuropean ? "european" : "us") : outside(),
  },
  {
    name: "DATEDIF",
    parameters: [start, end, text("unit", '"Y", "M", "D", "MD", "YM" or "YD"')],
    doc: "Whole years, months or days between two dates.",
    example: ['=DATEDIF(DATE(2024,5,1),DATE(2026,4,30),"M")', "23"],
    implement: (from: number, to: number, unit: string) =>
      wholeSpan(Math.floor(from), Math.floor(to), unit.toUpperCase()),
  },
  {
    name: "NETWORKDAYS",
    parameters: [strictStart, strictEnd, holidays],
    doc: "Working days from one date to another, both included.",
    example: ["=NETWORKDAYS(DATE(2026,11,16),DATE(2026,11,22))", "5"],
    implement: (from: number, to: number, free?: Value) => workdaysBetween(from, to, undefined, free),
  },
  {
    name: "NETWORKDAYS.INTL",
    parameters: [strictStart, strictEnd, weekend, holidays],
    doc: "Working days from one date to another, with a weekend of one's own.",
    example: ["=NETWORKDAYS.INTL(DATE(2026,11,16),DATE(2026,11,22),11)", "6"],
    implement: workdaysBetween,
  },
  {
    name: "WORKDAY",
    parameters: [strictStart, strictNumber("days", "working days ahead; negative: back"), holidays],
    doc: "The working day some working days away.",
    example: ["=WORKDAY(DATE(2026,11,20),1)", "46349"],
    implement: (from: number, days: number, free?: Value) => workdayAway(from, days, undefined, free),
  },
  {
    name: "WORKDAY.INTL",
    parameters: [strictStart, strictNumber("days", "working days ahead; negative: back"), weekend, holidays],
    doc: "The working day some working days away, with a weekend of one's own.",
    example: ["=WORKDAY.INTL(DATE(2026,11,20),1,11)", "46347"],
    implement: workdayAway,
  },
]);

/** Days by the 30/360 rule, American (NASD) or European. */
function days360(from: number, to: number, rule: "us" | "european"): number {
  const a = calendarDate(from) as { year: number; month: number; day: number };
  const b = calendarDate(to) as { year: number; month: number; day: number };
  let first = a.day;
  let last = b.day;
  if (rule === "european") {
    first = Math.min(first, 30);
    last = Math.min(last, 30);
  } else {
    if (a.day === daysOfMonth(a.year, a.month)) first = 30;
    if (last === 31 && first >= 30) last = 30;
  }
  return (b.year - a.year) * 360 + (b.month - a.month) * 30 + (last - first);
}

function yearFraction(start: number, end: number, basis: number): number | ErrorValue {
  if (!isSerial(start) || !isSerial(end)) return outside();
  const from = Math.floor(Math.min(start, end));
  const to = Math.floor(Math.max(start, end));
  switch (basis) {
    case 0:
      return days360Us(from, to) / 360;
    case 1:
      return from === to ? 0 : (to - from) / yearLength(from, to);
    case 2:
      return (to - from) / 360;
    case 3:
      return (to - from) / 365;
    case 4:
      return days360(from, to, "european") / 360;
    default:
      return errorValue("#NUM!", "the basis is not 0 to 4");
  }
}

/** The American rule as YEARFRAC has it, where the end of February counts as the 30th. */
function days360Us(from: number, to: number): number {
  const a = dateOf(from);
  const b = dateOf(to);
  const isFebruaryEnd = (date: { year: number; month: number; day: number }): boolean =>
    date.month === 2 && date.day === daysOfMonth(date.year, 2);
  let first = a.day;
  let last = b.day;
  if (isFebruaryEnd(a) && isFebruaryEnd(b)) last = 30;
  if (isFebruaryEnd(a)) first = 30;
  if (last === 31 && first >= 30) last = 30;
  if (first === 31) first = 30;
  return (b.year - a.year) * 360 + (b.month - a.month) * 30 + (last - first);
}

/** The length of a year for the actual basis: by leap day within a year, otherwise the mean over the years touched. */
function yearLength(from: number, to: number): number {
  const a = dateOf(from);
  const b = dateOf(to);
  const isWithinYear =
    a.year === b.year ||
    (b.year === a.year + 1 && (b.month < a.month || (b.month === a.month && b.day <= a.day)));
  if (!isWithinYear) return (serialOf(b.year + 1, 1, 1) - serialOf(a.year, 1, 1)) / (b.year - a.year + 1);
  if (a.year === b.year) return isLeapYear(a.year) ? 366 : 365;
  const leapYear = isLeapYear(a.year) ? a.year : isLeapYear(b.year) ? b.year : undefined;
  if (leapYear === undefined) return 365;
  const leapDay = serialOf(leapYear, 2, 29);
  return leapDay >= from && leapDay <= to ? 366 : 365;
}

function wholeSpan(from: number, to: number, unit: string): number | ErrorValue {
  if (!isSerial(from) || !isSerial(to)) return outside();
  if (from > to) return errorValue("#NUM!", "the first date lies behind the second");
  const a = calendarDate(from) as { year: number; month: number; day: number };
  const b = calendarDate(to) as { year: number; month: number; day: number };
  const months = (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day ? 1 : 0);
  switch (unit) {
    case "D":
      return to - from;
    case "M":
      return months;
    case "Y":
      return Math.floor(months / 12);
    case "YM":
      return months % 12;
    case "MD":
      return to - serialOf(b.year, b.month - (b.day < a.day ? 1 : 0), a.day);
    case "YD": {
      const isLater = b.month < a.month || (b.month === a.month && b.day < a.day);
      return serialOf(isLater ? a.year + 1 : a.year, b.month, b.day) - from;
    }
    default:
      return errorValue("#NUM!", "the unit is none of Y, M, D, MD, YM, YD");
  }
}

function workdaysBetween(from: number, to: number, weekendChoice?: Value, free?: Value): number | ErrorValue {
  if (!isSerial(from) || !isSerial(to)) return outside();
  const isFree = readWeekend(weekendChoice);
  if (isErrorValue(isFree)) return isFree;
  const off = numbersOfDates(free);
  if (isErrorValue(off)) return off;
  const first = Math.floor(Math.min(from, to));
  const last = Math.floor(Math.max(from, to));
  const perWeek = isFree.filter((isOff) => !isOff).length;
  const weeks = Math.floor((last - first + 1) / 7);
  let count = weeks * perWeek;
  for (let day = first + weeks * 7; day <= last; day++) if (isFree[mondayIs0(day)] !== true) count++;
  for (const day of off) if (day >= first && day <= last && isFree[mondayIs0(day)] !== true) count--;
  return from <= to ? count : 0 - count;
}

function workdayAway(from: number, days: number, weekendChoice?: Value, free?: Value): number | ErrorValue {
  if (!isSerial(from)) return outside();
  const isFree = readWeekend(weekendChoice);
  if (isErrorValue(isFree)) return isFree;
  if (isFree.every(Boolean)) return errorValue("#VALUE!", "every day is free");
  const off = numbersOfDates(free);
  if (isErrorValue(off)) return off;
  const step = days < 0 ? -1 : 1;
  let left = Math.abs(Math.trunc(days));
  let day = Math.floor(from);
  const perWeek = isFree.filter((isOff) => !isOff).length;
  while (left > 0 && isSerial(day)) {
    if (left > perWeek) {
      // Whole weeks at once; holidays met on the way are still to be worked off. The day only moves away, so this ends.
      const weeks = Math.floor((left - 1) / perWeek);
      const reached = day + step * weeks * 7;
      left += holidaysBetween(off, isFree, day, reached) - weeks * perWeek;
      day = reached;
    } else {
      day += step;
      if (isFree[mondayIs0(day)] !== true && !off.has(day)) left--;
    }
  }
  return isSerial(day) ? day : outside();
}

function mondayIs0(day: number): number {
  return (weekdayOf(day) + 6) % 7;
}

/** Holidays on days otherwise worked, behind `from` up to and with `to`, in either direction. */
function holidaysBetween(
  off: ReadonlySet<number>,
  isFree: readonly boolean[],
  from: number,
  to: number,
): number {
  const [first, last] = to > from ? [from + 1, to] : [to, from - 1];
  let count = 0;
  for (const day of off) if (day >= first && day <= last && isFree[mondayIs0(day)] !== true) count++;
  return count;
}
