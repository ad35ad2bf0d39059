/** The plan optimiser against the plan as written: the same bits, whatever is rewritten and edited afterwards. */
import { type RewriteName, rewriteNames } from "@reckon/plan";
import { openSheet, type Sheet } from "@reckon/sheet";
import { type Column, isErrorValue, type Scalar, sameScalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { editSeed, looseAttributes, playEdit } from "../arbitraries/edit.ts";
import { type ModelText, modelSeed, modelText } from "../arbitraries/model.ts";
import { repeatSeed, withCopiedBlocks, withRepeatedWork } from "../arbitraries/repeated-work.ts";
import { cases } from "./cases.ts";
import { emptyHost } from "./open-text.ts";

type Optimise = Parameters<Sheet["reopen"]>[0]["optimise"];

function open({ text, scenarios }: ModelText, optimise: Optimise, only?: readonly string[]): Sheet {
  const model = { source: "random.reckon", text };
  const laying = { ...(optimise === undefined ? {} : { optimise }), ...(only === undefined ? {} : { only }) };
  const opened = openSheet({ model, scenarios, host: emptyHost, ...laying });
  if (!opened.ok)
    throw new Error(
      `does not open:\n${text}\n${opened.diagnostics.map(({ message }) => message).join("\n")}`,
    );
  return opened.value;
}

/** Cells that differ between two sheets over the same text; errors by code, origin and detail. */
function differences(sheet: Sheet, plain: Sheet): string[] {
  const loose = looseAttributes(plain);
  const found: string[] = [];
  for (const scenario of plain.scenarios) {
    for (const id of plain.model.attributes.keys())
      found.push(
        ...columnDifferences(
          `${scenario}: ${id}`,
          sheet.column(id, scenario),
          plain.column(id, scenario),
          loose.has(id),
        ),
      );
    const checks = plain.checks(scenario);
    sheet.checks(scenario).forEach((check, i) => {
      if (JSON.stringify(check) !== JSON.stringify(checks[i]) && loose.size === 0)
        found.push(`${scenario}: ${JSON.stringify(check)} should be ${JSON.stringify(checks[i])}`);
    });
  }
  return found.slice(0, 5);
}

function columnDifferences(name: string, actual: Column, expected: Column, isLoose: boolean): string[] {
  const found: string[] = [];
  for (let cell = 0; cell < expected.length; cell++) {
    const [left, right] = [actual.get(cell), expected.get(cell)];
    if (!agree(left, right, isLoose))
      found.push(`${name}@${cell} is ${JSON.stringify(left)}, should be ${JSON.stringify(right)}`);
  }
  return found;
}

/** Behind loops numbers agree within the tolerance of the loops (1e-11, see model.ts). */
function agree(left: Scalar, right: Scalar, isLoose: boolean): boolean {
  if (isErrorValue(left) && isErrorValue(right))
    return isLoose ? left.code === right.code : sameScalar(left, right) && left.detail === right.detail;
  if (isLoose && typeof left === "number" && typeof right === "number")
    return Math.abs(left - right) <= 1e-8 * Math.max(1, Math.abs(left));
  return sameScalar(left, right);
}

const strategies: readonly Optimise[] = [
  { always: true },
  ...rewriteNames.map((name) => ({
    ...Object.fromEntries(rewriteNames.map((other) => [other, other === name])),
    always: true,
  })),
];

it("[PL16] every rewrite, alone and together, keeps every bit, edits and scenarios afterwards included", () => {
  const made = new Map<RewriteName, number>();
  const strategy = fc.constantFrom(...strategies);
  fc.assert(
    fc.property(
      modelSeed,
      repeatSeed,
      strategy,
      fc.array(editSeed, { maxLength: 6 }),
      (seed, repeats, optimise, edits) => {
        const text = withRepeatedWork(modelText(seed), repeats);
        const sheet = open(text, optimise);
        const plain = open(text, false);
        for (const { kind } of sheet.plan.rewrites) made.set(kind, (made.get(kind) ?? 0) + 1);
        expect(differences(sheet, plain), text.text).toEqual([]);
        const played: string[] = [];
        for (const edit of edits) {
          const outcome = playEdit(sheet, edit);
          expect(playEdit(plain, edit)).toEqual(outcome);
          played.push(outcome.text);
          sheet.engine.checkInvariants();
          expect(differences(sheet, plain), `after\n${played.join("\n")}\nin\n${sheet.text()}`).toEqual([]);
        }
        sheet.dispose();
        plain.dispose();
      },
    ),
    cases(60),
  );
  for (const kind of ["fold", "merge", "share", "hoist"] as const)
    expect(made.get(kind), kind).toBeGreaterThan(5);
});

it("[PL17] copies of whole blocks merge link by link, and part where one is pinned or edited", () => {
  let merged = 0;
  let through = 0;
  fc.assert(
    fc.property(modelSeed, repeatSeed, fc.array(editSeed, { maxLength: 6 }), (seed, repeats, edits) => {
      const text = withCopiedBlocks(modelText(seed), repeats);
      const sheet = open(text, { always: true });
      const plain = open(text, false);
      const copies = copiesOf(sheet);
      merged += copies.length;
      through += copies.filter((id) => readsCopies(sheet, id)).length;
      expect(differences(sheet, plain), text.text).toEqual([]);
      const played: string[] = [];
      for (const edit of edits) {
        const outcome = playEdit(sheet, edit);
        expect(playEdit(plain, edit)).toEqual(outcome);
        played.push(outcome.text);
        sheet.engine.checkInvariants();
        expect(differences(sheet, plain), `after\n${played.join("\n")}\nin\n${sheet.text()}`).toEqual([]);
      }
      sheet.dispose();
      plain.dispose();
    }),
    cases(60),
  );
  expect(merged).toBeGreaterThan(50);
  expect(through, "merged though they read other attributes").toBeGreaterThan(20);
});

function copiesOf({ plan }: Sheet): readonly string[] {
  return [...plan.laid()].flatMap(({ unit }) => (unit.copyOf === undefined ? [] : [unit.key]));
}

/** Whether the attribute reads others than the one it copies does, itself aside. */
function readsCopies({ plan }: Sheet, key: string): boolean {
  const units = new Map([...plan.laid()].map(({ unit }) => [unit.key, unit]));
  const readsOf = (one: string): string[] =>
    (units.get(one)?.formula?.references ?? []).map(({ attribute }) => (attribute === one ? "" : attribute));
  return readsOf(key).join() !== readsOf(units.get(key)?.copyOf ?? "").join();
}

it("[PL21] what is left out has the same bits when it is read after all, edits before and after included", () => {
  let left = 0;
  fc.assert(
    fc.property(modelSeed, fc.nat(99), fc.array(editSeed, { maxLength: 5 }), (seed, choice, edits) => {
      const text = modelText(seed);
      const plain = open(text, false);
      const ids = [...plain.model.attributes.keys()];
      const sheet = open(text, { always: true }, [ids[choice % ids.length] as string]);
      left += sheet.plan.rewrites.filter(({ kind }) => kind === "prune").length;
      const half = Math.floor(edits.length / 2);
      for (const edit of edits.slice(0, half)) expect(playEdit(sheet, edit)).toEqual(playEdit(plain, edit));
      expect(differences(sheet, plain), text.text).toEqual([]);
      for (const edit of edits.slice(half)) expect(playEdit(sheet, edit)).toEqual(playEdit(plain, edit));
      sheet.engine.checkInvariants();
      expect(differences(sheet, plain), text.text).toEqual([]);
    }),
    cases(30),
  );
  expect(left).toBeGreaterThan(10);
});

it("[PL28] an override with the cells that are there computes nothing; one that differs computes its cells", () => {
  const scenario = { source: "s.reckon", text: "scenario s of m\n" };
  const text = "model m\ntime step 1..50\nblock b by step\n  input x = 3\n  y = SQRT(x) * 2\n  z = y + 1\n";
  const sheet = open({ text, scenarios: [scenario] }, undefined);
  const started: string[] = [];
  const stop = sheet.engine.subscribe((event) => {
    if (event.kind === "started") started.push(`${event.state} ${sheet.plan.attributeOf(event.node)}`);
  });
  const own = sheet.state("s")?.id;
  expect(sheet.set("b.x", 3, undefined, "s").ok).toBe(true);
  expect([sheet.isOverridden("b.x", "s"), started]).toEqual([true, []]);
  sheet.set("b.x", 4, { step: "7" }, "s");
  expect(started).toEqual([`${own} b.y`, `${own} b.z`]);
  expect(sheet.column("b.z", "s").get(6)).toBe(5);
  stop();
});
