import { expect, it } from "vitest";
import { countOrShareOf, durationMsOf, haltOf, pastMsOf, rateOf, waitMsOf, wholeOf } from "./quantities.ts";

it("durations have a unit", () => {
  expect(["500ms", "5s", "1.5 m", "2h", "1d", "0"].map(durationMsOf)).toEqual([
    500, 5000, 90_000, 7_200_000, 86_400_000, 0,
  ]);
  expect(["5", "s", "-1s", "5 years", ""].map(durationMsOf)).toEqual(Array(5).fill(undefined));
});

it("what is waited is no longer than a timer holds", () => {
  expect([waitMsOf("24d"), waitMsOf("25d"), waitMsOf("99999h"), waitMsOf("x")]).toEqual([
    2_073_600_000,
    undefined,
    undefined,
    undefined,
  ]);
});

it("rates are whole numbers in a time", () => {
  expect(rateOf("100/s")).toEqual({ jobsMax: 100, perMs: 1000 });
  expect(rateOf("6000 / min")).toEqual({ jobsMax: 6000, perMs: 60_000 });
  expect(["100", "0/s", "1.5/s", "5/day"].map(rateOf)).toEqual(Array(4).fill(undefined));
});

it("samples and limits are counts or shares", () => {
  expect(countOrShareOf("10")).toEqual({ count: 10 });
  expect(countOrShareOf("5 %")).toEqual({ share: 0.05 });
  expect(["0", "0%", "101%", "1.5", "ten"].map(countOrShareOf)).toEqual(Array(5).fill(undefined));
  expect(haltOf("soon,fail=5%")).toEqual({ when: "soon", fail: { share: 0.05 } });
  expect(haltOf("now, fail = 3")).toEqual({ when: "now", fail: { count: 3 } });
  expect(["later,fail=3", "soon", "soon,fail=0", "soon,done=3"].map(haltOf)).toEqual(
    Array(4).fill(undefined),
  );
});

it("whole numbers stay within their bounds, and times of the past are days or ages", () => {
  expect([wholeOf("7", 1, 7), wholeOf("8", 1, 7), wholeOf("1e1", 1, 99), wholeOf("", 0, 9)]).toEqual([
    7,
    undefined,
    undefined,
    undefined,
  ]);
  expect(pastMsOf("2026-11-01", 0)).toBe(Date.UTC(2026, 10, 1));
  expect(pastMsOf("2h", 10_000_000)).toBe(2_800_000);
  expect([pastMsOf("yesterday", 0), pastMsOf("2026-13-01", 0)]).toEqual([undefined, undefined]);
});
