/** Figures of batches as people read them: times from microseconds to hours, counts, shares, money. */
import { timeText } from "./run-stats.ts";

/** `4.2 µs`, `120 µs`, `3.4 ms`, `12.3 s`. */
export function spanText(ms: number): string {
  if (ms <= 0 || ms >= 1) return timeText(ms);
  const us = ms * 1000;
  return us < 0.05 ? "0 µs" : `${us < 10 ? us.toFixed(1) : Math.round(us)} µs`;
}

export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** `3 %`, `0.25 %` */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent === 0 || percent >= 10 ? Math.round(percent) : percent.toPrecision(2)} %`;
}

export function costText(cost: number): string {
  return cost === 0 || cost >= 1 ? cost.toFixed(2) : cost.toPrecision(2);
}
