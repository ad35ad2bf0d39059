import { describe, expect, it } from "vitest";
import type { Sheet } from "./api.ts";
import { openSheet } from "./open-sheet.ts";

const nowhere = (): { problem: string } => ({ problem: "no files here" });

const text = `model w
time year 2000..2010
axis region = north, south
block b by region, year
  input rate = { north: 10%, south: 20% }
  curve damp = (0, 1) (200, 0.5)
  stock  = integral(inflow - late)  start 100
  inflow = stock * rate * damp(stock)
  late   = SMOOTH(inflow, 2) + 0.5 * DELAY1(inflow, 4, 1)
  fixed  = DELAY_FIXED(inflow, 2, 7)
`;

function open(model = text, scenarios: readonly string[] = []): Sheet {
  const opened = openSheet({
    model: { source: "w.reckon", text: model },
    scenarios: scenarios.map((one, i) => ({ source: `s${i}.reckon`, text: one })),
    host: { table: nowhere, module: nowhere },
  });
  return opened.ok ? opened.value : expect.fail(JSON.stringify(opened.diagnostics));
}

const sheetNames = ["stock", "inflow", "late", "fixed"];

function numbersOf(sheet: Sheet, name: string, scenario?: string): number[] {
  return [...sheet.column(`b.${name}`, scenario).numbers];
}

function allOf(sheet: Sheet, scenario?: string): number[][] {
  return sheetNames.map((name) => numbersOf(sheet, name, scenario));
}

/** The model by hand: one loop over the steps. */
function byHand(
  rates: readonly number[],
  {
    steps = 1,
    pinned = new Map<number, number>(),
    damp = 0.5,
  }: { steps?: number; pinned?: ReadonlyMap<number, number>; damp?: number } = {},
): number[][] {
  const columns: number[][] = sheetNames.map(() => []);
  for (const rate of rates) {
    let [stock, smooth, under] = [100, Number.NaN, 4];
    const inflows: number[] = [];
    for (let t = 0; t < 11; t++) {
      stock = pinned.get(t) ?? stock;
      for (let step = 0; step < steps; step++) {
        const inflow = stock * rate * (1 + (damp - 1) * (Math.min(Math.max(stock, 0), 200) / 200));
        if (Number.isNaN(smooth)) smooth = inflow;
        const late = smooth + 0.5 * (under / 4);
        inflows.push(inflow);
        const out = inflows[t * steps + step - 2 * steps] ?? 7;
        if (step === 0)
          for (const [i, value] of [stock, inflow, late, out].entries()) columns[i]?.push(value);
        [stock, smooth, under] = [
          stock + (inflow - late) / steps,
          smooth + (inflow - smooth) / 2 / steps,
          under + (inflow - under / 4) / steps,
        ];
      }
    }
  }
  return columns;
}

function expectNear(found: readonly number[][], wanted: readonly number[][]): void {
  found.forEach((column, i) => {
    expect(column.length).toBe(wanted[i]?.length);
    column.forEach((value, cell) => {
      expect(
        Math.abs(value - (wanted[i]?.[cell] ?? Number.NaN)) / Math.max(1, Math.abs(value)),
        `${sheetNames[i]} ${cell}`,
      ).toBeLessThan(1e-12);
    });
  });
}

describe("stocks in a sheet", () => {
  it("[LA72][LA75][LA76][LA80] hold what a loop over the steps gives, member by member", () => {
    expectNear(allOf(open()), byHand([0.1, 0.2]));
    const fine = open(text.replace("2000..2010", "2000..2010  dt 0.25"));
    expectNear(allOf(fine), byHand([0.1, 0.2], { steps: 4 }));
  });

  it("[LA84] edits of inputs, formulas and curves give what a fresh sheet gives, undone and redone too", () => {
    const sheet = open();
    const before = allOf(sheet);
    sheet.set("b.rate", 0.15, { region: "south" });
    expectNear(allOf(sheet), byHand([0.1, 0.15]));
    sheet.setFormula("b.late", "SMOOTH(inflow, 3)");
    const smoothed = allOf(sheet);
    expect(smoothed).toEqual(allOf(open(sheet.text())));
    sheet.setFormula("b.stock", "stock[t-1] + inflow[t-1]");
    expect(allOf(sheet)).toEqual(allOf(open(sheet.text())));
    sheet.setFormula("b.stock", "integral(inflow - 2 * late)");
    expect(allOf(sheet)).toEqual(allOf(open(sheet.text())));
    sheet.undo();
    sheet.undo();
    expect(allOf(sheet)).toEqual(smoothed);
    sheet.undo();
    sheet.undo();
    expect(allOf(sheet)).toEqual(before);
    sheet.redo();
    expectNear(allOf(sheet), byHand([0.1, 0.15]));
    const curved = text.replace("(200, 0.5)", "(200, 0.25)").replace("south: 20%", "south: 15%");
    sheet.reload("w.reckon", curved);
    expectNear(allOf(sheet), byHand([0.1, 0.15], { damp: 0.25 }));
    sheet.reload("w.reckon", curved.replace("2000..2010", "2000..2010  dt 0.5"));
    expectNear(allOf(sheet), byHand([0.1, 0.15], { damp: 0.25, steps: 2 }));
  });

  it("[LA85] a scenario overrides what flows read, and pins a stock from which it goes on", () => {
    const pinning = "scenario high of w\n  b.rate[north] = 30%\n  pin b.stock[*, 2004] = 50\n";
    const sheet = open(text, [pinning]);
    expectNear(allOf(sheet, "high"), byHand([0.3, 0.2], { pinned: new Map([[4, 50]]) }));
    expectNear(allOf(sheet), byHand([0.1, 0.2]));
    sheet.set("b.rate", 0.25, { region: "south" });
    expectNear(allOf(sheet, "high"), byHand([0.3, 0.25], { pinned: new Map([[4, 50]]) }));
  });

  it("[LA78] an error under a delay begins in the attribute that it stands under", () => {
    const sheet = open(text.replace("SMOOTH(inflow, 2)", "SMOOTH(inflow, rate - rate)"));
    const why = sheet.why("b.late", { region: "north", year: "2003" });
    expect(why.error).toMatchObject({ code: "#DIV/0!" });
    expect(why.error?.origin?.attribute).toBe("b.late");
  });

  it("[IN21] what stands under a delay may be answered later", async () => {
    const waiting = async (x: number): Promise<number> => x;
    const opened = openSheet({
      model: {
        source: "w.reckon",
        text: 'model w\nuse "./a.ts" as a\ntime step 0..3\nblock b by step\n  z = 1 + DELAY1(a.f(5), 2)\n',
      },
      host: { table: nowhere, module: () => ({ f: waiting as never }) },
    });
    const sheet = opened.ok ? opened.value : expect.fail();
    await sheet.settled();
    expect(sheet.get("b.z", { step: "2" })).toBe(6);
  });

  it("[LA86] why tells a stock by what it was and what flowed, and a delay as one value", () => {
    const sheet = open(text.replace("2000..2010", "2000..2010  dt 0.5"));
    const at = (year: string): { region: string; year: string } => ({ region: "north", year });
    const later = sheet.why("b.stock", at("2003"));
    expect(later.substituted).toMatch(/^\d+(\.\d+)? \+ integral\([\d.]+ - [\d.]+\)$/);
    expect(later.precedents.map(({ attribute, at: labels }) => `${attribute} ${labels.join()}`)).toEqual([
      "b.stock north,2002",
      "b.inflow north,2002",
      "b.late north,2002",
    ]);
    expect(sheet.why("b.stock", at("2000")).substituted).toBe("start 100");
    const late = sheet.why("b.late", at("2003"));
    expect(late.substituted).toMatch(/^[\d.]+ \+ 0\.5 \* [\d.]+$/);
    expect(late.precedents.map(({ written }) => written)).toEqual([
      "SMOOTH(inflow, 2)",
      "DELAY1(inflow, 4, 1)",
      "inflow",
    ]);
    expect(sheet.why("b.inflow", at("2003")).dependents.toSorted()).toEqual(["b.fixed", "b.late", "b.stock"]);
  });

  it("[LA87] a loop among the flows is solved in every step", () => {
    const looped = `model w
time step 0..5  dt 0.5
block b by step
  s = integral(f)  start 1
  f = s / 2 - g / 4
  g = f + 1
  loop f  method newton
`;
    const sheet = open(looped);
    let s = 1;
    for (let t = 0; t <= 5; t++) {
      expect(sheet.get("b.s", { step: String(t) })).toBeCloseTo(s, 9);
      for (let step = 0; step < 2; step++) s += (s / 2 - 0.25) / 1.25 / 2;
    }
  });
});

describe("curves in a sheet", () => {
  const cells = `model w
axis region = north, south
block b
  curve c = (-1, -1) (0, 0) (2, 10%)  "A curve"
  input x = 1
  y = c(x)
  z = c(c(x) + 0.5) * 2
block r by region
  input x = { north: -2, south: 4 }
  y = b.c(x) + MAX(b.c(x), 0)
  all = b.c(sum(x over region) / 2)
  each = sum(b.c(x) over region)
`;
  const curve = (x: number, top = 0.1): number => (x <= -1 ? -1 : x < 0 ? x : x < 2 ? (top * x) / 2 : top);

  it("[LA80] are called with cells, columns and ranges, and inside each other", () => {
    const sheet = open(cells);
    expect(sheet.get("b.y")).toBe(0.05);
    expect(sheet.get("b.z")).toBeCloseTo(2 * curve(0.55), 15);
    expect([...sheet.column("r.y").numbers]).toEqual([-1, 0.2]);
    expect([...sheet.column("r.all").numbers]).toEqual([0.05, 0.05]);
    expect([...sheet.column("r.each").numbers]).toEqual([-0.9, -0.9]);
    for (const x of [-5, -1, -0.25, 0, 0.5, 2, 3]) {
      sheet.set("b.x", x);
      expect(sheet.get("b.y"), String(x)).toBeCloseTo(curve(x), 15);
    }
  });

  it("[LA82] another point computes what calls the curve, and undo brings the old ones back", () => {
    const sheet = open(cells);
    const before = sheet.counts.compiles;
    sheet.reload("w.reckon", cells.replace("10%", "20%"));
    expect(sheet.get("b.y")).toBe(0.1);
    expect(sheet.get("b.z")).toBeCloseTo(2 * curve(0.6, 0.2), 15);
    expect([...sheet.column("r.y").numbers]).toEqual([-1, 0.4]);
    expect(sheet.counts.compiles).toBe(before + 5);
    sheet.undo();
    expect(sheet.get("b.y")).toBe(0.05);
    expect([...sheet.column("r.y").numbers]).toEqual([-1, 0.2]);
  });
});
