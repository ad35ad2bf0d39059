import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { Place, root } from "./command-line.ts";

const schemaOf = (command: string) =>
  JSON.parse(readFileSync(join(root, `docs/spec/${command}.schema.json`), "utf8")) as {
    readonly definitions: Record<string, unknown>;
  };

/**
 * Three loops: `debt` converges in every month and region; `market` has two solutions, and 0 between them; no value of
 * `stock` satisfies its condition in the months in which it is asked.
 */
const model = `model troubles

time month 2026-01..2026-06
axis region = North, South

block debt by region, month
  input cash: USD = { North: 40_000, South: 55_000 }
  opening: USD = closing[t-1]                       start 2_000_000
  input share = 1
  interest: USD = (opening + closing) / 2 * 8% / 12
  closing: USD = opening + interest - MIN(opening, MAX(0, cash / share - interest))
  loop closing  start opening  tolerance 0.01 USD  limit 50

block market
  demand = 3 * price / (1 + price * price)
  price = demand
  loop price  start 1

block stock by month
  input is_asked = [0, 1, 0, 0, 1, 0]
  order: unit = IF(is_asked > 0, IF(level > 10, 0, 20), 5)
  level: unit = order
  loop order  limit 30
  bill = level * 3 + 1
  so_far = so_far[t-1] + bill   start 0

check market.price > 0
`;
const calm = "scenario calm of troubles\n  stock.is_asked = 0\n";
const files = { "troubles.reckon": model, "calm.reckon": calm };
const looplessModel = "model none\nblock b\n  input x = 1\n  y = x + 1\n";

describe("run with loops", () => {
  it("[CL64] warns of the one that was not solved, and only where it was not", () => {
    const place = new Place(files);
    const { code, stderr } = place.reckon(["run", "troubles.reckon"]);
    const lines = stderr.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^warning\[loop\/not-converged\] {2}stock\.(order|level) ↔ .*, 2026-0[25]$/);
    expect(lines[1]).toMatch(/^ {2}\d+ of 30 iterations, residual \d+ unit > [\d.e-]+, switching/);
    expect(lines[2]).toBe("  2 of 6 solves did not converge (2026-02 … 2026-05), this one least");
    // The bill of two months, and what was summed up from the first of them on.
    expect(lines[3]).toBe("  7 values downstream are marked unconverged (~)");
    expect(place.reckon(["run", "troubles.reckon", "calm"]).stderr).toBe("");
    const both = place.reckon(["run", "troubles.reckon", "base", "calm", "--json"]).stderr;
    expect(both.match(/warning/g)).toHaveLength(1);
    expect(both).toContain(", base\n");
    // The same trouble under several scenarios is one.
    const dear = new Place({ ...files, "dear.reckon": "scenario dear of troubles\n  debt.cash = 30_000\n" });
    const all = dear.reckon(["run", "troubles.reckon", "-s", "base", "calm", "dear", "--json"]).stderr;
    expect(all.match(/warning/g)).toHaveLength(1);
    expect(all).toContain(", base and dear\n");
    expect(place.reckon(["diff", "troubles.reckon", "base", "calm"]).stderr).toContain("loop/not-converged");
  });

  it("[CL64] says nothing of one that an error has stopped", () => {
    const { stdout, stderr } = new Place(files).reckon([
      "run",
      "troubles.reckon",
      "calm",
      "--set",
      "debt.share=0",
    ]);
    expect(stderr).toBe("");
    expect(stdout).toContain("#DIV/0!");
  });

  it("[CL64] tells the first of very many", () => {
    const many = Array.from(
      { length: 25 },
      (_, i) => `  x${i} = IF(y${i} > 1, 0, 2)\n  y${i} = x${i}\n  loop x${i}\n`,
    );
    const place = new Place({ "many.reckon": `model many\nblock b\n${many.join("")}  z = y0 + y24\n` });
    const { stderr } = place.reckon(["run", "many.reckon"]);
    expect(stderr.match(/^warning\[loop\/not-converged\]/gm)).toHaveLength(20);
    expect(stderr).toContain(
      "reckon: and 5 more like these; `reckon loops` lists all\n  1 value downstream is marked unconverged (~)\n",
    );
  });

  it("[CL64] names the cells of a loop that is made of some cells of an attribute", () => {
    const text = `model cells
axis seg = A, B, C
block g by seg
  u = IF(MEMBER(seg) = "A", IF(u["B"] > 10, 0, 20), u["A"])
  loop u
  w = u["C"] + 1
`;
    const place = new Place({ "cells.reckon": text });
    const { stderr } = place.reckon(["run", "cells.reckon"]);
    expect(stderr).toMatch(/^warning\[loop\/not-converged\] {2}g\.u\[[AB]\] ↔ g\.u\[[AB]\]$/m);
    // u of C reads that of A, and is in no loop; w reads u of C.
    expect(stderr).toContain("4 values downstream are marked");
    const isResult = new Ajv({ allowUnionTypes: true }).compile(schemaOf("run"));
    const result = place.json(["run", "cells.reckon", "--json"]) as { loops: { cells: unknown }[] };
    expect(isResult(result), JSON.stringify(isResult.errors)).toBe(true);
    expect(result.loops[0]?.cells).toHaveLength(2);
    expect(place.reckon(["loops", "cells.reckon"]).stdout).toMatch(/^g\.u: g\.u\[[AB]\] ↔ g\.u\[[AB]\]$/m);
  });

  it("[CL65] marks what must not be trusted", () => {
    const place = new Place(files);
    const { stdout } = place.reckon(["run", "troubles.reckon", "base", "calm", "--only", "stock,market"]);
    const after = stdout.slice(stdout.indexOf("  so_far"));
    expect(after).toMatch(/^ {4}base +16( +~[\d,]+){5}$/m);
    expect(after).toMatch(/^ {4}calm( +[\d,]+){6}$/m);
    expect(stdout).toMatch(/^ {2}price +1\.41/m);
    expect(stdout).toContain("~ in or behind a loop that has not converged");
    expect(place.reckon(["run", "troubles.reckon", "calm"]).stdout).not.toContain("~");
    // An error says so itself.
    const growth =
      "model growth\nblock b\n  wages = prices + 1\n  prices = wages\n  loop prices\n  paid = ISERROR(wages)\n";
    const errors = new Place({ "growth.reckon": growth }).reckon(["run", "growth.reckon"]).stdout;
    expect(errors).toMatch(/^ {2}wages +#NUM!$/m);
    expect(errors).toMatch(/^ {2}paid +~TRUE$/m);
  });

  it("[CL65] [CL15] lists these cells in JSON, and every solve in full", () => {
    const isResult = new Ajv({ allowUnionTypes: true }).compile(schemaOf("run"));
    const result = new Place(files).json(["run", "troubles.reckon", "--json"]) as {
      readonly unconverged: unknown;
      readonly loops: { loop: string; verdict: string; at: string[]; iterations: number }[];
    };
    expect(isResult(result), JSON.stringify(isResult.errors)).toBe(true);
    expect(result.unconverged).toEqual({
      "stock.order": [
        { from: 1, to: 2 },
        { from: 4, to: 5 },
      ],
      "stock.level": [
        { from: 1, to: 2 },
        { from: 4, to: 5 },
      ],
      "stock.bill": [
        { from: 1, to: 2 },
        { from: 4, to: 5 },
      ],
      "stock.so_far": [{ from: 1, to: 6 }],
    });
    const verdictsOf = (loop: string) =>
      result.loops.filter((each) => each.loop === loop).map(({ verdict }) => verdict);
    expect(new Set(verdictsOf("debt.closing"))).toEqual(new Set(["converged"]));
    expect(verdictsOf("stock.order")).toEqual([
      "converged",
      "switching",
      "converged",
      "converged",
      "switching",
      "converged",
    ]);
  });

  it("[CL71] why says how a cell's loop was solved, or by which way it depends on one that was not", () => {
    const place = new Place(files);
    const member = place.reckon(["why", "troubles.reckon", "debt.closing[North, 2026-02]"]).stdout;
    expect(member).toMatch(/loop +debt\.closing: converged in \d+ iterations?, last change/);
    expect(member).toMatch(/debt\.closing from 1,9[\d,.]+ \(start opening\), which chose the solution/);
    expect(member).toMatch(/residuals [▁-█…]+ {2}\d/);
    const behind = place.reckon(["why", "troubles.reckon", "stock.so_far[2026-03]"]).stdout;
    expect(behind).toContain(
      "~         not converged: reads stock.so_far[2026-02], which reads stock.bill[2026-02], which reads stock.level[2026-02]",
    );
    const json = place.json(["why", "troubles.reckon", "stock.order[2026-02]", "--json"]);
    expect(json).toMatchObject({
      loop: { verdict: "switching", unit: "unit", cuts: [{ attribute: "stock.order", start: 0 }] },
      unconverged: [{ attribute: "stock.order", at: ["2026-02"] }],
    });
  });
});

describe("watch with loops", () => {
  it("[CL66] warns when a save leaves a loop unsolved, and says when all converge again", async () => {
    const place = new Place({ "troubles.reckon": model.replace("[0, 1, 0, 0, 1, 0]", "0") });
    const watch = place.start(["watch", "troubles.reckon"]);
    await watch.message("Ctrl-C ends");
    place.write("troubles.reckon", model);
    await watch.message("warning[loop/not-converged]");
    place.write("troubles.reckon", model.replace("[0, 1, 0, 0, 1, 0]", "0"));
    await watch.message("every loop converges again");
    expect((await watch.end("SIGTERM")).code).toBe(0);
  });
});

describe("loops", () => {
  it("[CL67] prints a line a loop, the worst first, and what would help", () => {
    const { code, stdout, stderr } = new Place(files).reckon(["loops", "troubles.reckon"], {
      env: { COLUMNS: "120" },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[2]).toMatch(
      /^loop +worst at +solves +sweeps +last delta +ratio +verdict +method +residuals$/,
    );
    expect(lines[3]).toMatch(/^stock\.order +2026-0[25] +2 of 6 +\d+ +\d+ .*switching .*[▁-█]/);
    expect(lines.slice(4, 6).join("\n")).toMatch(/^debt\.closing +\w+, 2026-0\d +12 .*converged/m);
    expect(stdout).toMatch(/^stock\.order: stock\.\w+ ↔ stock\.\w+$/m);
    expect(stdout).toContain("  - no value fits, so one was chosen: ");
    expect(stdout).toContain("  tolerance 0.01 USD and 1e-9 of the value, limit 50");
    expect(stdout).toMatch(/debt\.closing from [\d,.]+ \(start opening\) to [\d,.]+/);
  });

  it("[CL67] prints a line a solve with --all, for each scenario asked for", () => {
    const { stdout } = new Place(files).reckon(["loops", "troubles.reckon", "base", "calm", "--all"]);
    expect(stdout.match(/^debt\.closing {2}North, 2026-0\d /gm)).toHaveLength(12);
    expect(stdout.match(/switching/g)?.length).toBeGreaterThanOrEqual(2);
    const parts = stdout.split("troubles · calm");
    expect(parts).toHaveLength(2);
    expect(parts[1]).not.toContain("switching");
  });

  it("[CL67] fits every width, and keeps the verdict", () => {
    const place = new Place(files);
    for (const columns of [200, 80, 60, 40, 24]) {
      const { stdout } = place.reckon(["loops", "troubles.reckon", "--from", "2,-2"], {
        env: { COLUMNS: String(columns) },
      });
      const widest = Math.max(...stdout.split("\n").map((line) => [...line].length));
      expect(widest).toBeLessThanOrEqual(columns);
      if (columns >= 40) expect(stdout).toMatch(/^stock\.order .*switching/m);
    }
  });

  it("[CL67] tells a solve that runs away before those that only have its error", () => {
    const text = "model m\ntime step 0..3\nblock b by step\n  x = x * x + 1 + x[t-1]  start 1\n  loop x\n";
    const { stdout } = new Place({ "away.reckon": text }).reckon(["loops", "away.reckon"]);
    expect(stdout).toMatch(/^b\.x +0 +4 of 4 .*diverging/m);
    expect(stdout).toContain("each step leads further away");
  });

  it("[CL70] two ends near 0 are one solution", () => {
    const text = "model m\nblock b\n  x = 3.2 * x * (1 - x)\n  loop x  start 0.5\n";
    const { stdout } = new Place({ "m.reckon": text }).reckon(["loops", "m.reckon", "--from=0.01,-1,5"]);
    expect(stdout).toContain("b.x: 2 solutions: the start chooses");
    expect(stdout).toMatch(/from 0\.01, -1$/m);
  });

  it("[CL67] cuts a long name before a place goes", () => {
    const ring = "  average_balance = closing_balance / 2 + 1\n  closing_balance = other_balance / 2\n";
    const text = `model m\ntime year 2026..2028\nblock debtors by year\n${ring}  other_balance = average_balance\n  loop closing_balance\n`;
    const { stdout } = new Place({ "m.reckon": text }).reckon(["loops", "m.reckon", "--all"], {
      env: { COLUMNS: "40" },
    });
    expect(stdout).toMatch(/^debtors\.closing… +2027 .*converged$/m);
    for (const line of stdout.split("\n")) expect([...line].length).toBeLessThanOrEqual(40);
  });

  it("[CL67] names the first of very many cuts", () => {
    const many = Array.from({ length: 60 }, (_, i) => `  x${i} = x${(i + 1) % 60} / 2 + 1\n  loop x${i}\n`);
    const place = new Place({ "many.reckon": `model many\nblock b\n${many.join("")}` });
    const { stdout } = place.reckon(["loops", "many.reckon"], { env: { COLUMNS: "140" } });
    expect(stdout).toMatch(/^b\.x0 \+ b\.x1 \+ b\.x10 \+ b\.x11 and 56 more .*converged/m);
    expect(stdout.split("\n").length).toBeLessThan(20);
    expect(place.reckon(["why", "many.reckon", "b.x3"]).stdout).toContain("and 56 more like these");
    expect(place.reckon(["run", "many.reckon"]).stdout).toContain("b.x11 and 56 more: converged in");
  });

  it("[CL67] counts the many that converged, and says of a model that it has none", () => {
    const many = Array.from(
      { length: 12 },
      (_, i) => `  x${i} = y${i} / 4 + 1\n  y${i} = x${i}\n  loop x${i}\n`,
    ).join("");
    const place = new Place({ "many.reckon": `model many\nblock b\n${many}`, "none.reckon": looplessModel });
    expect(place.reckon(["loops", "many.reckon"]).stdout).toContain("… and 4 more loops, all converged");
    expect(place.reckon(["loops", "none.reckon"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "reckon: none has no loops: nothing in it depends on itself within a period\n",
    });
    expect(place.json(["loops", "none.reckon", "--json"])).toEqual({
      model: "none",
      scenario: "base",
      loops: [],
    });
  });

  it("[CL69] prints JSON that agrees with its schema", () => {
    const isResult = new Ajv({ allowUnionTypes: true }).compile(schemaOf("loops"));
    const place = new Place(files);
    const results = place.json(["loops", "troubles.reckon", "base", "calm", "--json", "--from", "2,-2"]);
    expect(isResult(results), JSON.stringify(isResult.errors)).toBe(true);
    expect(results).toHaveLength(2);
    const one = place.json(["loops", "troubles.reckon", "--json"]) as { loops: { solves: unknown[] }[] };
    expect(isResult(one), JSON.stringify(isResult.errors)).toBe(true);
    expect(one.loops[0]).toMatchObject({ loop: "stock.order", unsolved: 2, settings: { iterationsMax: 30 } });
    expect(one.loops[0]?.solves).toHaveLength(6);
    const { loop, solve, ...own } = schemaOf("loops").definitions;
    expect([loop, solve].every((each) => each !== undefined)).toBe(true);
    for (const shared of ["scalar", "errorCode", "cell", "problems", "diagnostic"])
      expect(own[shared]).toEqual(schemaOf("run").definitions[shared]);
  });

  it("[CL70] solves again from other starts, and tells the solutions", () => {
    const place = new Place(files);
    const { stdout } = place.reckon(["loops", "troubles.reckon", "calm", "--from", "-2,5"]);
    const said = stdout.slice(stdout.indexOf("solved again from -2, 5"));
    expect(said).toContain("debt.closing: the same solution from every start in all 12 cells");
    expect(said).toContain("market.price: 2 solutions: the start chooses, in 1 of 1 cells");
    expect(said).toMatch(/ {4}1\.41\d* {2}from the declared start, 5\n {4}-1\.41\d* {2}from -2/);
    const json = place.json(["loops", "troubles.reckon", "--from=-2,5", "--json"]) as {
      readonly from: unknown;
      readonly solutions: { attribute: string; solutions: { from: unknown[]; verdict: string }[] }[];
    };
    expect(json.from).toEqual(["declared", -2, 5]);
    const price = json.solutions.find(({ attribute }) => attribute === "market.price");
    expect(price?.solutions.map(({ from, verdict }) => [verdict, ...from])).toEqual([
      ["converged", "declared", 5],
      ["converged", -2],
    ]);
  });

  it("[CL70] tells them for each group of cells apart", () => {
    const text = `model groups
axis seg = A, B, C
block b by seg
  x = IF(MEMBER(seg) = "A", 3 * y / (1 + y * y), IF(MEMBER(seg) = "B", IF(y > 10, 0, 20), 7))
  y = x
  loop x  start 1
  loop y  start 1
`;
    const json = new Place({ "groups.reckon": text }).json([
      "loops",
      "groups.reckon",
      "--from=-2",
      "--json",
    ]) as {
      readonly solutions: { attribute: string; at: string[]; solutions: { verdict: string }[] }[];
    };
    const told = json.solutions.map(
      ({ attribute, at, solutions }) =>
        `${attribute} ${at.join()} ${solutions.map(({ verdict }) => verdict).join()}`,
    );
    expect(told.filter((line) => line.startsWith("b.x"))).toEqual([
      "b.x A converged,converged",
      "b.x B switching",
    ]);
  });

  it("[CL70] says where no start finds a solution, and refuses what is no number", () => {
    const place = new Place(files);
    const { stdout } = place.reckon(["loops", "troubles.reckon", "--from", "100"]);
    expect(stdout.slice(stdout.indexOf("solved again"))).toMatch(/^stock\.order: .*/m);
    expect(stdout).toContain("stock.order: no solution from any start");
    // Where the starts got to does not count: none of them got there.
    const slow = "model slow\nblock b\n  x = 0.95 * y + 10\n  y = x\n  loop y  limit 4  method plain\n";
    const stuck = new Place({ "slow.reckon": slow }).json(["loops", "slow.reckon", "--from=100", "--json"]);
    expect(stuck).toMatchObject({
      solutions: [{ solutions: [{ verdict: "limit", from: ["declared", 100] }] }],
    });
    expect(place.reckon(["loops", "troubles.reckon", "--from", "1,much"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("cannot read --from much: write numbers") as string,
    });
  });
});
