import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { Place, root } from "./command-line.ts";
import { endOf, shop } from "./shop.ts";

const schema = JSON.parse(readFileSync(join(root, "docs/spec/run.schema.json"), "utf8")) as object;
const isResult = new Ajv({ allowUnionTypes: true }).compile(schema);

interface Result {
  readonly scenario: string;
  readonly axes: Record<string, string[]>;
  readonly attributes: Record<string, { kind: string; unit?: string; axes: string[]; values: unknown }>;
  readonly checks: { state: string }[];
  readonly loops: unknown[];
}
const checked = (json: unknown): Result => {
  expect(isResult(json), JSON.stringify(isResult.errors)).toBe(true);
  return json as Result;
};

describe("run as a table", () => {
  it("[CL13] shows dates as days, by the attribute's format where it has one", () => {
    const text = `model terms
block loan
  input begins: date = 2026-03-31
  ends: date = EDATE(begins, 12)  format "d mmm yyyy"
  days = ends - begins
`;
    const { stdout } = new Place({ "terms.reckon": text }).reckon(["run", "terms.reckon"]);
    expect(stdout).toMatchInlineSnapshot(`
      "terms

      loan
        begins   2026-03-31
        ends    31 Mar 2027
        days            365
      "
    `);
  });

  it("[CL11] prints a section a block: periods to the right, members downwards, lists, then checks", () => {
    const { stdout, stderr, code } = new Place(shop).reckon(["run", "shop.reckon"], {
      env: { COLUMNS: "100" },
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "shop  A small shop

      sales  by region, month
                      2026-01  2026-02  2026-03  2026-04  2026-05  2026-06
        price  USD
          North            10       10       10       10       10       10
          South            20       20       20       20       20       20
        units
          North            10       11       12       13       14       15
          South            10       11       12       13       14       15
        revenue  USD
          North           100      110      120      130      140      150
          South           200      220      240      260      280      300

      cash  by month
                       2026-01   2026-02   2026-03   2026-04   2026-05   2026-06
        rate              1.0%      1.0%      1.0%      1.0%      1.0%      1.0%
        income  USD        300       330       360       390       420       450
        balance  USD  1,310.00  1,653.10  2,029.63  2,439.93  2,884.33  3,363.17

      total
        target  USD     3,000
        end  USD     3,363.17
        reached          1.12

      ✓ Target is reached
      "
    `);
  });

  it("[CL11] without time, members run downwards and attributes to the right", () => {
    const place = new Place({
      "m.reckon":
        "model m\naxis team = Red, Blue\nblock score by team\n  input wins = { Red: 3, Blue: 1 }\n  points = wins * 3\n",
    });
    expect(place.reckon(["run", "m.reckon"]).stdout).toMatchInlineSnapshot(`
      "m

      score  by team
              wins  points
        Red      3       9
        Blue     1       3
      "
    `);
  });

  it("[CL12] folds what does not fit and keeps the last column; --full folds nothing", () => {
    const place = new Place(shop);
    for (const width of [40, 60, 80]) {
      const { stdout } = place.reckon(["run", "shop.reckon"], { env: { COLUMNS: String(width) } });
      for (const line of stdout.split("\n").slice(2)) expect(line.length).toBeLessThanOrEqual(width);
      expect(stdout).toContain("2026-06");
    }
    expect(place.reckon(["run", "shop.reckon"], { env: { COLUMNS: "40" } }).stdout).toContain("…");
    const full = place.reckon(["run", "shop.reckon", "--full"], { env: { COLUMNS: "40" } }).stdout;
    expect(full).not.toContain("…");
    for (let i = 1; i <= 6; i++) expect(full).toContain(`2026-0${i}`);
  });

  it("[CL14] puts several scenarios side by side", () => {
    const args = ["run", "shop.reckon", "-s", "base", "cheap", "--only", "total", "cash.balance"];
    const { stdout } = new Place(shop).reckon(args, { env: { COLUMNS: "100" } });
    expect(stdout).toMatchInlineSnapshot(`
      "shop  A small shop · base, cheap

      cash  by month
                       2026-01   2026-02   2026-03   2026-04   2026-05   2026-06
        balance  USD
          base        1,310.00  1,653.10  2,029.63  2,439.93  2,884.33  3,363.17
          cheap       1,160.00  1,336.60  1,529.97  1,740.27  1,967.67  2,212.34

      total
                         base     cheap
        target  USD     3,000     3,000
        end  USD     3,363.17  2,212.34
        reached          1.12      0.74

      base: ✓ Target is reached
      cheap: ✗ Target is reached: total.end >= total.target fails
      "
    `);
  });

  it("[CL5] has no colours in a pipe", () => {
    const place = new Place(shop);
    const { stdout } = place.reckon(["run", "shop.reckon"]);
    expect(stdout).not.toContain("\u001b");
    const coloured = place.reckon(["run", "shop.reckon"], { env: { FORCE_COLOR: "1" } }).stdout;
    expect(coloured).toContain("\u001b[1msales\u001b[22m");
    const plain = place.reckon(["run", "shop.reckon"], {
      env: { FORCE_COLOR: undefined, NO_COLOR: "1" },
    }).stdout;
    expect(plain).toBe(stdout);
  });
});

describe("run as data", () => {
  it("[CL15] prints an object that agrees with the schema, with values as nested lists", () => {
    const result = checked(new Place(shop).json(["run", "shop.reckon", "--json"]));
    expect(result).toMatchObject({ model: "shop", scenario: "base" });
    expect(result.axes.region).toEqual(["North", "South"]);
    expect(result.attributes["sales.price"]).toMatchObject({
      kind: "input",
      unit: "USD",
      axes: ["region", "month"],
    });
    expect(result.attributes["sales.units"]?.values).toEqual([
      [10, 11, 12, 13, 14, 15],
      [10, 11, 12, 13, 14, 15],
    ]);
    expect(result.attributes["total.end"]?.values).toBe(endOf({ North: 10, South: 20 }));
    expect(result.checks).toEqual([
      { name: "Target is reached", text: "total.end >= total.target", state: "pass", cells: [] },
    ]);
  });

  it("[CL15] prints a list for several scenarios, in the order asked for", () => {
    const results = new Place(shop).json(["run", "shop.reckon", "--json", "-s", "cheaper", "base"]);
    expect(isResult(results), JSON.stringify(isResult.errors)).toBe(true);
    const [cheaper, base] = results as Result[];
    expect([cheaper?.scenario, base?.scenario]).toEqual(["cheaper", "base"]);
    expect(cheaper?.attributes["total.end"]?.values).toBe(endOf({ North: 5, South: 9 }));
    expect(base?.attributes["total.end"]?.values).toBe(endOf({ North: 10, South: 20 }));
  });

  it("[CL15] says where an error began; [CL1] an error cell alone is no failure", () => {
    const place = new Place({
      "m.reckon": 'model m\nblock a\n  input x = 0\n  bad = 1 / x\n  worse = bad + 1\n  name = "n" & 1\n',
    });
    const { code } = place.reckon(["run", "m.reckon", "--json"]);
    expect(code).toBe(0);
    const result = checked(place.json(["run", "m.reckon", "--json"]));
    const error = { error: "#DIV/0!", origin: { attribute: "a.bad", at: [] } };
    expect(result.attributes["a.bad"]?.values).toEqual(error);
    expect(result.attributes["a.worse"]?.values).toEqual(error);
    expect(result.attributes["a.name"]?.values).toBe("n1");
  });

  it("[CL15] names what is laid under a call by the attribute that it stands in", () => {
    const text =
      "model m\ntime step 0..2\nblock b by step\n  x = 1\n  late = DELAY_FIXED(x, -1, 0)\n  twice = late * 2\n";
    const result = checked(new Place({ "m.reckon": text }).json(["run", "m.reckon", "--json"]));
    const error = (at: string) => ({ error: "#NUM!", origin: { attribute: "b.late", at: [at] } });
    expect(result.attributes["b.twice"]?.values).toEqual([0, error("1"), error("2")]);
  });

  it("[CL15] reports loops", () => {
    const place = Place.ofExample("saas");
    const result = checked(place.json(["run", "saas.reckon", "--json"]));
    expect(result.loops).toHaveLength(36);
    expect(result.loops[0]).toMatchObject({ at: ["2026-01"], verdict: "converged" });
  });

  it("[CL16] prints a line a cell as CSV", () => {
    const { stdout } = new Place(shop).reckon([
      "run",
      "shop.reckon",
      "--csv",
      "--only",
      "total.target",
      "sales.units",
    ]);
    const lines = stdout.split("\n");
    expect(lines).toHaveLength(1 + 12 + 1 + 1);
    expect(lines[0]).toMatch(/^scenario,attribute,.*,value$/);
    expect(lines).toContain("base,total.target,,,3000");
    expect(lines.filter((line) => /^base,sales.units,/.test(line))).toHaveLength(12);
    expect(stdout).toMatch(/^base,sales\.units,.*North.*,10$/m);
  });

  it("[CL17] --only takes attributes, blocks and patterns, and refuses what names nothing", () => {
    const place = new Place(shop);
    const shown = (...only: string[]) =>
      Object.keys(checked(place.json(["run", "shop.reckon", "--json", "--only", ...only])).attributes);
    expect(shown("cash.balance", "total")).toEqual([
      "cash.balance",
      "total.target",
      "total.end",
      "total.reached",
    ]);
    expect(shown("*.r*")).toEqual(["sales.revenue", "cash.rate", "total.reached"]);
    const wrong = place.reckon(["run", "shop.reckon", "--only", "cash.balnce"]);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toBe("reckon: no attribute `cash.balnce`; did you mean `cash.balance`?\n");
    const twice = place.reckon(["run", "shop.reckon", "--only", "total.ed,cash,sales.prise"]);
    expect(twice).toMatchObject({ code: 2, stdout: "" });
    expect(twice.stderr.split("\n")).toEqual([
      "reckon: no attribute `total.ed`; did you mean `total.end`?",
      "reckon: no attribute `sales.prise`; did you mean `sales.price`?",
      "",
    ]);
  });
});

describe("run under scenarios and sets", () => {
  it("[CL8] finds scenarios by name or file, with what they extend", () => {
    const place = new Place(shop);
    const end = (...args: string[]) => {
      const only = ["--only", "total.end", "--json"];
      return checked(place.json(["run", "shop.reckon", ...only, ...args])).attributes["total.end"]?.values;
    };
    expect(end("-s", "cheaper")).toBe(endOf({ North: 5, South: 9 }));
    expect(end("-s", "cheaper.reckon")).toBe(endOf({ North: 5, South: 9 }));
    expect(end("-s", "./cheap.reckon")).toBe(endOf({ North: 5, South: 10 }));
    expect(end("-s", "base")).toBe(endOf({ North: 10, South: 20 }));
  });

  it("[CL8] refuses unknown and ambiguous names with the names there are", () => {
    const place = new Place({ ...shop, "again.reckon": "scenario cheap of shop\n" });
    const unknown = place.reckon(["run", "shop.reckon", "-s", "chaep"]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toBe(
      "reckon: no scenario `chaep` beside shop.reckon; there are: base, cheap, cheaper\n",
    );
    const twice = place.reckon(["run", "shop.reckon", "-s", "cheap"]);
    expect(twice).toMatchObject({ code: 2 });
    expect(twice.stderr).toContain("again.reckon and cheap.reckon");
  });

  it("[CL9] --set acts under every scenario and changes no file", () => {
    const place = new Place(shop);
    const args = ["run", "shop.reckon", "--json", "--only", "total.end", "-s", "base", "cheap"];
    const results = place.json([...args, "--set", "cash.rate=0", "sales.price=4"]) as Result[];
    const [base, cheap] = results.map((result) => result.attributes["total.end"]?.values);
    expect(base).toBe(endOf({ North: 4, South: 4 }, 0));
    expect(cheap).toBe(endOf({ North: 2, South: 2 }, 0));
    expect(readFileSync(place.path("shop.reckon"), "utf8")).toBe(shop["shop.reckon"]);
  });

  it("[CL9] refuses what it cannot read", () => {
    const place = new Place(shop);
    expect(place.reckon(["run", "shop.reckon", "--set", "rate"])).toMatchObject({ code: 2, stdout: "" });
    const unknown = place.reckon(["run", "shop.reckon", "--set", "cash.rtae=1"]);
    expect(unknown.stdout).toBe("");
    expect(unknown.code).toBeGreaterThan(0);
    expect(unknown.stderr).toContain("cash.rate");
  });

  it("[CL18] a failing check makes the exit code 1 and the results are there", () => {
    const outcome = new Place(shop).reckon(["run", "shop.reckon", "--set", "total.target=9999"]);
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toContain("✗ Target is reached");
    expect(outcome.stdout).toContain("revenue");
  });
});

describe("run, when it cannot", () => {
  it("[CL10] names files it cannot read", () => {
    const place = new Place({ "inner/x.reckon": "" });
    const missing = place.reckon(["run", "none.reckon"]);
    expect(missing).toMatchObject({ code: 2, stdout: "", stderr: "reckon: no such file: none.reckon\n" });
    expect(place.reckon(["run", "inner"])).toMatchObject({ code: 2, stdout: "" });
  });

  it("[CL1] [CL2] a model with errors is exit code 1, with the diagnostics on standard error", () => {
    const place = new Place({ "m.reckon": "model m\nblock a\n  x = y + 1\n  z = 1 +\n" });
    const outcome = place.reckon(["run", "m.reckon"]);
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toContain("m.reckon:3:7");
    expect(outcome.stderr).toContain("m.reckon:4:");
  });

  it("[CL6] ends quietly when nobody reads", async () => {
    const place = new Place({
      "m.reckon": "model m\ntime step 0..60000\nblock a by step\n  input x = 1\n  y = x * 2\n",
    });
    const running = place.start(["run", "m.reckon", "--csv"]);
    await running.output("scenario");
    running.closeOutput();
    expect(await running.wait()).toMatchObject({ stderr: "", signal: null });
  });
});
