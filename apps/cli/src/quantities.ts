/** Durations, rates, shares and counts as they are typed behind options. Each gives `undefined` for what cannot be read. */
import type { HaltPolicy, RateLimit } from "@reckon/batch";

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `500ms`, `5s`, `10m`, `2h`, `1d` in ms; `0` needs no unit. */
export function durationMsOf(typed: string): number | undefined {
  const [, digits, unit] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|m|min|h|d)?\s*$/i.exec(typed) ?? [];
  const amount = Number(digits ?? Number.NaN);
  if (unit === undefined) return amount === 0 ? 0 : undefined;
  return amount * (unitMs[unit.toLowerCase()] as number);
}

/** Timers hold no more. */
const timerMsMax = 2 ** 31 - 1;

/** Likewise, for what is waited: at most 24 days. */
export function waitMsOf(typed: string): number | undefined {
  const ms = durationMsOf(typed);
  return ms !== undefined && ms <= timerMsMax ? ms : undefined;
}

/** `100/s`, `6000/min`, `10/h`. */
export function rateOf(typed: string): RateLimit | undefined {
  const [, digits, unit] = /^\s*(\d+)\s*\/\s*(s|m|min|h)\s*$/i.exec(typed) ?? [];
  const jobsMax = Number(digits ?? 0);
  if (unit === undefined || jobsMax < 1 || !Number.isSafeInteger(jobsMax)) return undefined;
  return { jobsMax, perMs: unitMs[unit.toLowerCase()] as number };
}

/** `10` or `5%`: so many, or such a share, of what there is. */
export function countOrShareOf(
  typed: string,
): { readonly count: number } | { readonly share: number } | undefined {
  const [, digits, percent] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(%)?\s*$/.exec(typed) ?? [];
  const amount = Number(digits ?? Number.NaN);
  if (percent !== undefined) return amount > 0 && amount <= 100 ? { share: amount / 100 } : undefined;
  return Number.isSafeInteger(amount) && amount >= 1 ? { count: amount } : undefined;
}

/** `soon,fail=5%`, `now,fail=3`. */
export function haltOf(typed: string): HaltPolicy | undefined {
  const [, when, amount] = /^\s*(soon|now)\s*,\s*fail\s*=\s*(.+)$/i.exec(typed) ?? [];
  const fail = amount === undefined ? undefined : countOrShareOf(amount);
  if (when === undefined || fail === undefined) return undefined;
  return { when: when.toLowerCase() === "now" ? "now" : "soon", fail };
}

/** A whole number within bounds. */
export function wholeOf(typed: string, least: number, most: number): number | undefined {
  const amount = /^\s*\d+\s*$/.test(typed) ? Number(typed) : Number.NaN;
  return amount >= least && amount <= most ? amount : undefined;
}

/** The time before which something lies: a day (`2026-11-01`), a point in time, or so long ago (`30d`), in ms since 1970. */
export function pastMsOf(typed: string, nowMs: number): number | undefined {
  const ago = durationMsOf(typed);
  if (ago !== undefined) return nowMs - ago;
  if (!/^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?$/.test(typed.trim())) return undefined;
  const at = Date.parse(typed.trim());
  return Number.isNaN(at) ? undefined : at;
}
