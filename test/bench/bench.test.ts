/** Every adapter does every workload it claims, at a tiny size; and the programme prints what it promises. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { reasonAgainst } from "./campaign.ts";
import { engineNames, loadEngine } from "./engines/index.ts";
import { reachedFrom } from "./graph/description.ts";
import { measure } from "./measure.ts";
import { parseOptions } from "./options.ts";
import { judge } from "./report/goals.ts";
import { jsonLinesOf } from "./report/json-lines.ts";
import { pageWith, sectionOf } from "./report/markdown.ts";
import { timeText } from "./report/quantities.ts";
import { ratiosOf } from "./report/ratios.ts";
import type { FigureResult, Result } from "./report/result.ts";
import { figureOf } from "./timing.ts";
import { expectEqual, tinyEffort, WrongResult } from "./workload.ts";
import { workloads } from "./workloads/index.ts";
import { layersOf } from "./workloads/layers.ts";

describe.each(engineNames)("%s", (name) => {
  it.each(workloads.map((workload) => [workload.id, workload] as const))("%s", async (_, workload) => {
    const engine = await loadEngine(name);
    const reason = reasonAgainst(workload, engine);
    if (reason !== undefined) {
      expect(reason.length).toBeGreaterThan(5);
      return;
    }
    const outcome = await measure(workload, name, workload.sizes.tiny, tinyEffort);
    expect(outcome).not.toHaveProperty("failure");
    if (!("figures" in outcome)) return;
    const measures = outcome.figures.map(({ measure }) => measure);
    const promised = Object.keys(workload.measures);
    if (engine.tasksMax === undefined) expect(measures).toEqual(promised);
    else expect(promised).toEqual(expect.arrayContaining(measures));
    for (const { measure: of, ms } of outcome.figures) {
      const isDifference = workload.measures[of]?.startsWith("more an entity") === true;
      expect(ms).toBeGreaterThanOrEqual(isDifference ? Number.NEGATIVE_INFINITY : 0);
    }
  });

  it("says why about every face that it lacks", async () => {
    const engine = await loadEngine(name);
    const silent = workloads.filter((workload) => reasonAgainst(workload, engine) === "");
    expect(silent.map(({ id }) => id)).toEqual([]);
  });
});

function figure(engine: string, ms: number, more: Partial<FigureResult> = {}): FigureResult {
  const base = { kind: "figure", workload: "W2", measure: "", form: "graph", size: 1_000_000 } as const;
  const role = engine.startsWith("reckon") ? "reckon" : engine.startsWith("floor") ? "floor" : "peer";
  return { ...base, engine, role, ms, spread: 0.1, runs: 3, ...more };
}

const results: Result[] = [
  figure("reckon", 20, { heapMb: 60 }),
  figure("reckon-family", 2, { form: "family" }),
  figure("floor", 10),
  figure("floor-family", 1, { form: "family" }),
  figure("alien", 100, { heapMb: 300 }),
  figure("hyperformula", 2000),
  figure("preact", 1, { size: 1000 }),
  { kind: "failure", workload: "W2", engine: "preact", size: 1_000_000, reason: "overflows the stack" },
];

describe("reports", () => {
  it("compare with the best peer of the same size, and with the floor of the same form", () => {
    expect(ratiosOf(results[0] as FigureResult, results)).toEqual({
      bestPeer: "alien",
      toBestPeer: 5,
      memoryToBestPeer: 5,
      toFloor: 2,
    });
    expect(ratiosOf(results[1] as FigureResult, results).toFloor).toBe(2);
  });

  it("compare megabytes where memory is what a workload is about", () => {
    const at = { workload: "memory", measure: "built" };
    const both = [figure("reckon", 50, { ...at, heapMb: 60 }), figure("preact", 10, { ...at, heapMb: 300 })];
    expect(ratiosOf(both[0] as FigureResult, both).toBestPeer).toBe(5);
  });

  it("print a difference below nothing as it is", () => {
    expect(timeText(-0.0123)).toBe("−12.3 µs");
    const { ms, spread } = figureOf("each", [-0.01, -0.02, 0.01]);
    expect([ms, Math.round(spread)]).toEqual([-0.01, 3]);
    expect(judge({ label: "W2", engine: "reckon", ms: 35 }, [figure("reckon", -0.01)])?.missed).toEqual([]);
  });

  it("judge goals by time and ratios", () => {
    expect(judge({ label: "W2", engine: "reckon", ms: 35, peer: 2.7, floor: 2 }, results)?.missed).toEqual(
      [],
    );
    expect(judge({ label: "W2", engine: "reckon", ms: 15, peer: 6, floor: 1.5 }, results)?.missed).toEqual([
      "time",
      "peer",
      "floor",
    ]);
    expect(judge({ label: "W3", engine: "reckon", ms: 35 }, results)).toBeUndefined();
  });

  it("give one JSON line a figure", () => {
    expect(jsonLinesOf(results)[0]).toEqual({
      workload: "W2",
      size: 1_000_000,
      engine: "reckon",
      ms: 20,
      heapMb: 60,
      ratioToBestPeer: 5,
      ratioToFloor: 2,
    });
    expect(jsonLinesOf(results)).toHaveLength(7);
  });

  it("put a section into the page and gather its goals", () => {
    const workload = workloads.find(({ id }) => id === "W2")!;
    const page =
      "<!-- lost -->\n<!-- end of lost -->\n<!-- goals -->\n<!-- end of goals -->\n<!-- W2 -->\nold\n<!-- end of W2 -->\n";
    const text = pageWith(page, new Map([["W2", sectionOf(workload, results, "a machine")]]));
    expect(text).not.toContain("old");
    expect(text.match(/W2 reckon \|/g)).toHaveLength(2);
    expect(text).toContain("preact: overflows the stack at 1,000,000");
    expect(text).toContain("<!-- lost -->\n\nNone.");
    const slow = [figure("reckon", 200), figure("alien", 100)];
    const lost = pageWith(page, new Map([["W2", sectionOf(workload, slow, "a machine")]]));
    expect(lost).toContain("- W2, edit, 1,000,000: reckon has 0.50 of the speed of alien");
    expect(pageWith(text, new Map())).toBe(text);
  });

  it("have a place in docs/benchmarks.md for every workload", () => {
    const page = readFileSync(fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url)), "utf8");
    const ids = ["goals", "lost", ...workloads.map(({ id }) => id)];
    const missing = ids.filter(
      (id) => !page.includes(`<!-- ${id} -->`) || !page.includes(`<!-- end of ${id} -->`),
    );
    expect(missing).toEqual([]);
  });
});

it("the layers of W4 reach nearly everything from one input", () => {
  expect(reachedFrom(layersOf(100, 100), 0)).toBeGreaterThan(9000);
});

describe("the check before timing", () => {
  it("refuses a wrong result, and keeps to the engine's tolerance", async () => {
    const exact = await loadEngine("floor");
    expect(() => expectEqual(exact, "a node", 1 + 1e-15, 1)).toThrow(WrongResult);
    expect(() => expectEqual({ ...exact, tolerance: 1e-9 }, "a node", 1 + 1e-10, 1)).not.toThrow();
    expect(() => expectEqual({ ...exact, tolerance: 1e-9 }, "a node", Number.NaN, 1)).toThrow(WrongResult);
  });
});

describe("npm run bench", () => {
  const ids = workloads.map(({ id }) => id);

  it("takes workloads and engines by name, in any case of letters", () => {
    const parsed = parseOptions(["--only", "w5,W2", "--engines", "floor,reckon", "--json"], ids, engineNames);
    expect(parsed).toMatchObject({
      options: { workloads: ["W2", "W5"], engines: ["reckon", "floor"], format: "json", runs: 3 },
    });
  });

  it.each([
    [["--only", "W99"], "no workload W99"],
    [["--engines", "excel"], "no engine excel"],
    [["--runs", "many"], "--runs"],
    [["--fast"], "--fast"],
  ])("refuses %j", (args, message) => {
    expect(parseOptions(args, ids, engineNames)).toMatchObject({ problem: expect.stringContaining(message) });
  });

  it("measures each engine in a process of its own and prints JSON lines", () => {
    const script = fileURLToPath(new URL("run.ts", import.meta.url));
    const args = [script, "--quick", "--json", "--limit", "60", "--only", "W7", "--engines", "floor,reckon"];
    const { stdout, status } = spawnSync(process.execPath, ["--conditions=@reckon/source", ...args], {
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "--conditions=@reckon/source" },
    });
    expect(status).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ workload, engine }) => `${workload} ${engine}`).sort()).toEqual([
      "W7.first floor",
      "W7.first reckon",
      "W7.last floor",
      "W7.last reckon",
    ]);
    for (const line of lines) {
      expect(line).toMatchObject({ size: 5000, ms: expect.any(Number) });
      expect("ratioToFloor" in line).toBe(line.engine === "reckon");
    }
  });
});
