import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { Place, root } from "./command-line.ts";
import { shop } from "./shop.ts";

const schema = JSON.parse(readFileSync(join(root, "docs/spec/plan.schema.json"), "utf8")) as object;
const isPlan = new Ajv().compile(schema);

interface Plan {
  readonly scenario: string;
  readonly strategy: string;
  readonly rewrites: { kind: string; work: string; units: string[]; along?: string[] }[];
  readonly units: { name: string; kind: string; measuredMs?: number }[];
  readonly scenarios: {
    scenario: string;
    sameAs?: string;
    sharedWith?: string;
    idle: string[];
    overridden: number;
    units: number;
  }[];
  readonly recommendations: { kind: string; attribute?: string }[];
  readonly comparison?: { strategies: string[]; repeats: number; cellsCompared: number; difference?: string };
}
const checked = (json: unknown): Plan => {
  expect(isPlan(json), JSON.stringify(isPlan.errors)).toBe(true);
  return json as Plan;
};

/** Members and periods enough that rewrites pay. */
const large = `model large
time month 2000-01..2009-12
axis store = ${Array.from({ length: 200 }, (_, i) => `s${i}`).join(", ")}
block sales by store, month
  input units = 3
  input price = 2
  share  = units / sum(units over store)
  weight = units / sum(units over store)
  ahead  = price * sum(units over store) - 1
  level  = sum(price over store) + 1
block total by month
  units = sum(sales.share over store)
check total.units > 0
`;
const files = {
  "large.reckon": large,
  "more.reckon": "scenario more of large\n  sales.units *= 2\n",
  "twin.reckon": "scenario twin of large\n  sales.units *= 2\n",
  "twice.reckon": "scenario twice of large\n  sales.units = 6\n",
  "idle.reckon": "scenario idle of large\n  sales.units = 3\n  sales.price = 5\n",
};

describe("plan", () => {
  it("[CL55] prints what was done, levels, the critical path, times and recommendations", () => {
    const { stdout, stderr, code } = new Place(files).reckon(["plan", "large.reckon"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(
      /^large · plan of base\n\n {2}7 attributes, 10 nodes in \d levels, \d+ references, /,
    );
    expect(stdout).toMatch(/merged +\S+ ms {2}sales\.share computes for sales\.weight too/);
    expect(stdout).toMatch(/shared .* sum\(sales\.units\) once for sales\.share, sales\.ahead/);
    expect(stdout).toMatch(/hoisted .* sum\(sales\.price\) \+ 1 in sales\.level once for every store/);
    expect(stdout).toMatch(/Levels: units that could run at once\n {2}1 {2}█+ +\d+ +\S+ ms\n/);
    expect(stdout).toMatch(/Critical path: \S+ ms of \S+ ms, so no number of threads makes it more than/);
    expect(stdout).toMatch(/sequential +\S+ ms predicted, measured \S+ ms \(predicted \S+ times that\)/);
    expect(stdout).toMatch(/Recommended\n {2}- /);
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("[CL55] fits a narrow window, and shows the dearest of many rewrites", () => {
    const twins = Array.from(
      { length: 30 },
      (_, i) => `  twin_${i} = units / sum(units over store) + 0 * price\n`,
    );
    const text = large.replace(
      "block total",
      `${twins.map((line, i) => line.replace("0 *", `${i >> 1} *`)).join("")}block total`,
    );
    const { stdout } = new Place({ "large.reckon": text }).reckon(["plan", "large.reckon"], {
      env: { COLUMNS: "60" },
    });
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(60);
    expect(stdout).toMatch(/\n {2}and \d+ others, \S+ ms together; --json lists all\n/);
  });

  it("[CL55] says of a small model that nothing pays", () => {
    const { stdout, code } = new Place(shop).reckon(["plan", "shop.reckon"]);
    expect(code).toBe(0);
    expect(stdout).toContain("nothing: no rewrite would pay");
    expect(stdout).toContain("stay sequential: all of it takes");
  });

  it("[CL55] lists what scenarios compute of their own, which share it, and which work out the same", () => {
    const place = new Place(files);
    const { stdout } = place.reckon(["plan", "large.reckon", "more", "twin", "twice", "idle"]);
    expect(stdout).toMatch(/^large · plan of more\n/);
    expect(stdout).toMatch(
      /twin {3}1 override reach \d+ units, .*; says the same as more: computed\s+once for/,
    );
    expect(stdout).toMatch(
      /twice {2}1 override reach \d+ units, .*; the same values as more: the work\s+is done twice/,
    );
    expect(stdout).toMatch(/\n {2}done twice: \d+ units, \S+ ms\n/);
    const { scenarios } = checked(
      place.json(["plan", "large.reckon", "more", "twin", "twice", "idle", "--json"]),
    );
    expect(scenarios.map(({ scenario, sharedWith, sameAs }) => [scenario, sharedWith, sameAs])).toEqual([
      ["more", undefined, undefined],
      ["twin", "more", undefined],
      ["twice", undefined, "more"],
      ["idle", undefined, undefined],
    ]);
    expect(scenarios[3]).toMatchObject({ idle: ["sales.units"], overridden: 2 });
  });

  it("[CL56] leaves out what nobody wants, in run as well, with the same results", () => {
    const place = new Place(files);
    const plan = checked(place.json(["plan", "large.reckon", "--only", "sales.level", "--json"]));
    const [pruned] = plan.rewrites.filter(({ kind }) => kind === "prune");
    expect(pruned?.units).toEqual(["sales.weight", "sales.ahead"]);
    expect(plan.units.map(({ name }) => name)).not.toContain("sales.ahead");
    const whole = place.json(["run", "large.reckon", "--json"]) as {
      attributes: Record<string, unknown>;
      checks: unknown;
    };
    const part = place.json(["run", "large.reckon", "--only", "sales.ahead", "--json"]) as typeof whole;
    expect(part.attributes).toEqual({ "sales.ahead": whole.attributes["sales.ahead"] });
    expect(part.checks).toEqual(whole.checks);
  });

  it("[CL57] leaves out rewrites by name, and refuses what is none", () => {
    const place = new Place(files);
    const { strategy, rewrites } = checked(
      place.json(["plan", "large.reckon", "--without", "merge,hoist", "--json"]),
    );
    expect([strategy, [...new Set(rewrites.map(({ kind }) => kind))]]).toEqual([
      "no-merge,no-hoist",
      ["share"],
    ]);
    const refused = place.reckon(["plan", "large.reckon", "--without", "merg"]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      "reckon: no rewrite `merg`; did you mean `merge`?\nTry: reckon plan --help\n",
    ]);
  });

  it("[CL58] runs two strategies in turn and compares every cell", () => {
    const place = new Place(files);
    const { stdout, code } = place.reckon(["plan", "large.reckon", "--ab", "all", "none", "--repeat", "2"]);
    expect(code).toBe(0);
    expect(stdout).toContain("all against none: laid and computed from cold, 2 times in turn (medians)");
    expect(stdout).toMatch(
      /(?:all is \S+ times as fast as none|none is \S+ times\s+as fast as all) \(\S+ … [^)]+\)|no verdict: the machine is too noisy|no difference to be seen/,
    );
    expect(stdout).toContain("all 144_120 cells are the same, bit for bit");
    const { comparison } = checked(
      place.json(["plan", "--ab", "no-share", "--repeat", "1", "large.reckon", "more", "--json"]),
    );
    expect(comparison).toMatchObject({
      strategies: ["all", "no-share"],
      repeats: 1,
      cellsCompared: 2 * 144_120,
    });
    expect(comparison?.difference).toBeUndefined();
  });

  it.each([
    [
      ["--ab", "merge,no-hoist", "none"],
      "write either what is on (merge,share) or what is off (no-merge,no-share)",
    ],
    [["--ab", "all", "none", "merge"], "--ab compares two strategies, not 3"],
    [["--ab", "none", "--repeat", "0"], "write a whole number from 1 to 1000"],
    [["--repeat", "3"], "--repeat goes with --ab"],
  ])("[CL58] refuses %j", (args, message) => {
    const { code, stderr } = new Place(files).reckon(["plan", "large.reckon", ...args]);
    expect([code, stderr.includes(message)], stderr).toEqual([2, true]);
  });

  it("[CL59] prints JSON that agrees with its schema", () => {
    const plan = checked(new Place(files).json(["plan", "large.reckon", "more", "--json"]));
    expect([plan.scenario, plan.strategy]).toEqual(["more", "all"]);
    expect(plan.units.find(({ name }) => name === "sales.share")?.measuredMs).toBeGreaterThanOrEqual(0);
    expect(plan.rewrites.find(({ kind }) => kind === "hoist")).toMatchObject({
      units: ["sales.level"],
      along: ["store"],
    });
  });

  it("[CL44] [CL58] finds the model behind --ab and --without, with scenarios behind it", () => {
    const place = new Place(files);
    const compared = (args: string[]) => {
      const { scenario, comparison } = checked(place.json(["plan", "--repeat", "1", "--json", ...args]));
      return [scenario, comparison?.strategies];
    };
    expect(compared(["--ab", "none", "merge", "large.reckon", "more"])).toEqual(["more", ["none", "merge"]]);
    expect(compared(["--ab", "large.reckon"])).toEqual(["base", ["all", "none"]]);
    expect(compared(["large.reckon", "--ab"])).toEqual(["base", ["all", "none"]]);
    const without = ["plan", "--without", "merge,share", "large.reckon", "more", "--json"];
    expect(checked(place.json(without))).toMatchObject({ scenario: "more", strategy: "no-merge,no-share" });
    expect(place.reckon(["plan", "--without", "large.reckon"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^reckon: --without needs names of rewrites: prune, fold, /),
    });
  });

  it("tells of an attribute or a model that is not there", () => {
    const place = new Place(files);
    expect(place.reckon(["plan", "large.reckon", "--only", "sales.shar"])).toMatchObject({
      code: 2,
      stderr: "reckon: no attribute `sales.shar`; did you mean `sales.share`?\n",
    });
    expect(place.reckon(["plan", "none.reckon"]).code).toBe(2);
  });
});
