import { createEngine } from "@reckon/engine";
import { blockSum, errorValue, sumWork } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { buildFormulas } from "./build-formulas.ts";
import type { Typed } from "./reading.ts";

function build(typed: Readonly<Record<string, Typed>>) {
  const engine = createEngine({ isChecked: true });
  const live = buildFormulas(engine, { names: Object.keys(typed), texts: Object.values(typed) });
  return { engine, live, value: (name: string) => live.get(name) };
}

describe("formulas from texts", () => {
  it("[FX1] a text with = is a formula, any other what typing it gives", () => {
    const { value } = build({
      A1: "12.5",
      A2: "50%",
      A3: "true",
      A4: "EUR",
      A5: "",
      A6: 3,
      A7: null,
      B1: "=A1*A2",
      B2: "=IF(A3, A4, 0)",
      B3: '=A5 & "x"',
      B4: "=A7+A6",
    });
    expect(["A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3", "B4"].map(value)).toEqual([
      12.5,
      0.5,
      true,
      "EUR",
      null,
      6.25,
      "EUR",
      "x",
      3,
    ]);
  });

  it("[FX2] formulas may read what stands behind them, across families and both ways", () => {
    const { value, live } = build({
      total: "=b2 + A1",
      A1: "=B1+1",
      B2: "=A1*2",
      B1: "=A3",
      A3: "4",
    });
    expect(["A1", "b2", "TOTAL"].map(value)).toEqual([5, 10, 15]);
    live.set("a3", 10);
    expect(["A1", "B2", "total"].map(value)).toEqual([11, 22, 33]);
    expect(live.familyCount).toBe(4);
  });

  it("[FX3] a cell where nothing stands is blank, and may be written later", () => {
    const { value, live } = build({ A1: "=B7+C9000*2", A2: '=IF(ISBLANK($B$7), "none", B7)' });
    expect([value("A1"), value("A2"), value("Z99")]).toEqual([0, "none", null]);
    live.set("B7", 4);
    live.set("Z99", "new");
    expect([value("A1"), value("A2"), value("Z99")]).toEqual([4, 4, "new"]);
  });

  it("[FX4] all mistakes are told at once, each with its name and place; the rest computes", () => {
    const { value, live } = build({
      A1: "=1+",
      A2: "=A3*rte",
      A3: "2",
      rate: "3",
      A4: "=A3*rate",
      a3: "9",
      A5: "=SUM(A3",
      A6: "=A1+1",
    });
    expect(live.diagnostics.map(({ index, name, diagnostic }) => [index, name, diagnostic.code])).toEqual([
      [5, "a3", "plan/duplicate-name"],
      [0, "A1", "formula/expected-operand"],
      [1, "A2", "formula/unknown-name"],
      [6, "A5", "formula/unclosed"],
    ]);
    expect(live.diagnostics[2]?.diagnostic).toMatchObject({ source: "A2", span: { start: 4, end: 7 } });
    expect(value("A4")).toBe(6);
    expect([value("A1"), value("A6")]).toMatchObject([{ code: "#NAME?" }, { code: "#NAME?" }]);
  });

  it("[FX5] writes a formula over a value and a value over a formula; a text with mistakes changes nothing", () => {
    const { engine, value, live } = build({ A1: "2", A2: "=A1*3", A3: "=A2+1" });
    expect(live.setFormula("A2", "=A1*")).toMatchObject([{ code: "formula/expected-operand" }]);
    expect(value("A3")).toBe(7);
    expect(live.setFormula("A2", "=A1^2+B5")).toEqual([]);
    expect(value("A3")).toBe(5);
    live.set("A2", 10);
    expect(value("A3")).toBe(11);
    live.setFormula("A1", "=A3*2");
    expect(value("A1")).toBe(22);
    live.setFormula("new", "=A1+1");
    expect(value("new")).toBe(23);
    live.setFormula("A1", "7");
    expect([value("A1"), value("new")]).toEqual([7, 8]);
    engine.checkInvariants();
  });

  it("[FX6] an error says in which cell it began", () => {
    const { value, live } = build({ A1: "0", A2: "=1/A1", A3: "=A2+1", ratio: "=A1/0" });
    expect(value("A3")).toEqual({ ...errorValue("#DIV/0!"), origin: { attribute: "A2", at: [] } });
    expect(value("ratio")).toMatchObject({ origin: { attribute: "ratio" } });
    live.set("A1", 4);
    expect(value("A3")).toBe(1.25);
  });

  it("[FX7] formulas that read each other in a circle are #CYCLE!", () => {
    const { value } = build({ A1: "=A2+1", A2: "=A1*2", A3: "=1" });
    expect(value("A1")).toMatchObject({ code: "#CYCLE!" });
    expect(value("A3")).toBe(1);
  });

  it("[FX8] ranges are read with what stands in them, blanks, texts and formulas", () => {
    const { engine, value, live } = build({
      A1: "1",
      A2: "2",
      A3: "x",
      A5: "5",
      B1: "10",
      B2: "=A1*20",
      sum: "=SUM(A1:A5)",
      both: "=SUM(A1:B5)+SUM($A$1:A2)",
      count: '=COUNT(A1:A9)&"/"&COUNTBLANK(A1:A9)',
      whole: "=SUM(B:B)",
      found: "=VLOOKUP(2,A1:B5,2,FALSE)",
      far: "=MAX(A1:A400)",
    });
    const all = () => ["sum", "both", "count", "whole", "found", "far"].map(value);
    expect(all()).toEqual([8, 41, "3/5", 30, 20, 5]);
    live.set("A2", 4);
    expect(all().slice(0, 4)).toEqual([10, 45, "3/5", 30]);
    live.set("A4", 7);
    expect(all().slice(0, 3)).toEqual([17, 52, "4/4"]);
    live.setFormula("A5", "=B1*2");
    expect(all().slice(0, 3)).toEqual([32, 67, "4/4"]);
    live.set("B1", 1);
    expect(all()).toEqual([14, 40, "4/4", 21, 0, 7]);
    live.set("A5", 1);
    live.set("B7", 100);
    expect(all().slice(0, 4)).toEqual([13, 39, "4/4", 121]);
    live.setFormula("more", "=SUM(A1:A3)*2");
    expect(value("more")).toBe(10);
    live.set("A1", errorValue("#N/A"));
    expect(value("sum")).toMatchObject({ code: "#N/A" });
    engine.checkInvariants();
  });

  it("[FX9] a formula in its own range is #CYCLE!", () => {
    const { value } = build({ A1: "1", A2: "=SUM(A1:A3)", A3: "3" });
    expect(value("A2")).toMatchObject({ code: "#CYCLE!" });
  });

  it("[FX9] totals under the cells that they add up are no circles, nor is what reads them there", () => {
    const typed = {
      A1: "1",
      A2: "=A1*2",
      A3: "=SUM(A1:A2)",
      A4: "=A3*2",
      A5: "=SUM(A3:A4)/AVERAGE(A1:A4)",
      A6: "=COUNT(A1:A5)",
    };
    const { value, live, engine } = build({ ...typed, B1: "=SUM(A1:A6)", B2: "=SUM(A1:B1)" });
    const all = () => ["A3", "A4", "A5", "A6", "B1", "B2"].map(value);
    expect(all()).toEqual([3, 6, 3, 5, 20, 21]);
    live.set("A1", 2);
    expect(all()).toEqual([6, 12, 3, 5, 32, 34]);
    live.setFormula("A2", "=A6");
    expect(value("A6")).toMatchObject({ code: "#CYCLE!" });
    live.set("A2", 4);
    expect(all()).toEqual([6, 12, 3, 5, 32, 34]);
    engine.checkInvariants();
  });

  it("[FX8] an edit of one cell under many long sums adds a block of cells, not all of them", () => {
    const typed: Record<string, Typed> = {};
    for (let row = 1; row <= 3000; row++) typed[`A${row}`] = ((row * 7919) % 2003) / 8;
    for (let i = 1; i <= 30; i++) typed[`B${i}`] = `=SUM(A$1:A${i * 100})`;
    const { value, live } = build(typed);
    live.set("A1", 5);
    live.set("A1", 6);
    const before = sumWork.cells;
    live.set("A1", 7);
    expect(sumWork.cells - before).toBeLessThan(30 * 520);
    expect(value("B30")).toBe(blockSum([7, ...Object.values(typed).slice(1, 3000)] as number[], 0, 3000));
  });
});
