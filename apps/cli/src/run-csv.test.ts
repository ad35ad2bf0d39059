import { openSheet } from "@reckon/sheet";
import { expect, it } from "vitest";
import { runCsv } from "./run-csv.ts";

const text = `model m

time day 2026-01-01..2035-12-31
axis shop = "North, east", South

block b by shop, day
  input x = 1
  count   = count[t-1] + x  start 0

block total
  last = b.count["North, east", 2035-12-31]
`;

it("[CL16] comes in pieces, however many cells there are", () => {
  const nothing = () => ({ problem: "no files here" });
  const opened = openSheet({
    model: { source: "m.reckon", text },
    host: { table: nothing, module: nothing },
  });
  if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("\n"));
  const sheet = opened.value;
  const pieces = [...runCsv(sheet, ["base"], ["b.x", "b.count", "total.last"])];
  sheet.dispose();
  expect(pieces.length).toBeGreaterThan(6);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(100_000);
  const lines = pieces.join("").split("\n");
  expect(lines).toHaveLength(1 + 4 * 3652 + 1 + 1);
  expect(lines.slice(0, 2)).toEqual([
    "scenario,attribute,day,shop,value",
    'base,b.x,2026-01-01,"North, east",1',
  ]);
  expect(lines.slice(-3)).toEqual(["base,b.count,2035-12-31,South,3652", "base,total.last,,,3652", ""]);
});
