/** Scenarios that say the same: computed once while they do, apart from then on, and nobody can tell. */
import { openSheet, type Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { editSeed, playEdit } from "../arbitraries/edit.ts";
import { type ModelText, modelSeed, modelText } from "../arbitraries/model.ts";
import { cases } from "./cases.ts";
import { differences, emptyHost } from "./open-text.ts";

function open({ text, scenarios }: ModelText, isSharing: boolean): Sheet {
  const model = { source: "random.reckon", text };
  const optimise = isSharing ? {} : { merge: false };
  const opened = openSheet({ model, scenarios, host: emptyHost, optimise });
  if (!opened.ok) throw new Error(`does not open:\n${text}`);
  return opened.value;
}

/** The model with a second scenario for each that it has, and a third for the first. */
function withTwins({ text, scenarios }: ModelText): ModelText {
  const twin = (name: string, at: number) => {
    const { text: said } = scenarios[at] as { text: string };
    return { source: `${name}.reckon`, text: said.replace(/^scenario \w+/u, `scenario ${name}`) };
  };
  const twins = scenarios.map((_, i) => twin(`twin_${i}`, i));
  return { text, scenarios: [...scenarios, ...twins, ...(scenarios.length > 0 ? [twin("third", 0)] : [])] };
}

/** Which cells of which scenario each edit was said to change, in a form that does not depend on how they are grouped. */
function listening(sheet: Sheet): () => string[] {
  let heard = new Set<string>();
  sheet.onChange((scenario, changes) => {
    for (const { attribute, cells } of changes)
      for (const { from, to } of cells)
        for (let cell = from; cell < to; cell++) heard.add(`${scenario} ${attribute} ${cell}`);
  });
  return () => {
    const told = [...heard].toSorted();
    heard = new Set();
    return told;
  };
}

const twins: ModelText = {
  text: "model m\ntime step 1..4\nblock b by step\n  input x = 3\n  y = x * 2\n  z = y + 1\n",
  scenarios: [
    { source: "a.reckon", text: "scenario a of m\n  b.x[2..3] = 5\n  pin b.y[4] = 0\n" },
    { source: "c.reckon", text: "scenario c of m\n  b.x[2..3] = 5\n  pin b.y[4] = 0\n" },
  ],
};

it("[PL28] equal scenarios are computed once, until one of them is edited", () => {
  const sheet = open(twins, true);
  expect(sheet.sharedWith("c")).toBe("a");
  const computed: string[] = [];
  sheet.engine.subscribe((event) => {
    if (event.kind === "started") computed.push(sheet.plan.attributeOf(event.node) ?? "");
  });
  const told = listening(sheet);
  sheet.set("b.x", 4, { step: "1" });
  // Once in the base, once for both scenarios.
  expect(computed).toEqual(["b.y", "b.z", "b.y", "b.z"]);
  expect(told().filter((cell) => cell.endsWith("b.z 0"))).toEqual(["a b.z 0", "base b.z 0", "c b.z 0"]);
  sheet.set("b.x", 9, { step: "3" }, "c");
  expect(sheet.sharedWith("c")).toBeUndefined();
  expect(told()).toEqual(["c b.x 2", "c b.y 2", "c b.z 2"]);
  expect([sheet.get("b.z", { step: "3" }, "a"), sheet.get("b.z", { step: "3" }, "c")]).toEqual([11, 19]);
  expect(differences(sheet)).toEqual([]);
});

it("[PL28] a scenario that others extend has an overlay of its own, as has one whose state was asked for", () => {
  const sheet = open(twins, true);
  const added = sheet.addScenario({
    source: "d.reckon",
    text: "scenario d of m extends c\n  b.x[1] = 0\n",
  });
  expect([added.ok, sheet.sharedWith("c")]).toEqual([true, undefined]);
  expect(differences(sheet)).toEqual([]);
  const other = open(twins, true);
  expect(other.state("c")).not.toBe(other.state("a"));
  expect(other.removeScenario("a").ok).toBe(true);
  expect(differences(other)).toEqual([]);
  const closing = open(twins, true);
  expect(closing.removeScenario("a").ok).toBe(true);
  expect(closing.get("b.z", { step: "2" }, "c")).toBe(11);
  expect(differences(closing)).toEqual([]);
});

it("[PL28] random edits change and report the same cells whether equal scenarios share or not", () => {
  let shared = 0;
  fc.assert(
    fc.property(modelSeed, fc.array(editSeed, { maxLength: 8 }), (seed, edits) => {
      const text = withTwins(modelText(seed));
      const [sheet, plain] = [open(text, true), open(text, false)];
      shared += sheet.scenarios.filter((name) => sheet.sharedWith(name) !== undefined).length;
      const [told, toldPlain] = [listening(sheet), listening(plain)];
      for (const edit of edits) {
        const played = playEdit(sheet, edit);
        expect(playEdit(plain, edit)).toEqual(played);
        expect(told(), played.text).toEqual(toldPlain());
      }
      sheet.engine.checkInvariants();
      expect(differences(sheet), text.text).toEqual([]);
    }),
    cases(30),
  );
  expect(shared).toBeGreaterThan(10);
});
