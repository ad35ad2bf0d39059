import { describe, expect, it } from "vitest";
import { Place } from "./command-line.ts";
import { endOf, shop } from "./shop.ts";

describe("why", () => {
  it("[CL27] explains a cell with its formula and what it reads", () => {
    const { stdout, code } = new Place(shop).reckon(["why", "shop.reckon", "cash.balance[2026-02]"]);
    expect(code).toBe(0);
    expect(stdout).toContain("cash.balance[2026-02] = 1,653.1 USD");
    expect(stdout).toContain("formula   = balance[t-1] * (1 + rate) + income");
    expect(stdout).toContain("1310 * (1 + 0.01) + 330");
    expect(stdout).toContain("cash.balance[2026-01] = 1,310");
    expect(stdout).toContain("read by   ");
  });

  it("[CL27] takes labels in any order, under a scenario, and says where an error began", () => {
    const place = new Place(shop);
    const cell = ["why", "shop.reckon", "sales.price[2026-02, South]", "-s", "cheaper"];
    expect(place.reckon(cell).stdout).toContain("overridden in cheaper; without it 10");
    const wrong = new Place({
      "m.reckon": "model m\nblock a\n  input x = 0\n  bad = 1 / x\n  worse = bad + 1\n",
    });
    expect(wrong.reckon(["why", "m.reckon", "a.worse"]).stdout).toContain("#DIV/0! began in a.bad");
  });

  it("[CL27] shows dates as days", () => {
    const text = `model terms
block loan
  input begins: date = 2026-03-31
  ends: date = EDATE(begins, 12)
  days = ends - begins
`;
    const { stdout } = new Place({ "terms.reckon": text }).reckon(["why", "terms.reckon", "loan.days"]);
    expect(stdout).toContain("loan.days = 365\n");
    expect(stdout).toContain("loan.ends = 2027-03-31  (ends)");
    expect(stdout).toContain("loan.begins = 2026-03-31  (begins)");
  });

  it("[CL27] prints JSON", () => {
    expect(new Place(shop).json(["why", "shop.reckon", "total.end", "--json"])).toMatchObject({
      attribute: "total.end",
      at: [],
      value: endOf({ North: 10, South: 20 }),
      kind: "formula",
      precedents: [{ attribute: "cash.balance", at: ["2026-06"] }],
    });
  });

  it("[CL27] refuses missing and unknown labels with an example", () => {
    const place = new Place(shop);
    const said = (cell: string) => {
      const outcome = place.reckon(["why", "shop.reckon", cell]);
      expect(outcome).toMatchObject({ code: 2, stdout: "" });
      return outcome.stderr;
    };
    expect(said("sales.price[South]")).toBe(
      "reckon: which month? for example: 'sales.price[North, 2026-01]'\n",
    );
    expect(said("sales.price[Suoth, 2026-01]")).toContain("`Suoth` is no label of sales.price");
    expect(said("sales.prcie")).toContain("did you mean `sales.price`?");
    expect(said("total.end[x]")).toContain("it has no axes");
  });
});

describe("diff", () => {
  it("[CL28] prints the cells that differ", () => {
    const place = new Place(shop);
    const { stdout, code } = place.reckon([
      "diff",
      "shop.reckon",
      "base",
      "cheap",
      "--only",
      "sales.price",
      "total.end",
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain(
      "sales.price: 12 cells\n  [North, 2026-01 … 2026-06]  10 → 5\n  [South, 2026-01 … 2026-06]  20 → 10\n",
    );
    expect(stdout).toMatch(/total\.end: 3,[\d.,]+ → 2,/);
    expect(stdout).not.toContain("units");
  });

  it("[CL28] shortens long lists, and --full does not", () => {
    const place = new Place(shop);
    const args = ["diff", "shop.reckon", "base", "cheap", "--only", "sales.revenue"];
    expect(place.reckon(args).stdout).toMatch(/ {2}… and 6 more\n {2}\[South, 2026-06\] {2}300 → 150\n$/);
    expect(place.reckon([...args, "--full"]).stdout.match(/→/g)).toHaveLength(12);
  });

  it("[CL28] says when nothing differs", () => {
    const place = new Place(shop);
    expect(place.reckon(["diff", "shop.reckon", "cheap", "cheap"])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "reckon: cheap and cheap are the same\n",
    });
  });

  it("[CL28] prints JSON with the differences", () => {
    const args = ["diff", "shop.reckon", "cheap", "base", "--only", "total.end", "--json"];
    const [left, right] = [endOf({ North: 5, South: 10 }), endOf({ North: 10, South: 20 })];
    expect(new Place(shop).json(args)).toEqual({
      model: "shop",
      left: "cheap",
      right: "base",
      changes: [{ attribute: "total.end", at: [], left, right, difference: right - left }],
    });
  });
});
