import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KeptCosts } from "./kept-costs.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckon-costs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const costs = { threads: 2, roundTripMs: 0.05, perTaskMs: 0.01, spawnMs: 40, perMegabyteMs: 0.2 };

describe("kept costs", () => {
  it("[MO13] are there in the next run on the same machine", () => {
    const first = new KeptCosts(join(folder, "deep"), "a");
    expect([first.costs, first.functionMs("v")]).toEqual([undefined, undefined]);
    first.costs = costs;
    first.addFunctions(new Map([["v", 12]]));
    first.save();
    const second = new KeptCosts(join(folder, "deep"), "a");
    expect([second.costs, second.functionMs("v"), second.functionMs("w")]).toEqual([costs, 12, undefined]);
    expect(new KeptCosts(join(folder, "deep"), "b").costs).toBeUndefined();
  });

  it("[MO13] what formulas cost is kept by model, the dearest first", () => {
    const first = new KeptCosts(folder, "a");
    const many = Array.from({ length: 300 }, (_, i) => [`f${i}`, i + 1] as const);
    first.addModel("/m", new Map([...many, ["x".repeat(5000), 1e6]]));
    first.addModel("/n", new Map());
    first.save();
    const second = new KeptCosts(folder, "a");
    expect([second.cellMs("/m").size, second.cellMs("/m").get("f299"), second.cellMs("/n").size]).toEqual([
      200, 300, 0,
    ]);
  });

  it("[MO12] nothing is written where nothing is new", () => {
    new KeptCosts(folder, "a").save();
    expect(() => readFileSync(join(folder, "costs.json"))).toThrow();
  });

  it.each([
    ["no JSON", "{"],
    ["another version", '{ "version": 2, "machines": { "a": { "costs": {} } } }'],
    ["a list", "[]"],
    ["null", "null"],
    ["a machine that is none", '{ "version": 1, "machines": { "a": 3 } }'],
    [
      "costs without numbers",
      '{ "version": 1, "machines": { "a": { "costs": { "threads": "2" }, "functions": 3 } } }',
    ],
  ])("[MO13] a file that holds %s is as if it were not there", (_what, text) => {
    writeFileSync(join(folder, "costs.json"), text);
    const kept = new KeptCosts(folder, "a");
    expect([kept.costs, kept.functionMs("v")]).toEqual([undefined, undefined]);
    kept.costs = costs;
    kept.save();
    expect(new KeptCosts(folder, "a").costs).toEqual(costs);
  });

  it("[MO13] a folder that cannot be written to is no trouble", () => {
    writeFileSync(join(folder, "file"), "");
    const kept = new KeptCosts(join(folder, "file"), "a");
    kept.costs = costs;
    kept.save();
    expect(kept.costs).toEqual(costs);
    mkdirSync(join(folder, "costs.json"));
    const other = new KeptCosts(folder, "a");
    other.costs = costs;
    other.save();
    expect(other.costs).toEqual(costs);
    // Where Linux lets nobody make anything, and Node's recursive way would try for ever.
    const nowhere = new KeptCosts("/proc/reckon/costs", "a");
    nowhere.costs = costs;
    nowhere.save();
    expect(nowhere.costs).toEqual(costs);
  });
});
