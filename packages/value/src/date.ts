/**
 * Dates as serial numbers of the 1900 system, and times of day as their fractions.
 *
 *   serial   0            1            59           60           61           45658
 *   date     1899-12-31   1900-01-01   1900-02-28   1900-02-29   1900-03-01   2025-01-01
 *
 * The system counts a 29 February 1900 that never was, so that serials agree with workbooks: it is the serial 60, and
 * every date before it lies one serial nearer than the calendar says. Dates before 1900 have serials below 1; they are
 * real dates here (a time axis may begin in 1850), though the date functions refuse them as Excel does.
 *
 * All arithmetic is on whole days of the proleptic Gregorian calendar; no time zone and no clock takes part. Cost: constant.
 */

/** A day of the calendar: month 1–12, day 1–31. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** A time of day in whole units: hour 0–23, minute and second 0–59. */
export interface TimeOfDay {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const serialOfPhantomDay = 60;
/** Days from 1970-01-01 back to the day whose serial is 0 for dates from March 1900 on. */
const epochDays = 25569;
const secondsOfDay = 86400;

/**
 * The serial of a day. Months and days outside their ranges count on, as in Excel's DATE: month 13 is January of the next
 * year, day 0 the last of the month before.
 *
 * @example
 * ```ts
 * serialOf(2026, 1, 31); // 46053
 * serialOf(2025, 14, 0); // 46053 too: the day before 1 February 2026
 * ```
 */
export function serialOf(year: number, month: number, day: number): number {
  const months = year * 12 + month - 1;
  const shiftedYear = Math.floor(months / 12);
  const first = daysSince1970(shiftedYear, months - shiftedYear * 12 + 1) + epochDays;
  // Days count on from the serial of the first, so 1900-02-29 reached from 1 February is the phantom day.
  const firstSerial = first > serialOfPhantomDay ? first : first - 1;
  return firstSerial + day - 1;
}

/** The calendar date of a serial; its fraction, the time of day, is ignored. */
export function dateOf(serial: number): CalendarDate {
  const day = Math.floor(serial);
  if (day === serialOfPhantomDay) return { year: 1900, month: 2, day: 29 };
  return civilOf((day > serialOfPhantomDay ? day : day + 1) - epochDays);
}

/** The time of day of a serial, to the nearest second; 23:59:59.6 is 00:00:00. */
export function timeOf(serial: number): TimeOfDay {
  const seconds = Math.round((serial - Math.floor(serial)) * secondsOfDay) % secondsOfDay;
  return {
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
  };
}

/** Day of the week of a serial, 0 Sunday to 6 Saturday; before March 1900 one day off the calendar, as in Excel. */
export function weekdayOf(serial: number): number {
  return (((Math.floor(serial) - 1) % 7) + 7) % 7;
}

/** Whether `year` has a 29 February in the 1900 system (so 1900 has). */
export function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 || year === 1900;
}

/** Days of a month (1–12) in the 1900 system. */
export function daysOfMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const isoDate = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?$/;

/**
 * The serial of an ISO date, with or without a time of day: `2026-01-31`, `2026-01-31T13:30`, `2026-01-31 13:30:05.25`.
 * Undefined for anything else, and for days the 1900 system does not have.
 */
export function parseIsoDate(text: string): number | undefined {
  const match = isoDate.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second >= 60) return undefined;
  return serialOf(year, month, day) + (hour * 3600 + minute * 60 + second) / secondsOfDay;
}

/** The day of a serial as `2026-01-31`; its time of day is left out. */
export function isoDateText(serial: number): string {
  const { year, month, day } = dateOf(serial);
  const sign = year < 0 ? "-" : "";
  return `${sign}${padded(Math.abs(year), 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, "0");
}

/** Days from 1970-01-01 to the first of a month. Years are counted from March, so that the leap day comes last. */
function daysSince1970(year: number, month: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const marchMonth = (month + 9) % 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + daysBeforeMonth(marchMonth) - 719468;
}

/** Days from 1 March to the first of the month `marchMonth` months later: 0, 31, 61, 92, … */
function daysBeforeMonth(marchMonth: number): number {
  return Math.floor((153 * marchMonth + 2) / 5);
}

function civilOf(daysSinceEpoch: number): CalendarDate {
  const days = daysSinceEpoch + 719468;
  const era = Math.floor(days / 146097);
  const dayOfEra = days - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - daysBeforeMonth(marchMonth) + 1,
  };
}
