import { expect, it } from "vitest";
import { samplePortion } from "./portion.ts";
import { RateGate } from "./rate-gate.ts";

const [a, b, c] = ["c0-a1", "c1-a1", "c2-a1"] as const;

it("[BA21] counts what begins from when it began, not from when it was sent", () => {
  const gate = new RateGate({ jobsMax: 4, perMs: 1_000 });
  gate.send(a, 2);
  gate.send(b, 2);
  expect([gate.freeAt(0), gate.opensAtMs(1, 0)]).toEqual([0, 1_000]);
  gate.begin(a, 300);
  expect(gate.opensAtMs(1, 400)).toBe(1_300);
  // The other one may still begin at any moment.
  expect([gate.freeAt(1_200), gate.opensAtMs(3, 1_200)]).toEqual([0, 2_200]);
  gate.begin(b, 1_250);
  expect(gate.freeAt(1_300)).toBe(2);
  expect(gate.opensAtMs(2, 1_300)).toBe(1_300);
  expect(gate.opensAtMs(3, 1_300)).toBe(2_250);
  gate.begin(b, 2_000);
  expect(gate.freeAt(2_250)).toBe(4);
});

it("what is withdrawn does not count, and without a rate nothing does", () => {
  const gate = new RateGate({ jobsMax: 2, perMs: 1_000 });
  gate.send(c, 2);
  gate.send(c, 1);
  expect(gate.freeAt(0)).toBe(1);
  gate.drop(c);
  gate.begin(c, 5);
  expect(gate.freeAt(5)).toBe(2);
  const open = new RateGate(undefined);
  open.send(a, 1e9);
  expect([open.freeAt(7), open.opensAtMs(1e9, 7)]).toEqual([Number.POSITIVE_INFINITY, 7]);
});

it("[BA21] what may have waited for its program counts from when it has ended, though it was forgotten meanwhile", () => {
  const keys = ["p1", "p2", "p3"];
  const table = { source: "", rows: 3, columns: [], lines: [2, 3, 4] };
  const sample = samplePortion({ table, keys, positions: [0, 1, 2], deepKeys: keys, ordinals: [0, 1, 2] });
  const gate = new RateGate({ jobsMax: 4, perMs: 1_000 });
  gate.send(a, 3);
  gate.begin(a, 0);
  gate.end(a, 600, sample);
  expect([gate.freeAt(1_100), gate.opensAtMs(2, 1_100)]).toEqual([1, 1_600]);
  expect(gate.freeAt(1_600)).toBe(4);
  gate.end(a, 1_700, sample);
  expect([gate.freeAt(1_700), gate.freeAt(2_700)]).toEqual([1, 4]);
});
