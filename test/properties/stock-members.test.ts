/**
 * Stocks among formulas whose cells only members and periods put in order, against a simulation by hand: every cell, bit
 * for bit, after each edit, in the base and in a scenario.
 */
import { checkModel, parseModel } from "@reckon/model";
import type { Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import { open } from "./open-text.ts";

const labels = ["A", "B", "C"] as const;
const periods = 6;

interface World {
  /** Members in the order in which they read each other. */
  readonly order: readonly number[];
  /** Whose level flows into all. */
  readonly source: number;
  readonly late: number;
  readonly factor: number;
}

function textOf({ order, source, late, factor }: World, time = ""): string {
  const [first, second, third] = order.map((member) => labels[member] as string);
  return `model members

time year 2000..${2000 + periods - 1}${time}
axis s = A, B, C

block b by s, year
  input p = 1
  level = integral(x * 0.25 - late * 0.5 + level[${labels[source]}] * 0.125)  start seed
  seed  = IF(PERIOD_INDEX() = 1, p, level)
  late  = DELAY_FIXED(x, ${late}, 1)
  x     = IF(MEMBER(s) = "${first}", level + seed * p, IF(MEMBER(s) = "${second}", x[${first}] * ${factor} + level[${third}], x[${second}] - late[${first}] * p))
`;
}

/** What `p` is, by member and period. */
type Inputs = readonly (readonly number[])[];

function byHand({ order, source, late, factor }: World, p: Inputs): Record<string, number[]> {
  const [first, second, third] = order as [number, number, number];
  const rows = (): number[][] => labels.map(() => []);
  const [level, seed, lateness, x] = [rows(), rows(), rows(), rows()];
  const at = (row: readonly (readonly number[])[], member: number, t: number): number =>
    row[member]?.[t] as number;
  for (let t = 0; t < periods; t++) {
    labels.forEach((_, m) => {
      const flow = at(x, m, t - 1) * 0.25 - at(lateness, m, t - 1) * 0.5 + at(level, source, t - 1) * 0.125;
      (level[m] as number[])[t] = t === 0 ? at(p, m, 0) : at(level, m, t - 1) + flow;
      (seed[m] as number[])[t] = at(level, m, t);
      (lateness[m] as number[])[t] = t < late ? 1 : at(x, m, t - late);
    });
    (x[first] as number[])[t] = at(level, first, t) + at(seed, first, t) * at(p, first, t);
    (x[second] as number[])[t] = at(x, first, t) * factor + at(level, third, t);
    (x[third] as number[])[t] = at(x, second, t) - at(lateness, first, t) * at(p, third, t);
  }
  return { level: level.flat(), seed: seed.flat(), late: lateness.flat(), x: x.flat() };
}

function valuesOf(sheet: Sheet, scenario: string): Record<string, number[]> {
  const names = ["level", "seed", "late", "x"];
  return Object.fromEntries(names.map((name) => [name, [...sheet.column(`b.${name}`, scenario).numbers]]));
}

const world: fc.Arbitrary<World> = fc.record({
  order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
  source: fc.nat(2),
  late: fc.integer({ min: 1, max: 3 }),
  factor: fc.constantFrom(0.5, -0.75, 2),
});
const edit = fc.record({
  member: fc.nat(2),
  period: fc.nat(periods - 1),
  value: fc.integer({ min: -8, max: 8 }).map((n) => n / 4),
  isOther: fc.boolean(),
});

it("[IN20] [FP57] stocks by whole periods move member by member, where only members have an order", () => {
  fc.assert(
    fc.property(world, fc.array(edit, { maxLength: 6 }), (drawn, edits) => {
      const other = { source: "other.reckon", text: "scenario other of members\n  b.p[A, 2000] = 3\n" };
      const sheet = open({ text: textOf(drawn), scenarios: [other] });
      const p = labels.map(() => Array<number>(periods).fill(1));
      const over = new Map([[0, 3]]);
      const overridden = (): Inputs =>
        p.map((row, m) => row.map((value, t) => over.get(m * periods + t) ?? value));
      for (const one of [undefined, ...edits]) {
        if (one !== undefined) {
          const { member, period, value, isOther } = one;
          const index = { s: labels[member] as string, year: String(2000 + period) };
          expect(sheet.set("b.p", value, index, isOther ? "other" : "base").ok).toBe(true);
          if (isOther) over.set(member * periods + period, value);
          else (p[member] as number[])[period] = value;
          sheet.engine.checkInvariants();
        }
        expect(valuesOf(sheet, "base"), sheet.text()).toEqual(byHand(drawn, p));
        expect(valuesOf(sheet, "other"), sheet.text()).toEqual(byHand(drawn, overridden()));
      }
      sheet.dispose();
    }),
    cases(60),
  );
});

it("[IN20] stocks within periods move all members at once, so a circle between members must be declared", () => {
  const drawn = { order: [0, 1, 2], source: 1, late: 1, factor: 0.5 };
  for (const time of ["  dt 0.5", "  method rk4"]) {
    const text = textOf(drawn, time);
    const check = (source: string) =>
      checkModel(parseModel("members.reckon", source), () => ({ problem: "none" })).diagnostics.map(
        ({ code }) => code,
      );
    expect(check(text)).toEqual(["model/undeclared-loop"]);
    const declared = `${text}  loop x\n`;
    expect(check(declared)).toEqual([]);
    const sheet = open({ text: declared, scenarios: [] });
    expect(sheet.loops().map(({ verdict }) => verdict)).toEqual(Array(periods).fill("converged"));
    const { level, seed } = valuesOf(sheet, "base");
    expect(seed).toEqual(level);
    expect(level?.every(Number.isFinite)).toBe(true);
    sheet.dispose();
  }
});

it("[IN20] [FP51] what only the first period reads closes no circle in the others, in steps of any size", () => {
  for (const time of ["", "  dt 0.5", "  method rk4"]) {
    const text = `model first

time year 2000..2003${time}

block b by year
  level = integral(2)  start seed
  seed  = IF(PERIOD_INDEX() = 1, 5, level)
`;
    const sheet = open({ text, scenarios: [] });
    for (const name of ["level", "seed"])
      expect([...sheet.column(`b.${name}`).numbers]).toEqual([5, 7, 9, 11]);
    sheet.dispose();
  }
});
