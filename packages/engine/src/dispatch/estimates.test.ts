import { describe, expect, it } from "vitest";
import type { Kernel } from "../formula-node.ts";
import { Estimates } from "./estimates.ts";

const compute = (): void => undefined;
const kernel: Kernel = { compute, version: "v" };

describe("estimates", () => {
  it("[EX12] predict a box from its cells, and move a quarter of the way", () => {
    const estimates = new Estimates();
    expect(estimates.of(3, kernel, 10)).toBe(undefined);
    estimates.learn(3, kernel, 100, 100);
    expect(estimates.of(3, kernel, 10)).toBeCloseTo(10);
    estimates.learn(3, kernel, 200, 100);
    expect(estimates.of(3, kernel, 10)).toBeCloseTo(12.5);
  });

  it("[EX12] a few cells say little where many were measured, and nothing of very many more", () => {
    const estimates = new Estimates();
    estimates.learn(0, { compute }, 1, 1000);
    estimates.learn(0, { compute }, 1, 1);
    expect(estimates.of(0, kernel, 1000)).toBeLessThan(1.3);
    estimates.learn(1, { compute }, 1, 1);
    expect(estimates.of(1, { compute }, 1000)).toBe(undefined);
    estimates.learn(1, { compute }, 1, 1000);
    expect(estimates.of(1, { compute }, 1000)).toBeLessThan(2.1);
  });

  it("[EX12] are shared by equal versions, but not asked of what is cheap", () => {
    const estimates = new Estimates();
    let asked = 0;
    const cheap: Kernel = {
      compute,
      get version() {
        asked++;
        return "v";
      },
    };
    estimates.learn(0, cheap, 0.01, 1);
    expect([estimates.of(1, cheap, 1), asked]).toEqual([undefined, 0]);
    // Once may be by chance.
    estimates.learn(0, cheap, 8, 4);
    expect([estimates.of(1, cheap, 5), asked]).toEqual([undefined, 0]);
    for (let i = 0; i < 3; i++) estimates.learn(0, cheap, 8, 4);
    expect(estimates.of(1, cheap, 5)).toBeCloseTo(10);
    expect([...estimates.costsByVersion()]).toEqual([["v", 2]]);
    estimates.forget(0);
    expect(estimates.of(0, cheap, 1)).toBeCloseTo(2);
  });

  it("[EX12] begin with what another run has learned, and go on from there", () => {
    const unusable = [
      ["a", Number.NaN],
      ["b", -1],
    ] as const;
    const estimates = new Estimates(new Map([["v", 2], ...unusable]));
    expect(estimates.of(0, kernel, 1_000_000)).toBe(2_000_000);
    expect(estimates.of(0, { compute, version: "a" }, 1)).toBe(undefined);
    estimates.learn(0, kernel, 6, 1);
    expect(estimates.costsByVersion().get("v")).toBeCloseTo(3);
    estimates.learn(0, kernel, Number.NaN, 1);
    estimates.learn(0, kernel, 1, 0);
    expect(estimates.of(0, kernel, 1)).toBeCloseTo(6);
  });
});
