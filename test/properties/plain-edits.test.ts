/** Models of plain lines under random edits: the sheet stays what its text says, and an edit looks at what it touches. */
import { AttributeTable, LineFormula } from "@reckon/model";
import { openSheet, type Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { cases } from "./cases.ts";

const host = { table: () => ({ problem: "none" }), module: () => ({ problem: "none" }) };

function opened(text: string): Sheet {
  const result = openSheet({ model: { source: "m.reckon", text }, host });
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  return result.value;
}

function modelText(blocks: number, lines: number): string {
  const text = ["model m"];
  for (let b = 0; b < blocks; b++) {
    text.push(`block b${b}`);
    for (let i = 0; i < lines; i++)
      text.push(i < 3 ? `  input x${i} = ${b + i}` : `  x${i} = x${i - 1} * 0.5 + x${i - 3} - ${i}%`);
    if (b > 0) text.push(`  carried = b${b - 1}.x${lines - 1} + x0`);
  }
  return `${text.join("\n")}\n`;
}

function shown(sheet: Sheet): readonly string[] {
  return [...sheet.model.attributes.keys()].map((id) => `${id} = ${JSON.stringify(sheet.get(id))}`);
}

/** One random edit; refusals are fine. */
function edit(sheet: Sheet, choices: Choices, step: number): void {
  const ids = [...sheet.model.attributes.keys()];
  const id = choices.pick(ids);
  const [block = "", name = ""] = id.split(".");
  const other = choices.pick(ids);
  const kinds: readonly (() => void)[] = [
    () => sheet.set(id, choices.below(100)),
    () => sheet.setFormula(id, `${other} * ${choices.below(9)} + 1`),
    () =>
      sheet.setFormula(
        id,
        choices.pick(["x0 + x1", "IF(x0 > 1, x1, x2)", "x0 / 0", "nothing + 1", 'x0 & "!"']),
      ),
    () => sheet.addAttribute(block, `n${step} = ${other} + ${name}`, choices.once(2) ? name : undefined),
    () => sheet.addAttribute(block, `input n${step} = ${step}  # added`),
    () => sheet.removeAttribute(id),
    () => sheet.undo(),
    () => sheet.redo(),
    () => sheet.reload("m.reckon", sheet.text().replace("x1 * 0.5", "x1 * 0.25")),
    () =>
      sheet.transaction("both", () => {
        sheet.setFormula(id, `${other} + 2`);
        sheet.set(other, step);
        sheet.removeAttribute(id);
      }),
  ];
  choices.pick(kinds)();
}

it("after random edits the sheet is what a sheet opened from its text is", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9_999), { minLength: 20, maxLength: 120 }), (numbers) => {
      const choices = new Choices(numbers);
      const sheet = opened(modelText(3, 8));
      for (let step = 0; step < 14; step++) {
        edit(sheet, choices, step);
        const fresh = opened(sheet.text());
        expect(shown(sheet)).toEqual(shown(fresh));
        expect(sheet.model.blocks).toEqual(fresh.model.blocks);
        fresh.dispose();
      }
      while (sheet.undo() !== undefined);
      expect(sheet.text()).toBe(modelText(3, 8));
      expect(shown(sheet)).toEqual(shown(opened(modelText(3, 8))));
    }),
    cases(25),
  );
});

/** How often attributes are looked up or handed out while `work` runs, and how many formulas are compiled. */
function looksOf(sheet: Sheet, work: () => unknown): { readonly looks: number; readonly compiles: number } {
  const spies = (["get", "at", "values", "byNumber"] as const).map((name) =>
    vi.spyOn(AttributeTable.prototype, name),
  );
  const before = sheet.counts.compiles;
  work();
  const looks = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  for (const spy of spies) spy.mockRestore();
  return { looks, compiles: sheet.counts.compiles - before };
}

it("[SH35] an edit looks at as many attributes in a model four times as large", () => {
  const edits: readonly ((sheet: Sheet) => unknown)[] = [
    (sheet) => sheet.set("b1.x1", 5),
    (sheet) => sheet.setFormula("b1.x30", "x0 * 3 + x1"),
    (sheet) => sheet.setFormula("b1.x5", "x0 * 3 + x2"),
    (sheet) => sheet.addAttribute("b1", "added = x3 + 1"),
    (sheet) => sheet.removeAttribute("b1.added"),
    (sheet) => sheet.undo(),
    (sheet) => sheet.undo(),
    (sheet) => sheet.undo(),
    (sheet) => sheet.redo(),
    (sheet) => sheet.addScenario({ source: "s.reckon", text: "scenario s of m\n  b1.x0 = 3\n" }),
    (sheet) => sheet.set("b1.x0", 7, undefined, "s"),
    (sheet) => sheet.removeScenario("s"),
  ];
  const [small, large] = [10, 40].map((blocks) => {
    const sheet = opened(modelText(blocks, 50));
    const first = sheet.model.attributes.get("b1.x20");
    const done = edits.map((one) =>
      looksOf(sheet, () => expect(one(sheet)).not.toMatchObject({ ok: false })),
    );
    // What nobody edited is the object it was, and no tree was made of it.
    expect(sheet.model.attributes.get("b1.x20")).toBe(first);
    expect(first).toBeInstanceOf(LineFormula);
    return done;
  });
  expect(large).toEqual(small);
  expect(large?.map(({ compiles }) => compiles)).toEqual([0, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 0]);
  expect(Math.max(...(large ?? []).map(({ looks }) => looks))).toBeLessThan(300);
});

it("[SH36] tables return to their size after many edits", () => {
  const sheet = opened(modelText(4, 20));
  const nodes = sheet.engine.nodeCount;
  const { size } = sheet.model.attributes;
  for (let i = 0; i < 3_000; i++) {
    sheet.addAttribute("b1", `n${i} = x0 + ${i}`);
    sheet.setFormula("b1.x7", `x0 * ${i} + x1`);
    sheet.set("b1.x0", i);
    if (i % 50 === 0) {
      sheet.addScenario({ source: `s${i}.reckon`, text: `scenario s${i} of m\n  b1.x1 = ${i}\n` });
      sheet.removeScenario(`s${i}`);
    }
    sheet.removeAttribute(`b1.n${i}`);
  }
  expect(sheet.engine.nodeCount).toBe(nodes);
  expect(sheet.model.attributes.size).toBe(size);
  expect((sheet.model.attributes as AttributeTable).numberCount).toBeLessThan(2 * size + 1_100);
  expect(sheet.history.done.length).toBe(1_000);
  expect(shown(sheet)).toEqual(shown(opened(sheet.text())));
});
