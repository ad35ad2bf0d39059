import { describe, expect, it } from "vitest";
import { type CheckedModel, checkModel, editModel, type ModelDocument, parseModel } from "./index.ts";
import { recheckFormula } from "./recheck-formula.ts";

const none = () => ({ problem: "none" });

const text = `model a
time month 2026-01..2026-06
block b by month
  input x = 2
  y = x * 3
  z = y + 1  "Label"
  w = w[t-1] + z  start 0
  p = q[t-1] + 1  start 0
  q = p * 2
`;

function checked(document: ModelDocument): CheckedModel {
  const { value, diagnostics } = checkModel(document, none);
  expect(diagnostics).toEqual([]);
  return value as CheckedModel;
}

function edited(source: string, attribute: string, formula: string) {
  const before = parseModel("a.reckon", source);
  const model = checked(before);
  const result = editModel(before, model, { kind: "set-formula", attribute, text: formula });
  const after = result.value as ModelDocument;
  return { before, model, after, again: recheckFormula(after, before, model) };
}

describe("one formula checked again", () => {
  it.each([
    ["b.z", "y * 5"],
    ["b.z", "x + y"],
    ["b.z", "SUM(y[t-2..t clip])"],
    ["b.w", "w[t-1] * 0.5 + x"],
    ["b.w", "z"],
    ["b.p", "q[t-1] + 7"],
    ["b.q", "p * 3"],
  ])("[LA40] %s = %s gives the model that a whole check gives", (attribute, formula) => {
    const { before, model, after, again } = edited(text, attribute, formula);
    expect(again).toEqual(checked(after));
    expect([...(again as CheckedModel).attributes.keys()]).toEqual([...model.attributes.keys()]);
    for (const [id, one] of (again as CheckedModel).attributes)
      expect(one === model.attributes.get(id), id).toBe(id !== attribute);
    // And back again, as an undo does.
    expect(recheckFormula(before, after, again as CheckedModel)).toEqual(model);
  });

  it.each([
    ["a cycle through another", "b.y", "z * 2"],
    ["a cycle through itself", "b.y", "y + 1"],
    ["its own past and future", "b.w", "w[t-1] + w[t+1]"],
    ["a recurrence opened", "b.q", "x"],
    ["a recurrence made", "b.y", "w[t-1] + x"],
  ])("[LA40] %s is left to a whole check", (_, attribute, formula) => {
    const source = text.replace("start 0\n", "start 0 end 0\n").replace("y = x * 3", "y = x * 3 start 0");
    expect(edited(source, attribute, formula).again).toBeUndefined();
  });

  it("[LA40] other references in a model with loops are left to a whole check", () => {
    const loop = "model a\nblock b\n  input x = 2\n  u = v / 2 + x\n  v = u / 2\n  w = x\n  loop u start w\n";
    expect(edited(loop, "b.w", "v").again).toBeUndefined();
    expect(edited(loop, "b.u", "v / 3 + x").again?.loops).toHaveLength(1);
  });

  it.each([
    ["another unit", (line: string) => line.replace("y = x", "y: USD = x")],
    ["another name", (line: string) => line.replace("y = x", "yy = x")],
    ["a name that is not there", (line: string) => line.replace("x * 3", "xx * 3")],
    ["a mistake", (line: string) => line.replace("x * 3", "x * ")],
    ["an input now", (line: string) => line.replace("y = x * 3", "input y = 3")],
    ["two lines", (line: string) => line.replace("x * 3", "x * 4").replace("p * 2", "p * 3")],
    ["a line more", (line: string) => line.replace("y = x * 3", "y = x * 3\n  yy = 1")],
    ["another input", (line: string) => line.replace("x = 2", "x = 3")],
    ["another axis", (line: string) => line.replace("2026-06", "2026-07")],
  ])("[LA40] %s is left to a whole check", (_, change) => {
    const before = parseModel("a.reckon", text);
    const after = parseModel("a.reckon", change(text), before);
    expect(recheckFormula(after, before, checked(before))).toBeUndefined();
  });

  it("[LA40] a line that moved within an edited file is found", () => {
    const before = parseModel("a.reckon", text);
    const after = parseModel("a.reckon", text.replace("x * 3", "(x + 100) * 3"), before);
    expect(recheckFormula(after, before, checked(before))).toEqual(checked(after));
  });
});
