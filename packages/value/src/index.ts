export { type ArrayValue, arrayValue, isArrayValue } from "./array-value.ts";
export type { Attachment } from "./attachments.ts";
export { type Axis, axisOf, type Frequency, type TimeAxis } from "./axis.ts";
export { type Canonical, encodeCanonical } from "./canonical.ts";
export {
  Column,
  columnFrom,
  internError,
  keptErrors,
  markBlank,
  markFalse,
  markFirstError,
  markText,
  markTrue,
  type Shape,
  sameColumn,
} from "./column.ts";
export {
  type CalendarDate,
  dateOf,
  daysOfMonth,
  isLeapYear,
  isoDateText,
  parseIsoDate,
  serialOf,
  type TimeOfDay,
  timeOf,
  weekdayOf,
} from "./date.ts";
export {
  type ErrorCode,
  type ErrorOrigin,
  type ErrorValue,
  errorCodes,
  errorValue,
  isErrorValue,
  sameError,
  withOrigin,
} from "./error-value.ts";
export { ValueMisuse } from "./misuse.ts";
export { numberToText } from "./number-text.ts";
export { type RowSums, rangeCount, rangeSum, rowSumsOf, sumWork } from "./partial-sums.ts";
export { labelExamples, periodRange, periodsMax, timeAxis } from "./period.ts";
export { type Scalar, sameScalar } from "./scalar.ts";
export { blockSum, sumBlockCells, sumOfRange } from "./sum.ts";
export type { Table, TableColumn } from "./table.ts";
