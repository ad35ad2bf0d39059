/**
 * What the kinds of time reach mean, both ways: which periods one period reads, and for a span which periods read
 * from a run of periods.
 *
 * A span reads a(t) ≤ p < b(t) with affine bounds. Positions from ≤ p < to are touched where a(t) < to and b(t) > from:
 * two half-lines of t, whatever the signs of the scales, so the readers are a run of periods again.
 */
import type { AffineBound, TimeReach } from "../formula-node.ts";

export interface Interval {
  from: number;
  to: number;
}

type Span = Extract<TimeReach, { kind: "span" }>;

/** Puts the periods 0 ≤ t < `periods` that read something of from ≤ p < to into `readers`; `from` ≥ `to`: none. */
export function spanReaders(span: Span, from: number, to: number, periods: number, readers: Interval): void {
  readers.from = 0;
  readers.to = periods;
  keepBelow(span.from.scale, span.from.offset, to, readers);
  keepBelow(-span.to.scale, -span.to.offset, -from, readers);
}

/** Keeps the t with scale × t + offset < bound. */
function keepBelow(scale: number, offset: number, bound: number, readers: Interval): void {
  if (scale === 0) {
    if (offset >= bound) readers.to = readers.from;
  } else if (scale > 0) readers.to = Math.min(readers.to, Math.ceil((bound - offset) / scale));
  else readers.from = Math.max(readers.from, Math.floor((bound - offset) / scale) + 1);
}

/** The window around t that a span stays in for all of 0 ≤ t < `periods`: the furthest back, the furthest on. */
export function spanWindow(span: Span, periods: number): Interval {
  const last = Math.max(0, periods - 1);
  return {
    from: Math.min(at(span.from, 0), at(span.from, last) - last),
    to: Math.max(at(span.to, 0) - 1, at(span.to, last) - 1 - last),
  };
}

/** Whether period t reads period t. With affine bounds: at the first and the last period, so at all. */
export function readsItself(span: Span, t: number): boolean {
  return at(span.from, t) <= t && t < at(span.to, t);
}

function at(bound: AffineBound, t: number): number {
  return bound.scale * t + bound.offset;
}

/** Calls `visit` with each period of a precedent with `periods` periods that period t of its dependent reads. */
export function eachRead(time: TimeReach, t: number, periods: number, visit: (period: number) => void): void {
  if (time.kind === "gather") {
    for (let i = time.first[t] as number; i < (time.first[t + 1] as number); i++) {
      const position = time.positions[i] as number;
      if (position >= 0 && position < periods) visit(position);
    }
    return;
  }
  const to = readTo(time, t, periods);
  for (let period = readFrom(time, t); period < to; period++) visit(period);
}

/** Whether period t reads any period that is set in `bits`. */
export function readsSet(time: TimeReach, t: number, bits: Uint8Array): boolean {
  if (time.kind === "gather") {
    for (let i = time.first[t] as number; i < (time.first[t + 1] as number); i++) {
      if (bits[time.positions[i] as number] === 1) return true;
    }
    return false;
  }
  const to = readTo(time, t, bits.length);
  for (let period = readFrom(time, t); period < to; period++) if (bits[period] === 1) return true;
  return false;
}

/** At least as many periods as one period reads. */
export function readCount(time: TimeReach, periods: number): number {
  switch (time.kind) {
    case "window":
      return Math.min(periods, time.to - time.from + 1);
    case "range":
      return Math.max(0, Math.min(periods, time.to - time.from));
    case "all":
    case "span":
      return periods;
    case "gather": {
      let most = 0;
      for (let t = 1; t < time.first.length; t++) {
        most = Math.max(most, (time.first[t] as number) - (time.first[t - 1] as number));
      }
      return most;
    }
    default:
      return time satisfies never;
  }
}

type Contiguous = Exclude<TimeReach, { kind: "gather" }>;

function readFrom(time: Contiguous, t: number): number {
  if (time.kind === "all") return 0;
  if (time.kind === "window") return Math.max(0, t + time.from);
  return Math.max(0, time.kind === "range" ? time.from : at(time.from, t));
}

function readTo(time: Contiguous, t: number, periods: number): number {
  if (time.kind === "all") return periods;
  if (time.kind === "window") return Math.min(periods, t + time.to + 1);
  return Math.min(periods, time.kind === "range" ? time.to : at(time.to, t));
}
