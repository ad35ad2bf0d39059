import { openSheet, type Sheet } from "@reckon/sheet";
import { afterAll, expect, it } from "vitest";
import type { Output } from "./output.ts";
import { resultPieces } from "./run-result.ts";
import { runTable } from "./run-table.ts";

const text = `model m

time day 2026-01-01..2045-12-31
axis shop = North, South

block b by shop, day
  input x = 1  "Units"
  ratio   = x / (x[t-1] - 1)  start 0

block total
  last = b.ratio["North", 2026-01-02]
`;
const sheet = opened();
const days = 7305;
afterAll(() => sheet.dispose());

function opened(): Sheet {
  const nothing = () => ({ problem: "no files here" });
  const result = openSheet({
    model: { source: "m.reckon", text },
    host: { table: nothing, module: nothing },
  });
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  return result.value;
}

it("[CL63] [CL15] JSON comes in pieces, and is what all of them together say", () => {
  const pieces = [...resultPieces(sheet, ["base", "base"], ["b.x", "b.ratio", "total.last"])];
  const labels = JSON.stringify(sheet.model.axes.find(({ name }) => name === "day")?.labels).length;
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(labels + 100);
  const results = JSON.parse(pieces.join("")) as unknown[];
  expect(results).toHaveLength(2);
  expect(results[0]).toEqual(results[1]);
  const error = { error: "#DIV/0!", origin: expect.anything() as unknown };
  const row = (value: unknown): unknown[] => Array.from({ length: days }, () => value);
  expect(results[0]).toMatchObject({
    model: "m",
    scenario: "base",
    axes: { day: { length: days }, shop: ["North", "South"] },
    attributes: {
      "b.x": { kind: "input", label: "Units", axes: ["shop", "day"], values: [row(1), row(1)] },
      "b.ratio": { kind: "formula", values: [[expect.anything(), ...row(error).slice(1)], { length: days }] },
      "total.last": { axes: [], values: error },
    },
    loops: [],
    checks: [],
  });
});

it("[CL63] a table that folds nothing comes in pieces", () => {
  const output = { width: 80, style: (_: unknown, shown: string) => shown } as unknown as Output;
  const ids = ["b.x", "b.ratio"];
  const pieces = [...runTable({ sheet, scenarios: ["base"], ids, output, isFull: true })];
  expect(pieces.length).toBeGreaterThan(6);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(40_000);
  const lines = pieces.join("").split("\n");
  const header = lines.find((line) => line.includes("2026-01-01")) ?? "";
  expect(header.trim().split(/ +/)).toHaveLength(days);
  expect(lines.filter((line) => line.startsWith("    North"))).toHaveLength(2);
  for (const line of lines.filter((each) => each.startsWith("    "))) expect(line.length).toBe(header.length);
});
