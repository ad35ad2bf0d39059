/** Heavy formulas on threads and in the cache, as a user of the command has them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { Place, root } from "./command-line.ts";

const schema = JSON.parse(readFileSync(join(root, "docs/spec/run.schema.json"), "utf8")) as object;
const isResult = new Ajv({ allowUnionTypes: true }).compile(schema);

const model = `model plant
use "./strain.ts" as f
time year 2026..2029
block plant by year
  input load = [1, 2, 3, 4]
  strain = f.strain(load) heavy
  total  = strain * 2
block all
  most = MAX(plant.total[*])
`;
const files = {
  "plant.reckon": model,
  "strain.ts": `import { factor } from "./factor.ts";
export function strain(load: number): number {
  let sum = load * factor;
  for (let i = 1; i < 300_000; i++) sum += Math.sin(sum + i) / i;
  return sum;
}
`,
  "factor.ts": "export const factor: number = 3;\n",
};

interface Result {
  readonly attributes: Record<string, { readonly values: unknown }>;
  readonly stats: {
    readonly computed: number;
    readonly reused: number;
    readonly hits: Record<"memory" | "disk" | "shared", number>;
    readonly dispatched: number;
    readonly speedup: number;
    readonly ms: number;
  };
}
const printed = (place: Place, ...more: string[]): unknown => {
  const json = place.json(["run", "plant.reckon", "--allow-modules", "--json", ...more]);
  expect(isResult(json), JSON.stringify(isResult.errors)).toBe(true);
  return json;
};
const run = (place: Place, ...more: string[]): Result => printed(place, "--stats", ...more) as Result;

describe("run", () => {
  it("[CL72] [CL75] sends heavy formulas, keeps their results, and computes only what reads a change", () => {
    const place = new Place(files);
    const first = run(place, "--threads", "2");
    // Four calls, `total` and `most`.
    expect(first.stats).toMatchObject({ computed: 6, reused: 0, dispatched: 4 });
    expect(first.stats.hits).toEqual({ memory: 0, disk: 0, shared: 0 });
    expect(first.stats.speedup).toBeGreaterThan(0);
    const second = run(place);
    // The whole column, under the values that it reads.
    // What is light is looked up, too, where a busy machine made it slow.
    expect(second.stats).toMatchObject({ dispatched: 0, speedup: 1, hits: { disk: second.stats.reused } });
    expect([second.stats.computed <= 2, second.stats.reused >= 1]).toEqual([true, true]);
    expect(Object.keys(second.stats)).toEqual(["computed", "reused", "hits", "dispatched", "speedup", "ms"]);
    const changed = run(place, "--set", "plant.load[2027]=9");
    expect(changed.stats).toMatchObject({ dispatched: 1 });
    // The calls of the other three; of the model without the value nothing is looked up.
    expect(changed.stats.reused).toBeGreaterThanOrEqual(3);
    const off = run(place, "--cache", "off", "--threads", "off");
    expect(off.stats).toMatchObject({ reused: 0, dispatched: 0, speedup: 1 });
    expect([second.attributes, off.attributes]).toEqual([first.attributes, first.attributes]);
    place.write("factor.ts", "export const factor: number = 4;\n");
    expect(run(place).stats).toMatchObject({ reused: 0, dispatched: 4 });
  });

  it("[CL75] with --json prints what the schema says, and the same of each of several scenarios", () => {
    const place = new Place({ ...files, "more.reckon": "scenario more of plant\n  plant.load = 5\n" });
    const [base, more] = printed(place, "--stats", "--scenario", "base", "--scenario", "more") as Result[];
    expect([base?.stats.dispatched, more?.stats]).toEqual([expect.any(Number), base?.stats]);
    // Four calls in base, and one for the load of 5.
    expect(base?.stats).toMatchObject({ dispatched: 5 });
    expect(printed(place)).not.toHaveProperty("stats");
    const result = run(place);
    for (const name of Object.keys(result.stats)) {
      expect(isResult({ ...result, stats: { ...result.stats, [name]: undefined } }), name).toBe(false);
      expect(isResult({ ...result, stats: { ...result.stats, [name]: -1 } }), name).toBe(false);
    }
    expect(isResult({ ...result, stats: { ...result.stats, savedMs: 1 } })).toBe(false);
  });

  it("[CL78] computes nothing without the values that --set gives", () => {
    const place = new Place({ ...files, "low.reckon": "scenario low of plant\n  plant.load[2026] = 7\n" });
    const cold = run(place, "--threads", "2", "--set", "plant.load=9");
    // One call for four cells with the same value.
    expect(cold.stats).toMatchObject({ computed: 3, reused: 0, dispatched: 1 });
    const over = run(place, "--cache", "off", "low", "--set", "plant.load=9", "plant.load[2027]=1");
    expect(cold.attributes["plant.load"]?.values).toEqual([9, 9, 9, 9]);
    expect(over.attributes["plant.load"]?.values).toEqual([7, 1, 9, 9]);
    const strain = ({ attributes }: Result): unknown[] =>
      Array.from((attributes["plant.strain"]?.values ?? []) as number[]);
    expect(strain(over)[2]).toBe(strain(cold)[0]);
  });

  it("[CL75] prints a table, on standard error with --csv", () => {
    const place = new Place(files);
    const args = ["run", "plant.reckon", "--allow-modules", "--stats", "--cache", "kept"];
    const { stdout, code } = place.reckon(args);
    expect([
      code,
      /\nstatistics\n {2}computed +6\n {2}reused +0\n {2}hits +0 memory, 0 disk, 0 shared\n/.test(stdout),
    ]).toEqual([0, true]);
    expect(stdout).toMatch(/\n {2}speed-up +[\d.]+×\n {2}time saved +0 ms\n {2}took +[\d.]+ m?s\n$/);
    // A heavy formula is kept whole: what its calls took is what finding it saves.
    expect(place.reckon(args).stdout).toMatch(/\n {2}time saved +(?!0 ms)[\d.]+ m?s\n/);
    const csv = place.reckon([...args, "--csv"]);
    expect([csv.stdout.includes("statistics"), csv.stderr.startsWith("statistics\n")]).toEqual([false, true]);
  });

  it("[CL74] Ctrl-C gives up what is awaited and prints what is there", async () => {
    const place = new Place({
      ...files,
      "strain.ts": `import { writeFileSync } from "node:fs";
export function strain(load: number): number {
  if (load > 3) {
    writeFileSync(${JSON.stringify("begun")}, "");
    for (;;);
  }
  return load;
}
`,
      "plant.reckon": `${model}  aside = SUM(plant.load[*])\n`,
    });
    const running = place.start(["run", "plant.reckon", "--allow-modules", "--json", "--cache", "off"]);
    await untilExists(place.path("begun"));
    const { code, stdout, stderr } = await running.end("SIGINT");
    const { attributes } = JSON.parse(stdout) as Result;
    expect(code).toBe(130);
    expect(stderr).toContain(
      "reckon: interrupted; not computed: plant.strain, plant.total, all.most; the rest is printed",
    );
    expect(attributes["all.aside"]?.values).toBe(10);
    expect(attributes["all.most"]?.values).toMatchObject({ error: "#BUSY!" });
  });

  it("[CL77] says of each function that failed why, once a cause", () => {
    const place = new Place({
      "plant.reckon": model,
      "strain.ts": `export function strain(load: number): number {
  if (load > 1) throw new Error(load > 2 ? "no good" : "no\\n  luck");
  return load;
}
`,
    });
    const { stdout, stderr, code } = place.reckon(["run", "plant.reckon", "--allow-modules"]);
    expect([code, stdout.includes("#VALUE!")]).toEqual([0, true]);
    expect(stderr).toBe(
      "reckon: plant.strain: f.strain failed: no luck (1 cell; reckon why plant.reckon 'plant.strain[2027]')\n" +
        "reckon: plant.strain: f.strain failed: no good (2 cells; reckon why plant.reckon 'plant.strain[2028]')\n",
    );
    const only = ["run", "plant.reckon", "--allow-modules", "--json", "--only", "all.most"];
    expect(place.json(only)).toMatchObject({
      failures: [
        { attribute: "plant.strain", cause: "f.strain failed: no luck", cells: 1, at: ["2027"] },
        { attribute: "plant.strain", cause: "f.strain failed: no good", cells: 2, at: ["2028"] },
      ],
    });
    place.write("strain.ts", "export const strain = (load: number) => load + 1;\n");
    expect(place.reckon(["run", "plant.reckon", "--allow-modules"]).stderr).toBe("");
    expect(place.json(only)).not.toHaveProperty("failures");
  });

  it("[CL72] [MO16] a function that takes more memory than a thread may use is an error that says so", () => {
    const place = new Place({
      ...files,
      "strain.ts": `const held: unknown[] = [];
export function strain(load: number): number {
  while (load > 3) held.push(Array.from({ length: 1000 }, (_, i) => i + 0.5));
  return load;
}
`,
    });
    const args = ["plant.reckon", "--allow-modules", "--threads", "2", "--thread-memory", "64MB"];
    const why = place.reckon(["why", ...args.toSpliced(1, 0, "plant.strain[2029]")]);
    expect(why.stdout).toContain(
      "f.strain failed: its thread ended while it ran: it used more than 64 MB of memory (--thread-memory sets how much it may)",
    );
    const { attributes } = place.json(["run", ...args, "--json"]) as Result;
    expect(attributes["plant.strain"]?.values).toMatchObject([1, 2, 3, { error: "#VALUE!" }]);
  });

  it("[ME11] [ME18] what was dear is found again after a process that never let go was killed", async () => {
    const place = new Place({
      ...files,
      "strain.ts": `export function strain(load: number): number {
  let sum = load;
  for (let i = 1; load === 4 || i < 10 ** (2 * load + 0.8); i++) sum += Math.sin(sum + i) / i;
  return sum;
}
`,
    });
    const here = ["--threads", "off", "--cache", "kept.sqlite"];
    // After three calls it is in a fourth for ever, and does nothing else.
    const running = place.start(["run", "plant.reckon", "--allow-modules", ...here]);
    while (countOfCalls(place.path("kept.sqlite")) < 3) await new Promise((resolve) => setImmediate(resolve));
    await running.end("SIGKILL");
    const { stats } = run(place, ...here, "--set", "plant.load[2029]=3");
    expect(stats).toMatchObject({ computed: 2, hits: { disk: 3 } });
  });

  it("computes what is manual, and waits for it", () => {
    const place = new Place({ ...files, "plant.reckon": model.replace("heavy", "heavy manual") });
    expect(run(place).attributes).toEqual(run(new Place(files)).attributes);
  });
});

/** The file is written by a thread that never ends, so nothing else tells of it. */
async function untilExists(path: string): Promise<void> {
  for (;;) {
    try {
      readFileSync(path);
      return;
    } catch {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function countOfCalls(file: string): number {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    const row = database.prepare("SELECT count(*) AS n FROM entries WHERE name LIKE '%(f.strain)'").get();
    database.close();
    return Number(row?.n);
  } catch {
    // It is only just made.
    return 0;
  }
}

describe("cache", () => {
  it("[CL76] tells what is kept, why it was missed, checks it and forgets it", () => {
    const place = new Place(files);
    run(place);
    const file = place.path(".cache/reckon/reckon-cache.sqlite");
    const stats = place.reckon(["cache", "stats"]);
    expect(stats.stdout).toMatch(/^ +entries +size\ndisk +\d+ +[\d.]+ k?B {2}on, /);
    expect(stats.stdout).toContain(file);
    expect(stats.stdout).toMatch(
      /\nall runs with this file\n {2}reused +0\n {2}missed +\d+\n {2}kept +\d+\n/,
    );
    expect(place.json(["cache", "stats", "--json"])).toMatchObject({
      disk: { place: file, state: "on" },
      shared: null,
      lifetime: { puts: expect.any(Number) },
    });
    run(place, "--set", "plant.load[2027]=9");
    expect(place.reckon(["cache", "why-miss", "plant.strain"]).stdout).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}When plant\.strain was kept last, .*plant\.load.*\n.* {2}When plant\.strain \(f\.strain\) was kept last, .*argument 1/,
    );
    expect(place.reckon(["cache", "why-miss", "plant.strains"]).stderr).toContain(
      "did you mean `plant.strain`?",
    );
    expect(place.json(["cache", "why-miss", "plant.strain", "--json"])).toMatchObject({
      attribute: "plant.strain",
      misses: [
        { name: "plant.strain", reason: { kind: "differs", parts: ["plant.load"] } },
        { name: "plant.strain (f.strain)", reason: { kind: "differs", parts: ["argument 1"] } },
      ],
    });
    const verified = place.reckon(["cache", "verify"]);
    expect(verified.code).toBe(0);
    expect(verified.stdout).toMatch(/^read (\d+) of \1 entries: all are sound\n$/);
    expect(place.reckon(["cache", "clear", "--tier", "shared"])).toMatchObject({ code: 2 });
    expect(place.reckon(["cache", "clear"]).stdout).toMatch(/^removed \d+ entries\n$/);
    expect(run(place).stats).toMatchObject({ reused: 0 });
  });

  it("[CL72] a cache that cannot be used is told once, and everything is computed", () => {
    const place = new Place({ ...files, "kept/x": "" });
    const outcome = place.reckon(["run", "plant.reckon", "--allow-modules", "--cache", "kept/x/y.sqlite"]);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr.split("\n").filter((line) => line.startsWith("reckon: "))).toHaveLength(1);
    expect(outcome.stdout).toContain("most");
  });
});
