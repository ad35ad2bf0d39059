import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { Place, root } from "./command-line.ts";
import { shop } from "./shop.ts";

const schema = JSON.parse(readFileSync(join(root, "docs/spec/profile.schema.json"), "utf8")) as object;
const isProfile = new Ajv({ allowUnionTypes: true }).compile(schema);

interface Run {
  readonly ms: number;
  readonly runs: number[];
  readonly unmeasuredMs?: number;
  readonly phases: { phase: string; subject: string; ms: number; grownBytes?: number }[];
  readonly levels: { computations: number }[];
  readonly loops: {
    kind: string;
    name: string;
    attributes: string[];
    solves: number;
    iterations: number;
    sweeps: number;
    unconverged: number;
  }[];
  readonly attributes: {
    attribute: string;
    scenario: string;
    kind: string;
    computations: number;
    cells: number;
    changes: number;
    ms: number;
    waitedMs: number;
    bytes: number;
  }[];
}
interface Profile {
  readonly scenarios: string[];
  readonly opening: Run;
  readonly edit?: Run & { sets: string[] };
}
const checked = (json: unknown): Profile => {
  expect(isProfile(json), JSON.stringify(isProfile.errors)).toBe(true);
  return json as Profile;
};
const rowOf = (run: Run | undefined, attribute: string, scenario = "base") =>
  run?.attributes.find((row) => row.attribute === attribute && row.scenario === scenario);

const loan = `model loan
time year 2026..2035
block debt by year
  input rate = 5%
  interest = (opening + closing) / 2 * rate
  opening = closing[t-1]  start 100
  closing = opening + interest
  loop closing start 100 tolerance 1e-9
`;

/** As many attributes as asked for, each reading the one before. */
function chain(count: number): string {
  const lines = Array.from({ length: count - 1 }, (_, i) => `  x${i + 1} = x${i} + 1`);
  return `model chain\nblock b\n  input x0 = 1\n${lines.join("\n")}\n`;
}

describe("profile", () => {
  it("[PF20] prints phases and attributes with their times, in a narrow window, too", () => {
    const place = new Place({
      "three.reckon": "model three\nblock b\n  input a = 2\n  x = a * 3\n  y = x + a\n",
    });
    const { code, stdout, stderr } = place.reckon(["profile", "three.reckon"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^three: opened in [\d.]+ ms\n/);
    for (const phase of ["read", "parse", "check", "lay", "calculate base"]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${phase} +[\\d.]+ +\\d+ % +[+-]?[\\d.]+ [kM]?B`, "m"));
    }
    for (const attribute of ["b.x", "b.y"]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${attribute} +[\\d.]+ +\\d+ % +1 +1 +8 B`, "m"));
    }
    const narrow = place.reckon(["profile", "three.reckon"], { env: { COLUMNS: "40" } });
    const rows = narrow.stdout.split("\n").filter((line) => line.startsWith("  "));
    expect(rows.length).toBeGreaterThan(6);
    expect(Math.max(...rows.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it("[PF20] shows the longest of many attributes, and sums the others", () => {
    const place = new Place({ "chain.reckon": chain(2000) });
    const { stdout } = place.reckon(["profile", "chain.reckon"]);
    expect(stdout.match(/^ {2}b\.x\d+ /gm)).toHaveLength(20);
    expect(stdout).toMatch(/^ {2}and 1,979 more +[\d.]+ +\d+ %$/m);
    const three = place.reckon(["profile", "chain.reckon", "--top", "3"]);
    expect(three.stdout.match(/^ {2}b\.x\d+ /gm)).toHaveLength(3);
    expect(three.stdout).toMatch(/^ {2}and 1,996 more/m);
    expect(three.stdout.match(/^ {2}levels? \d+/gm)).toHaveLength(3);
  });

  it("[PF20] tells apart what a scenario calculates", () => {
    const place = new Place(shop);
    const { stdout } = place.reckon(["profile", "shop.reckon", "cheap"]);
    expect(stdout).toMatch(/^shop: opened under cheap in /);
    expect(stdout).toMatch(/^ {2}calculate cheap /m);
    expect(stdout).toMatch(/^ {2}sales\.revenue · cheap /m);
    const { scenarios, opening } = checked(place.json(["profile", "shop.reckon", "cheap", "--json"]));
    expect(scenarios).toEqual(["cheap"]);
    expect(rowOf(opening, "sales.revenue", "cheap")).toMatchObject({ computations: 1, cells: 12 });
    // The prices are overridden and the units are not.
    expect(rowOf(opening, "sales.price", "cheap")).toMatchObject({ kind: "input" });
    expect(rowOf(opening, "sales.units", "cheap")).toBeUndefined();
    expect(rowOf(opening, "sales.units")).toMatchObject({ kind: "input", computations: 0, bytes: 96 });
  });

  it("[PF20] names a loop with its members and sweeps", () => {
    const place = new Place({ "loan.reckon": loan });
    const { opening } = checked(place.json(["profile", "loan.reckon", "--json"]));
    const loop = opening.loops.find(({ kind }) => kind === "loop");
    expect(loop).toMatchObject({ name: "debt.closing" });
    expect(loop?.attributes.toSorted()).toEqual(["debt.closing", "debt.interest", "debt.opening"]);
    expect(loop?.iterations).toBeGreaterThan(10);
    expect(loop?.sweeps).toBeGreaterThanOrEqual(loop?.iterations ?? 0);
    expect(loop?.solves).toBeGreaterThan(1);
    expect(place.reckon(["profile", "loan.reckon"]).stdout).toMatch(
      /^loops and recurrences.*\n {2}debt\.closing +[\d.]+ +\d+ % +3 +\d+/m,
    );
    const stuck = loan.replace("loop closing", "x = IF(x > 1, 0, 2)\n  loop x\n  loop closing");
    place.write("stuck.reckon", stuck);
    expect(place.reckon(["profile", "stuck.reckon"]).stdout).toMatch(/^ {2}debt\.x, \d+ not converged /m);
  });

  it("[PF27] says what the same takes unmeasured", () => {
    const place = new Place(shop);
    const args = ["profile", "shop.reckon", "--set", "sales.price=12"];
    const { stdout } = place.reckon(args);
    expect(stdout).toMatch(/^Laying and calculating takes [\d.]+ ms when it is done again unmeasured\.$/m);
    expect(stdout).toMatch(/^The edit takes [\d.]+ ms when it is done again unmeasured\.$/m);
    const { opening, edit } = checked(place.json([...args, "--json"]));
    expect([opening, edit].every((run) => (run?.unmeasuredMs ?? 0) > 0)).toBe(true);
  });

  it("[PF23] prints JSON that agrees with the schema, whose phases make up the whole", () => {
    const profile = checked(
      new Place(shop).json(["profile", "shop.reckon", "--json", "--set", "sales.price=12"]),
    );
    for (const run of [profile.opening, profile.edit as Run]) {
      const sum = run.phases.reduce((total, { ms }) => total + ms, 0);
      expect(sum).toBeCloseTo(run.ms, 6);
      expect(run.runs).toEqual([run.ms]);
    }
    expect(
      profile.opening.phases.every(
        ({ phase, grownBytes }) => phase === "compile" || grownBytes !== undefined,
      ),
    ).toBe(true);
  });
});

describe("profiling an edit", () => {
  it("[PF21] makes it in the base, and counts what ran again and what changed", () => {
    const place = new Place(shop);
    const { edit } = checked(
      place.json(["profile", "shop.reckon", "cheap", "--json", "--set", "sales.price[South, 2026-06]=30"]),
    );
    expect(edit?.sets).toEqual(["sales.price[South, 2026-06]=30"]);
    expect(rowOf(edit, "sales.revenue")).toMatchObject({ computations: 1, cells: 1, changes: 1 });
    expect(rowOf(edit, "sales.revenue", "cheap")).toMatchObject({ computations: 1, cells: 1, changes: 1 });
    expect(edit?.phases.map(({ phase }) => phase)).toEqual(["edit", "calculate", "calculate"]);
    expect(place.reckon(["profile", "shop.reckon", "--set", "cash.rate=2%"]).stdout).toMatch(
      /^edit cash\.rate=2%: done in [\d.]+ ms$/m,
    );
  });

  it("[PF21] takes several assignments as one edit", () => {
    const { edit } = checked(
      new Place(shop).json(["profile", "shop.reckon", "--json", "--set", "sales.price=1", "cash.rate=2%"]),
    );
    expect(rowOf(edit, "cash.balance")).toMatchObject({ computations: 1 });
  });

  it("[PF21] refuses what does not fit the model, and says when nothing changes", () => {
    const place = new Place(shop);
    const refused = (...set: string[]) => place.reckon(["profile", "shop.reckon", "--set", ...set]);
    expect(refused("sales.prize=1")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "reckon: no attribute `sales.prize`; did you mean `sales.price`?\n",
    });
    expect(refused("sales.prize=1", "cash.rat=1").stderr).toContain(
      "did you mean `sales.price`?\nreckon: no attribute `cash.rat`; did you mean `cash.rate`?",
    );
    expect(refused("sales.price[West]=1")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("`West` is no label of sales.price"),
    });
    expect(refused("sales.price=cheap")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("cannot set sales.price to cheap: "),
    });
    expect(refused("sales.revenue=1")).toMatchObject({ code: 2, stdout: "" });
    expect(refused("sales.price=")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("write block.attribute=value"),
    });
    expect(refused("cash.rate=1%")).toMatchObject({
      code: 0,
      stderr: "reckon: the edit changes nothing: cash.rate=1%\n",
    });
  });

  it("[PF22] repeats it, and shows the run in the middle", () => {
    const place = new Place(shop);
    const args = ["profile", "shop.reckon", "--set", "sales.price=12", "--repeat", "3"];
    const { opening, edit } = checked(place.json([...args, "--json"]));
    for (const run of [opening, edit as Run]) {
      expect(run.runs).toHaveLength(3);
      expect(run.ms).toBe(run.runs.toSorted((a, b) => a - b)[1]);
    }
    // Each time the edit is made anew.
    expect(rowOf(edit, "sales.revenue")).toMatchObject({ computations: 1, cells: 12, changes: 1 });
    expect(place.reckon(args).stdout).toMatch(
      /^shop: opened in [\d.]+ ms, the middle of 3 runs \([\d.]+ to [\d.]+ ms\)/,
    );
  });

  it("[PF22] refuses counts that are none", () => {
    const place = new Place(shop);
    for (const wrong of ["0", "two", "1.5", "-1", "5000"]) {
      expect(place.reckon(["profile", "shop.reckon", `--repeat=${wrong}`])).toMatchObject({
        code: 2,
        stdout: "",
        stderr: expect.stringContaining(`--repeat takes a whole number from 1 to 1000, and not ${wrong}`),
      });
    }
    expect(place.reckon(["profile", "shop.reckon", "--top", "none"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--top takes a whole number from 1 on, and not none"),
    });
  });
});

describe("profile files", () => {
  const set = ["--set", "sales.price=12"];

  it("[PF24] are written for Speedscope or Chrome, as the name or --format says", () => {
    const place = new Place(shop);
    const written = (...args: string[]) => {
      const name = args[0] as string;
      const { code, stdout, stderr } = place.reckon(["profile", "shop.reckon", ...set, "--out", ...args]);
      expect({ code, stderr: stderr.split(":")[0] }).toEqual({ code: 0, stderr: `wrote ${name}` });
      expect(stdout).toContain("shop: opened in");
      return JSON.parse(readFileSync(place.path(name), "utf8")) as never;
    };
    const speedscope: { $schema: string; profiles: { name: string; events: unknown[] }[] } =
      written("a.speedscope.json");
    expect(speedscope.$schema).toBe("https://www.speedscope.app/file-format-schema.json");
    expect(speedscope.profiles.map(({ name }) => name)).toEqual(["opening", "edit sales.price=12"]);
    expect(speedscope.profiles.every(({ events }) => events.length > 0 && events.length % 2 === 0)).toBe(
      true,
    );
    const chrome: { traceEvents: { ph: string; name: string }[] } = written("a.trace.json");
    expect(chrome.traceEvents.filter(({ name }) => name === "sales.revenue")).toHaveLength(2);
    const named: { traceEvents: unknown[] } = written("b.json", "--format", "chrome");
    expect(named.traceEvents.length).toBeGreaterThan(10);
    expect(JSON.stringify(written("b.trace.json", "--format", "speedscope"))).toContain("speedscope.app");
  });

  it("[PF24] need a name that says what they are", () => {
    const place = new Place(shop);
    const refused = (...args: string[]) => place.reckon(["profile", "shop.reckon", ...args]);
    expect(refused("--out", "a.json")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Call it a.speedscope.json or *.trace.json, or add --format"),
    });
    expect(refused("--out", "a.json", "--format", "chrom")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no format chrom; did you mean chrome?"),
    });
    expect(refused("--format", "chrome")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("give --out, too"),
    });
  });

  it("[PF24] are refused where nothing can be written, before anything is opened", () => {
    const place = new Place({ ...shop, "kept.trace.json": "{}", "locked/x": "" });
    const refused = (path: string) => place.reckon(["profile", "missing.reckon", "--out", path]);
    expect(refused("nowhere/a.trace.json")).toMatchObject({
      code: 2,
      stdout: "",
      stderr: "reckon: cannot write nowhere/a.trace.json: there is no folder nowhere\n",
    });
    expect(refused("shop.reckon/a.trace.json").stderr).toContain("there is no folder shop.reckon");
    place.write("folder.trace.json/x", "");
    expect(refused("folder.trace.json").stderr).toContain("it is a folder");
    // The superuser may write anywhere.
    if (process.getuid?.() === 0) return;
    chmodSync(place.path("kept.trace.json"), 0o444);
    expect(refused("kept.trace.json").stderr).toContain("the file is read-only");
    chmodSync(place.path("locked"), 0o555);
    expect(refused("locked/a.trace.json").stderr).toContain("the folder locked is read-only");
    chmodSync(place.path("locked"), 0o755);
  });
});

describe("what keeps a profile from being taken", () => {
  it("[PF26] is reported as run does", () => {
    const place = new Place({ ...shop, "wrong.reckon": "model wrong\nblock b\n  a = c + 1\n" });
    for (const args of [
      ["wrong.reckon"],
      ["missing.reckon"],
      ["shop.reckon", "chaep"],
      ["shop.reckon", "-s", "none.reckon"],
    ]) {
      const { code, stdout, stderr } = place.reckon(["profile", ...args]);
      expect(stdout).toBe("");
      expect({ code, stderr }).toEqual(withoutData(place.reckon(["run", ...args])));
    }
  });

  const waiting = {
    "slow.reckon":
      'model slow\nuse "./slow.ts" as slow\nblock b\n  input x = 2\n  y = slow.answer(x)\n  z = slow.burn(x)\n',
    "slow.ts":
      "export const answer = async (x) => { await new Promise((done) => setTimeout(done, 60)); return x; };\n" +
      "export const burn = (x) => { for (const end = Date.now() + 30; Date.now() < end; ); return x; };\n" +
      "export const never = () => new Promise(() => {});\n",
  };

  it("[PF25] waiting for a module is told apart from computing, and is not drawn out by collecting garbage", () => {
    const { opening } = checked(
      new Place(waiting).json(["profile", "slow.reckon", "--allow-modules", "--json"]),
    );
    const [answer, burn] = [rowOf(opening, "b.y"), rowOf(opening, "b.z")];
    // What is slept and burnt is known; what the machine does besides is not.
    expect(answer?.waitedMs).toBeGreaterThan(25);
    expect(answer?.ms).toBeLessThan(answer?.waitedMs as number);
    expect(opening).not.toHaveProperty("unmeasuredMs");
    expect(burn).toMatchObject({ waitedMs: 0 });
    expect(burn?.ms).toBeGreaterThan(25);
    expect(opening.phases.map(({ phase }) => phase)).toEqual(expect.arrayContaining(["modules", "waiting"]));
  });

  it("[PF26] a function that never answers is named, and what is there is shown", () => {
    const text = waiting["slow.reckon"].replace("slow.answer", "slow.never");
    const place = new Place({ ...waiting, "slow.reckon": text });
    const { code, stdout, stderr } = place.reckon([
      "profile",
      "slow.reckon",
      "--allow-modules",
      "--repeat",
      "3",
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain("no answer yet for b.y");
    expect(stdout).toMatch(/^ {2}b\.z /m);
  });
});

function withoutData({ code, stderr }: { readonly code: number | null; readonly stderr: string }) {
  return { code, stderr };
}
