/** Loops and recurrences with heavy formulas, sent to an executor, against the same model with all of it in place. */
import { type Executor, inlineExecutor, type Task, type TaskOutcome } from "@reckon/engine";
import { type LayingOptions, openSheet, type Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { loopSeed, randomLoop } from "../arbitraries/loop.ts";
import { loopText } from "../arbitraries/loop-case.ts";
import { tableLoop, tableSeed } from "../arbitraries/loop-table.ts";
import { cases } from "./cases.ts";
import { emptyHost, snapshot } from "./open-text.ts";

const starts: readonly LayingOptions[] = [{}, { loops: { start: "warm" } }];

/** Answers at once, in a moment, or when the next tasks are there and after these. */
function executorOf(pattern: readonly number[]): Executor {
  let count = 0;
  const held: (() => void)[] = [];
  const run = (task: Task, signal: AbortSignal): TaskOutcome => {
    const out = task.out.clone();
    const inputs = task.inputs.map((column) => (column === task.out ? out : column));
    return inlineExecutor.submit({ ...task, inputs, out }, signal) as TaskOutcome;
  };
  return {
    submit: (task, signal) => {
      const way = pattern[count++ % pattern.length] as number;
      if (way === 0) return run(task, signal);
      const answered = new Promise<TaskOutcome>((resolve) => held.push(() => resolve(run(task, signal))));
      queueMicrotask(() => (way === 1 ? held.shift() : held.pop())?.());
      return answered;
    },
    close: () => Promise.resolve(),
  };
}

function openWith(text: string, executor: Executor | null, options: LayingOptions): Sheet {
  const host = executor === null ? emptyHost : { ...emptyHost, executor };
  const opened = openSheet({ model: { source: "loop.reckon", text }, scenarios: [], host, ...options });
  if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("\n"));
  return opened.value;
}

/** The model with the formulas of some attributes heavy. */
function weighed(text: string, names: readonly string[]): string {
  const line = new RegExp(`^( *(?:${names.join("|")}) = .*)$`, "gm");
  return text.replace(line, "$1 heavy");
}

const some = fc.array(fc.boolean(), { minLength: 9, maxLength: 9 });
const pattern = fc.array(fc.nat(2), { minLength: 1, maxLength: 7 });
const edited = fc.array(fc.nat(200), { maxLength: 4 });

it("[EX11] a loop with heavy formulas has the bits and records of one in place, whatever answers when", async () => {
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(
      loopSeed,
      some,
      pattern,
      edited,
      fc.constantFrom(...starts),
      async (seed, which, answers, edits, options) => {
        const of = randomLoop(seed);
        const names = Object.keys(of.formulas).filter((_, i) => which[i % which.length]);
        const text = names.length === 0 ? loopText(of) : weighed(loopText(of), names);
        const executor = executorOf(answers);
        const counting: Executor = {
          ...executor,
          submit: (task, signal) => {
            sent++;
            return executor.submit(task, signal);
          },
        };
        const [inline, waiting] = [openWith(text, null, options), openWith(text, counting, options)];
        await waiting.settled();
        for (const edit of edits) {
          inline.set("ring.ok", 0.5 + edit / 64);
          waiting.set("ring.ok", 0.5 + edit / 64);
          await waiting.settled();
          expect(snapshot(waiting), text).toEqual(snapshot(inline));
          expect(waiting.loops(), text).toEqual(inline.loops());
        }
        inline.dispose();
        waiting.dispose();
      },
    ),
    cases(40),
  );
  expect(sent).toBeGreaterThan(100);
});

it("[EX11] so has one over an axis and time, whatever is edited meanwhile", async () => {
  await fc.assert(
    fc.asyncProperty(tableSeed, some, pattern, edited, async (seed, which, answers, edits) => {
      const of = tableLoop(seed);
      const names = of.unknowns.filter((_, i) => which[i % which.length]);
      const text = names.length === 0 ? of.text : weighed(of.text, names);
      const [inline, waiting] = [openWith(text, null, {}), openWith(text, executorOf(answers), {})];
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
    }),
    cases(25),
  );
});
