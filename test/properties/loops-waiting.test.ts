/** Loops with a member that answers later, against the same loop whose member answers at once. */
import { type ModuleFunction, openSheet, type Sheet, type SheetHost } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { loopSeed, randomLoop } from "../arbitraries/loop.ts";
import { type LoopCase, loopText } from "../arbitraries/loop-case.ts";
import { tableLoop, tableSeed } from "../arbitraries/loop-table.ts";
import { cases } from "./cases.ts";
import { outcomeOf } from "./loop-sheet.ts";
import { snapshot } from "./open-text.ts";

/** `here.same` gives back its argument. */
function hostOf(same: ModuleFunction): SheetHost {
  return { table: (path) => ({ problem: `no table ${path}` }), module: () => ({ same }) };
}

function openWith(text: string, same: ModuleFunction): Sheet {
  const opened = openSheet({ model: { source: "loop.reckon", text }, scenarios: [], host: hostOf(same) });
  if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("\n"));
  return opened.value;
}

/** The model with the formula of one attribute handed to the module. */
function through(text: string, name: string): string {
  const line = new RegExp(`^( *${name} = )(.*)$`, "m");
  return text
    .replace(/^model (\w+)$/m, 'model $1\n\nuse "./here.ts" as here')
    .replace(line, (_, head: string, formula: string) => `${head}here.same(${formula})`);
}

const now: ModuleFunction = (x) => x ?? null;
const later: ModuleFunction = (x) => Promise.resolve(x ?? null);

const pickName = (of: LoopCase, number: number): string => {
  const names = Object.keys(of.formulas);
  return names[number % names.length] as string;
};

it("[FP33] a member that answers later gives the bits that one gives that answers at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      loopSeed,
      fc.nat(9),
      fc.array(fc.nat(200), { maxLength: 3 }),
      async (seed, which, edits) => {
        const of = randomLoop(seed);
        const text = through(loopText(of), pickName(of, which));
        const [inline, waiting] = [openWith(text, now), openWith(text, later)];
        await waiting.settled();
        expect(outcomeOf(of, waiting), text).toEqual(outcomeOf(of, inline));
        for (const edit of edits) {
          inline.set("ring.ok", 0.5 + edit / 64);
          waiting.set("ring.ok", 0.5 + edit / 64);
          // Every second edit is made while the one before is still under way.
          if (edit % 2 === 0) await waiting.settled();
        }
        await waiting.settled();
        expect(outcomeOf(of, waiting), text).toEqual(outcomeOf(of, inline));
        inline.dispose();
        waiting.dispose();
      },
    ),
    cases(25),
  );
});

it("[FP33] so do members over an axis and time, whatever is edited meanwhile", async () => {
  await fc.assert(
    fc.asyncProperty(
      tableSeed,
      fc.nat(9),
      fc.array(fc.nat(200), { maxLength: 3 }),
      async (seed, which, edits) => {
        const of = tableLoop(seed);
        const text = through(of.text, of.unknowns[which % of.unknowns.length] as string);
        const [inline, waiting] = [openWith(text, now), openWith(text, later)];
        const ok = [...inline.model.attributes.keys()].find((id) => id.endsWith(".ok")) as string;
        for (const edit of edits) {
          const region = of.members[edit % of.members.length] as string;
          const step = of.periods[(edit * 7) % of.periods.length] as string;
          for (const sheet of [inline, waiting]) sheet.set(ok, 0.5 + edit / 64, { region, step });
          if (edit % 2 === 0) await waiting.settled();
        }
        await waiting.settled();
        expect(snapshot(waiting), text).toEqual(snapshot(inline));
        inline.dispose();
        waiting.dispose();
      },
    ),
    cases(20),
  );
});
