/**
 * What functions and statements of other programs are called here, for messages: of those that model stocks and flows,
 * whose users come with their equations in their hands.
 */

const hints: Readonly<Record<string, string>> = {
  INTEG: "a stock is `integral(flow)  start first`",
  STOCK: "a stock is `integral(flow)  start first`",
  SMOOTHI: "write `SMOOTH(input, time, first)`",
  SMOOTH3I: "write `SMOOTH3(input, time, first)`",
  SMTH1: "write `SMOOTH(input, time)`",
  SMTH3: "write `SMOOTH3(input, time)`",
  DLINF3: "write `SMOOTH3(input, time)`",
  DELAY1I: "write `DELAY1(input, time, first)`",
  DELAY3I: "write `DELAY3(input, time, first)`",
  DELAYFIXED: "write `DELAY_FIXED(input, time, first)`",
  DELAY: "write `DELAY1`, `DELAY3` or `DELAY_FIXED`",
  LOOKUP_TABLE: "declare `curve name = (0, 1) (10, 0.5)` and call it: `name(x)`",
  GRAPH: "declare `curve name = (0, 1) (10, 0.5)` and call it: `name(x)`",
  TABHL: "declare `curve name = (0, 1) (10, 0.5)` and call it: `name(x)`",
  WITH_LOOKUP: "declare `curve name = (0, 1) (10, 0.5)` and call it: `name(x)`",
  ZIDZ: "write `IF(b = 0, 0, a / b)`",
  XIDZ: "write `IF(b = 0, x, a / b)`",
  MODULO: "write `MOD(a, b)`",
  INTEGER: "write `INT(x)`",
  CLIP: "write `IF(c >= d, a, b)`",
  FIFGE: "write `IF(c >= d, a, b)`",
  STEP: "write `IF(PERIOD_INDEX() >= 5, height, 0)`, or let an input change over time",
  RAMP: "write `slope * MAX(0, PERIOD_INDEX() - 5)`, or let an input change over time",
  PULSE: "let an input change over time: `{ 2000: 1, … }`",
  TIME_STEP: "the step is a clause of the time line: `time year 1900..2100  dt 0.5`",
  INITIAL: "write `x[2026]`, with the label of the first period",
  GAME: "declare an input",
};

/** Two words side by side where one name must stand, as in `DELAY FIXED(x, 5, 0)`. */
const pairs: Readonly<Record<string, string>> = {
  "DELAY FIXED": hints.DELAYFIXED as string,
  "WITH LOOKUP": hints.WITH_LOOKUP as string,
  "LOOKUP EXTRAPOLATE": hints.WITH_LOOKUP as string,
  "IF THEN": "write `IF(condition, then, otherwise)`",
  "PULSE TRAIN": hints.PULSE as string,
  "SAMPLE IF": "write a recurrence: `IF(condition, x, held[t-1])  start 0`",
  "TIME STEP": hints.TIME_STEP as string,
};

/** What a function that is unknown here is called; undefined where nothing is known of it. */
export function foreignHint(name: string): string | undefined {
  const upper = name.toUpperCase();
  return Object.hasOwn(hints, upper) ? hints[upper] : undefined;
}

/** What is meant by two words, the second of which cannot stand there. */
export function foreignPairHint(first: string, second: string): string | undefined {
  const pair = `${first} ${second}`.toUpperCase();
  return Object.hasOwn(pairs, pair) ? pairs[pair] : undefined;
}
