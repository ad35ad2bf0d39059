/** A live sheet against the oracle: whatever the edits and their order, the values are those of the text. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { editSeed, playEdit } from "../arbitraries/edit.ts";
import { modelSeed, modelText } from "../arbitraries/model.ts";
import { cases } from "./cases.ts";
import { differences, open, snapshot } from "./open-text.ts";

it("values equal a naive recomputation after every edit, and the engine's invariants hold", () => {
  fc.assert(
    fc.property(modelSeed, fc.array(editSeed, { maxLength: 8 }), (seed, edits) => {
      const sheet = open(modelText(seed));
      expect(differences(sheet)).toEqual([]);
      const played: string[] = [];
      for (const edit of edits) {
        const before = sheet.text();
        const { text, isAccepted } = playEdit(sheet, edit);
        played.push(text);
        if (!isAccepted) expect(sheet.text(), `refused: ${played.join("\n")}`).toBe(before);
        sheet.engine.checkInvariants();
        expect(differences(sheet), `after\n${played.join("\n")}\nin\n${sheet.text()}`).toEqual([]);
      }
      sheet.dispose();
    }),
    cases(40),
  );
});

it("a loop that swings by the rounding of larger numbers is settled, for the oracle too", () => {
  const text = `model swinging

block swing
  input base = (-93.2)
  cost = net * 0.4 + (-185)
  net = base - cost * 0.5
  loop net  start 0  tolerance 0.00000000001  limit 200
`;
  const sheet = open({ text, scenarios: [] });
  expect(differences(sheet)).toEqual([]);
  expect(sheet.column("swing.net").get(0)).toBeCloseTo(-0.7 / 1.2, 9);
  sheet.dispose();
});

it("a loop that swings for good is no contraction, and the oracle says so", () => {
  const text = `model swinging

block swing
  other = 1 - net
  net = other
  loop net  start 0  tolerance 0.00000000001  limit 200
`;
  const sheet = open({ text, scenarios: [] });
  expect(() => differences(sheet)).toThrow("do not settle");
  sheet.dispose();
});

it("an edited sheet equals a sheet opened on its text", () => {
  fc.assert(
    fc.property(modelSeed, fc.array(editSeed, { maxLength: 8 }), (seed, edits) => {
      const text = modelText(seed);
      const sheet = open(text);
      for (const edit of edits) playEdit(sheet, edit);
      const scenarios = sheet.scenarios
        .slice(1)
        .map((name) => ({ source: sheet.sourceOf(name), text: sheet.text(name) }));
      const again = open({ text: sheet.text(), scenarios });
      expect(snapshot(sheet)).toEqual(snapshot(again));
      sheet.dispose();
      again.dispose();
    }),
    cases(30),
  );
});

it("undoing every edit brings back every value and every text, and redoing them the others", () => {
  fc.assert(
    fc.property(modelSeed, fc.array(editSeed, { maxLength: 8 }), (seed, edits) => {
      const sheet = open(modelText(seed));
      const texts = () => sheet.scenarios.map((name) => sheet.text(name));
      const first = { values: snapshot(sheet), texts: texts() };
      for (const edit of edits) playEdit(sheet, edit);
      const last = { values: snapshot(sheet), texts: texts() };
      while (sheet.undo() !== undefined) expect(sheet.history.undone.length).toBeLessThan(1000);
      expect({ values: snapshot(sheet), texts: texts() }).toEqual(first);
      while (sheet.redo() !== undefined) expect(sheet.history.done.length).toBeLessThan(1000);
      // Edits that were undone by an edit of the sequence are redone too, unless another edit dropped them.
      if (!last.texts.every((text, i) => text === texts()[i])) return;
      expect(snapshot(sheet)).toEqual(last.values);
    }),
    cases(30),
  );
});

it("the order of independent edits does not matter, nor does making them in one transaction", () => {
  const values = fc.array(fc.nat(999), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(modelSeed, values, (seed, amounts) => {
      const text = modelText(seed);
      const [forward, backward, together] = [open(text), open(text), open(text)];
      const inputs = [...forward.model.attributes.values()].filter(
        ({ kind, type }) => kind === "input" && type === undefined,
      );
      const edits = amounts.slice(0, inputs.length).map((amount, i) => {
        const id = inputs[i]?.id as string;
        return (sheet: typeof forward) => sheet.set(id, amount / 8);
      });
      for (const edit of edits) edit(forward);
      for (const edit of edits.toReversed()) edit(backward);
      together.transaction("together", () => {
        for (const edit of edits) edit(together);
      });
      expect(snapshot(backward)).toEqual(snapshot(forward));
      expect(snapshot(together)).toEqual(snapshot(forward));
    }),
    cases(25),
  );
});

it("a scenario without overrides equals the base", () => {
  fc.assert(
    fc.property(modelSeed, (seed) => {
      const { text } = modelText(seed);
      const sheet = open({
        text,
        scenarios: [{ source: "empty.reckon", text: "scenario empty of random\n" }],
      });
      expect(sheet.diff("base", "empty")).toEqual([]);
      const values = snapshot(sheet);
      for (const id of sheet.model.attributes.keys())
        expect(values[`empty: ${id}`]).toEqual(values[`base: ${id}`]);
    }),
    cases(25),
  );
});
