/** Which days are not worked: weekends and holidays, as the functions of working days take them. */
import { type ErrorValue, errorValue, isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import { toNumber } from "./coerce.ts";
import type { Value } from "./definition.ts";
import { cellsOf } from "./number-arguments.ts";

/** Per day of the week from Monday whether it is free; Saturday and Sunday unless chosen otherwise. */
export function readWeekend(choice: Value | undefined): readonly boolean[] | ErrorValue {
  const cell = choice === undefined ? 1 : (cellsOf(choice)[0] as Scalar);
  if (isErrorValue(cell)) return cell;
  if (typeof cell === "string") {
    if (!/^[01]{7}$/.test(cell))
      return errorValue("#VALUE!", "a weekend is seven digits 0 or 1, from Monday");
    return [...cell].map((digit) => digit === "1");
  }
  const kind = Math.trunc(Number(cell ?? 1));
  // 1 to 7: two days, from Saturday and Sunday on; 11 to 17: one day, from Sunday on.
  const isTwoDays = kind >= 1 && kind <= 7;
  if (!isTwoDays && !(kind >= 11 && kind <= 17)) return errorValue("#NUM!", "there is no such weekend");
  const free = isTwoDays ? [(kind + 4) % 7, (kind + 5) % 7] : [(kind - 11 + 6) % 7];
  return Array.from({ length: 7 }, (_, day) => free.includes(day));
}

/** The days of a list of dates, blanks left out. */
export function numbersOfDates(from: Value | undefined): Set<number> | ErrorValue {
  const days = new Set<number>();
  if (from === undefined) return days;
  for (const cell of cellsOf(from)) {
    if (cell === null || (isArrayValue(from) && cell === "")) continue;
    const day = toNumber(cell);
    if (typeof day !== "number") return day;
    days.add(Math.floor(day));
  }
  return days;
}
