/**
 * Which values are marked, against what the formulas read cell by cell: a cell is unconverged if the solve it is in did
 * not converge, or if a cell that it reads is. What a cell reads is taken from its explanation, which is made from the
 * checked formula; the engine goes by reaches, in boxes.
 */
import type { Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import { open } from "./open-text.ts";

const segments = ["A", "B", "C"];
const months = ["2026-01", "2026-02", "2026-03", "2026-04"];
const cellCount = segments.length * months.length;

/** One attribute: how it reads, and which of those before it. */
const lineSeed = fc.tuple(fc.nat(11), fc.nat(20));
const modelSeed = fc.record({
  lines: fc.array(lineSeed, { minLength: 3, maxLength: 9 }),
  /** In which cells each loop has no solution. */
  asked: fc.array(fc.array(fc.boolean(), { minLength: cellCount, maxLength: cellCount }), {
    minLength: 9,
    maxLength: 9,
  }),
});
type Seed = typeof modelSeed extends fc.Arbitrary<infer T> ? T : never;

/** How the attribute `n` reads `x`; a number for each way. */
function lineOf(n: number, way: number, x: string): string[] {
  const formulas = [
    `${x} * 2`,
    `${x}[t-1] + 1   start 0`,
    `${x}["B"] + 1`,
    `sum(${x} over seg)`,
    `sum(${x} over month)`,
    `${x}[2026-02] + ${x}`,
    `sum(${x}[t-2..t clip])`,
    `${x}[t+1] + 1   end 0`,
    `a${n}[t-1] * 0.5 + ${x}   start 0`,
  ];
  const formula = formulas[way];
  if (formula !== undefined) return [`a${n} = ${formula}`];
  // A loop that reads what stands before it; where it is asked, no value fits.
  return [
    `input on${n} = ASKED${n}`,
    `a${n} = IF(on${n} > 0, IF(b${n} > 10, 0, 20), 5 + 0.01 * ${x})`,
    `b${n} = a${n}`,
    `loop a${n}`,
  ];
}

function modelText({ lines, asked }: Seed): string {
  const written = [`input a0 = 1`];
  for (const [i, [way, from]] of lines.entries()) {
    const n = i + 1;
    const values = segments.map(
      (seg, s) =>
        `${seg}: [${months.map((_, t) => ((asked[i]?.[s * months.length + t] ?? false) ? 1 : 0)).join(", ")}]`,
    );
    written.push(
      ...lineOf(n, way, `a${from % n}`).map((line) => line.replace(`ASKED${n}`, `{ ${values.join(", ")} }`)),
    );
  }
  return [
    "model marks",
    "time month 2026-01..2026-04",
    "axis seg = A, B, C",
    "block m by seg, month",
    ...written.map((line) => `  ${line}`),
    "",
  ].join("\n");
}

function indexOf(cell: number): { readonly seg: string; readonly month: string } {
  return {
    seg: segments[Math.floor(cell / months.length)] as string,
    month: months[cell % months.length] as string,
  };
}

/** The labels that `first..last` stands for; none outside of the axis. */
function labelsWithin(labels: readonly string[], text: string): readonly string[] {
  const [first = "", last = first] = text.split("..");
  const [from, to] = [labels.indexOf(first), labels.indexOf(last)];
  return from < 0 || to < 0 ? [] : labels.slice(from, to + 1);
}

/** Cells by name that must be marked: worked out again and again until nothing is added. */
function expectedMarks(sheet: Sheet, scenario: string): Set<string> {
  const marked = new Set<string>();
  const reads = new Map<string, string[]>();
  for (const { id, kind } of sheet.model.attributes.values()) {
    for (let cell = 0; cell < cellCount; cell++) {
      const index = indexOf(cell);
      const name = `${id} ${index.seg} ${index.month}`;
      const why = sheet.why(id, index, scenario);
      if (kind !== "formula" || why.kind === "pin") continue;
      if (why.loop !== undefined && why.loop.verdict !== "converged") marked.add(name);
      const cells = why.precedents.flatMap(({ attribute, at: [seg = "", month = ""] }) =>
        labelsWithin(segments, seg).flatMap((s) =>
          labelsWithin(months, month).map((m) => `${attribute} ${s} ${m}`),
        ),
      );
      reads.set(name, cells);
    }
  }
  for (let count = -1; count !== marked.size; ) {
    count = marked.size;
    for (const [name, cells] of reads) if (cells.some((cell) => marked.has(cell))) marked.add(name);
  }
  return marked;
}

function marksOf(sheet: Sheet, scenario: string): Set<string> {
  const found = new Set<string>();
  for (const [id, ranges] of sheet.unconverged(scenario))
    for (const { from, to } of ranges)
      for (let cell = from; cell < to; cell++) {
        const { seg, month } = indexOf(cell);
        found.add(`${id} ${seg} ${month}`);
      }
  return found;
}

it("[FP80] [FP81] unconverged cells are those of unsolved loops and those that read them, cell by cell", () => {
  let marked = 0;
  let clear = 0;
  fc.assert(
    fc.property(modelSeed, fc.array(fc.nat(1000), { maxLength: 4 }), fc.nat(1000), (seed, edits, pin) => {
      const sheet = open({ text: modelText(seed), scenarios: [] });
      const added = sheet.addScenario({ source: "other.reckon", text: "scenario other of marks\n" });
      expect(added.ok).toBe(true);
      const last = `m.a${seed.lines.length}`;
      for (const [i, edit] of edits.entries()) {
        const inputs = [...sheet.model.attributes.values()].filter(({ kind }) => kind === "input");
        const input = inputs[edit % inputs.length]?.id ?? "m.a0";
        const scenario = i % 2 === 0 ? "base" : "other";
        sheet.set(input, (edit >> 3) % 2, indexOf(edit % cellCount), scenario);
      }
      if (pin % 2 === 0) sheet.pin(last, 4, indexOf(pin % cellCount), "other");
      for (const scenario of ["base", "other"]) {
        const expected = expectedMarks(sheet, scenario);
        expect([...marksOf(sheet, scenario)].sort()).toEqual([...expected].sort());
        marked += expected.size;
        clear += sheet.model.attributes.size * cellCount - expected.size;
      }
    }),
    cases(25),
  );
  expect([marked > 100, clear > 100]).toEqual([true, true]);
});
