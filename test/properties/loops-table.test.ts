/** Random loops over members and periods, each cell against its closed form. */
import type { Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type TableLoop, tableLoop, tableSeed } from "../arbitraries/loop-table.ts";
import { cases } from "./cases.ts";
import { openLoopText } from "./loop-sheet.ts";

/** Of the cell or of the largest of its column: what rounding may leave after some sums of numbers of either sign. */
const within = 1e-9;

/** The cells of the cut that are not what their neighbours ask for. */
function wrongCells(of: TableLoop, sheet: Sheet): string[] {
  const block = [...sheet.model.attributes.keys()].find((id) => id.endsWith(`.${of.cut}`))?.split(".")[0];
  const at = (name: string, m: number, t: number): number =>
    Number(sheet.get(`${block}.${name}`, { region: of.members[m] as string, step: of.periods[t] as string }));
  const wrong: string[] = [];
  for (const m of of.members.keys()) {
    for (const t of of.periods.keys()) {
      const [value, truth] = [at(of.cut, m, t), of.truth(at, m, t)];
      if (!(Math.abs(value - truth) <= within * Math.max(1, Math.abs(value)))) {
        wrong.push(`${of.members[m]}, ${t}: is ${value}, should be ${truth}`);
      }
    }
  }
  return wrong;
}

it("every member and period of a loop has its closed form, after edits too", () => {
  fc.assert(
    fc.property(tableSeed, fc.array(fc.nat(200), { maxLength: 4 }), (seed, edits) => {
      const of = tableLoop(seed);
      const sheet = openLoopText(of.text);
      expect(wrongCells(of, sheet), of.text).toEqual([]);
      const ok = [...sheet.model.attributes.keys()].find((id) => id.endsWith(".ok")) as string;
      for (const [i, edit] of edits.entries()) {
        const region = of.members[edit % of.members.length] as string;
        const step = of.periods[(edit * 7) % of.periods.length] as string;
        sheet.set(ok, 0.5 + edit / 64, i % 2 === 0 ? { region, step } : {});
        sheet.engine.checkInvariants();
        expect(wrongCells(of, sheet), `${ok} = ${0.5 + edit / 64} in\n${of.text}`).toEqual([]);
      }
      expect(sheet.loops().filter(({ verdict }) => verdict !== "converged")).toEqual([]);
      sheet.dispose();
    }),
    cases(60),
  );
});
