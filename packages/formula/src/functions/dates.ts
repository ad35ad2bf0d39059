/** Dates and times as serials of the 1900 system; the arithmetic of days is in `@reckon/value`. */
import { dateOf, daysOfMonth, type ErrorValue, errorValue, serialOf, timeOf, weekdayOf } from "@reckon/value";
import type { FunctionDefinition } from "./definition.ts";
import { familyOf, number, optional, optionalOrBlank, strictNumber, text } from "./parameter.ts";
import { textToDate } from "./text-number.ts";

/** The serial behind 9999-12-31. */
const serialEnd = 2_958_466;
const serial = number("serial_number", "a date");
const start = strictNumber("start_date", "a date");
const end = number("end_date", "a date");
const monthsAway = strictNumber("months", "how many months later; negative: earlier");

type Definition = Omit<FunctionDefinition, "family">;

/** A function of one date. */
function ofDate(
  name: string,
  doc: string,
  example: readonly [string, string],
  give: (date: { year: number; month: number; day: number }) => number,
): Definition {
  const implement = (day: number): number | ErrorValue => {
    const date = calendarDate(day);
    return "kind" in date ? date : give(date);
  };
  return { name, parameters: [serial], doc, example, implement };
}

/** A function of the time of day. */
function ofTime(
  name: string,
  doc: string,
  example: readonly [string, string],
  part: "hour" | "minute" | "second",
): Definition {
  const implement = (time: number): number | ErrorValue => (isSerial(time) ? timeOf(time)[part] : outside());
  return { name, parameters: [number("serial_number", "a date and time")], doc, example, implement };
}

export const dateFunctions: readonly FunctionDefinition[] = familyOf("dates", [
  {
    name: "DATE",
    parameters: [
      number("year", "below 1900 it is added to 1900"),
      number("month", "counts on beyond 12"),
      number("day", "counts on beyond the month's end"),
    ],
    doc: "The date of a year, month and day.",
    example: ["=DATE(2026,1,31)", "46053"],
    implement: (year: number, month: number, day: number) => {
      const whole = Math.trunc(year);
      if (whole < 0 || whole > 9999) return outside();
      const first = serialOf(whole < 1900 ? whole + 1900 : whole, Math.trunc(month), 1);
      // A month beyond the calendar is no date, even if its day leads back into it.
      return first < serialEnd ? asSerial(first + Math.trunc(day) - 1) : outside();
    },
  },
  ofDate("YEAR", "The year of a date.", ["=YEAR(DATE(2026,1,31))", "2026"], (date) => date.year),
  ofDate("MONTH", "The month of a date, 1 to 12.", ["=MONTH(DATE(2026,1,31))", "1"], (date) => date.month),
  ofDate("DAY", "The day of the month of a date.", ["=DAY(DATE(2026,1,31))", "31"], (date) => date.day),
  ofTime("HOUR", "The hour of a time, 0 to 23.", ["=HOUR(0.75)", "18"], "hour"),
  ofTime("MINUTE", "The minute of a time, 0 to 59.", ['=MINUTE("13:45")', "45"], "minute"),
  ofTime("SECOND", "The second of a time, 0 to 59.", ['=SECOND("13:45:10")', "10"], "second"),
  {
    name: "TIME",
    parameters: [
      number("hour", "0 or more"),
      number("minute", "counts on beyond 59"),
      number("second", "counts on beyond 59"),
    ],
    doc: "The time of day as a fraction of a day.",
    example: ["=TIME(18,0,0)", "0.75"],
    implement: (hour: number, minute: number, second: number) => {
      const parts = [hour, minute, second].map(Math.trunc) as [number, number, number];
      if (parts.some((part) => part > 32_767)) return errorValue("#NUM!");
      const seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
      return seconds < 0 ? errorValue("#NUM!", "the time is negative") : (seconds % 86_400) / 86_400;
    },
  },
  {
    name: "DATEVALUE",
    parameters: [text("date_text", "a date as text")],
    doc: "The date that a text stands for.",
    example: ['=DATEVALUE("2026-01-31")', "46053"],
    implement: (from: string) => {
      const found = textToDate(from);
      return found === undefined ? errorValue("#VALUE!", `"${from}" is not a date`) : Math.floor(found);
    },
  },
  {
    name: "TIMEVALUE",
    parameters: [text("time_text", "a time as text")],
    doc: "The time of day that a text stands for.",
    example: ['=TIMEVALUE("18:00")', "0.75"],
    implement: (from: string) => {
      const found = textToDate(from);
      return found === undefined
        ? errorValue("#VALUE!", `"${from}" is not a time`)
        : found - Math.floor(found);
    },
  },
  {
    name: "EDATE",
    parameters: [start, monthsAway],
    doc: "The date some months away, at the latest the last day of that month.",
    example: ["=EDATE(DATE(2026,1,31),1)", "46081"],
    implement: (day: number, months: number) => {
      const date = calendarDate(day);
      return "kind" in date ? date : asSerial(monthsLater(date, Math.trunc(months), date.day));
    },
  },
  {
    name: "EOMONTH",
    parameters: [start, monthsAway],
    doc: "The last day of the month some months away.",
    example: ["=EOMONTH(DATE(2026,1,15),1)", "46081"],
    implement: (day: number, months: number) => {
      const date = calendarDate(day);
      return "kind" in date ? date : asSerial(monthsLater(date, Math.trunc(months), 31));
    },
  },
  {
    name: "DAYS",
    parameters: [end, number("start_date", "a date")],
    doc: "How many days lie between two dates.",
    example: ["=DAYS(DATE(2026,3,1),DATE(2026,2,1))", "28"],
    implement: (to: number, from: number) =>
      isSerial(to) && isSerial(from) ? Math.floor(to) - Math.floor(from) : outside(),
  },
  {
    name: "WEEKDAY",
    parameters: [
      serial,
      optionalOrBlank(number("return_type", "1: Sunday is 1; 2: Monday is 1; 3: Monday is 0; 11 to 17"), 1),
    ],
    doc: "The day of the week of a date.",
    example: ["=WEEKDAY(DATE(2026,11,20),2)", "5"],
    implement: weekday,
  },
  {
    name: "WEEKNUM",
    parameters: [
      serial,
      optional(number("return_type", "1: weeks begin on Sunday; 2: on Monday; 21: ISO"), 1),
    ],
    doc: "The number of the week of a date; the first holds 1 January, by ISO the first Thursday.",
    example: ["=WEEKNUM(DATE(2026,1,4))", "2"],
    implement: weekNumber,
  },
  {
    name: "ISOWEEKNUM",
    parameters: [number("date", "a date")],
    doc: "The number of the ISO week of a date.",
    example: ["=ISOWEEKNUM(DATE(2026,11,20))", "47"],
    implement: (day: number) => (isSerial(day) ? isoWeek(Math.floor(day)) : outside()),
  },
]);

/** Whether a number is a date: from 0 (the day before 1900) to the end of 9999. */
export function isSerial(day: number): boolean {
  return day >= 0 && day < serialEnd;
}

/** The date of a serial as the functions show it: the serial 0 is 0 January 1900; `#NUM!` outside the calendar. */
export function calendarDate(day: number): { year: number; month: number; day: number } | ErrorValue {
  if (!isSerial(day)) return outside();
  return Math.floor(day) === 0 ? { year: 1900, month: 1, day: 0 } : dateOf(day);
}

export function outside(): ErrorValue {
  return errorValue("#NUM!", "the date lies outside 1900 to 9999");
}

function asSerial(day: number): number | ErrorValue {
  return isSerial(day) ? day : outside();
}

/** The day `day`, or the last, of the month `months` after a date's. */
function monthsLater(date: { year: number; month: number }, months: number, day: number): number {
  const count = date.year * 12 + date.month - 1 + months;
  const year = Math.floor(count / 12);
  const month = count - year * 12 + 1;
  return serialOf(year, month, Math.min(day, daysOfMonth(year, month)));
}

function weekday(day: number, type: number): number | ErrorValue {
  if (!isSerial(day)) return outside();
  const sundayIs0 = weekdayOf(day);
  const kind = Math.trunc(type);
  if (kind === 1 || kind === 17) return sundayIs0 + 1;
  if (kind === 2) return ((sundayIs0 + 6) % 7) + 1;
  if (kind === 3) return (sundayIs0 + 6) % 7;
  // 11 begins on Monday, 12 on Tuesday, … 16 on Saturday.
  if (kind >= 11 && kind <= 16) return ((sundayIs0 + 17 - kind) % 7) + 1;
  return errorValue("#NUM!", "there is no such way of counting days");
}

function weekNumber(day: number, type: number): number | ErrorValue {
  if (!isSerial(day)) return outside();
  const kind = Math.trunc(type);
  const whole = Math.floor(day);
  if (kind === 21) return isoWeek(whole);
  const firstDay = kind === 1 || kind === 17 ? 0 : kind === 2 ? 1 : kind >= 11 && kind <= 16 ? kind - 10 : -1;
  if (firstDay < 0) return errorValue("#NUM!", "there is no such way of counting weeks");
  const { year } = calendarDate(whole) as { year: number };
  const newYear = serialOf(year, 1, 1);
  const lead = (weekdayOf(newYear) - firstDay + 7) % 7;
  return Math.floor((whole - newYear + lead) / 7) + 1;
}

function isoWeek(day: number): number {
  const thursday = day - ((weekdayOf(day) + 6) % 7) + 3;
  const { year } = dateOf(thursday);
  return Math.floor((thursday - serialOf(year, 1, 1)) / 7) + 1;
}
