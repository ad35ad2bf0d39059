/** A profile changes nothing, and holds together: random models under random edits, with a profiler and without. */
import { createProfiler, type Profile, speedscopeOf } from "@reckon/engine";
import { openSheet, type Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { editSeed, playEdit } from "../arbitraries/edit.ts";
import { type ModelText, modelSeed, modelText } from "../arbitraries/model.ts";
import { cases } from "./cases.ts";
import { emptyHost, open, snapshot } from "./open-text.ts";

function openProfiled({ text, scenarios }: ModelText): { sheet: Sheet; stop: () => Profile } {
  // Real time would make no case worse, but would make it another one each time.
  let ms = 0;
  const profiler = createProfiler({ now: () => (ms += 0.25) });
  const model = { source: "random.reckon", text };
  const opened = openSheet({ model, scenarios, host: emptyHost, profiler });
  if (!opened.ok) throw new Error("a model that opens without a profiler opens with one");
  return { sheet: opened.value, stop: profiler.stop };
}

it("[PF13] the same edits give the same bits with a profiler and without", () => {
  let computations = 0;
  fc.assert(
    fc.property(modelSeed, fc.array(editSeed, { maxLength: 8 }), (seed, edits) => {
      const text = modelText(seed);
      const plain = open(text);
      const { sheet, stop } = openProfiled(text);
      for (const edit of edits) {
        expect(playEdit(sheet, edit)).toEqual(playEdit(plain, edit));
        expect(snapshot(sheet)).toEqual(snapshot(plain));
        expect(sheet.engine.revision).toBe(plain.engine.revision);
      }
      expect(snapshot(sheet)).toEqual(snapshot(plain));
      computations += stop().nodes.reduce((sum, node) => sum + node.computations, 0);
    }),
    cases(40),
  );
  expect(computations).toBeGreaterThan(100);
});

it("[PF14] the parts of a profile make up the whole, whatever was edited", () => {
  fc.assert(
    fc.property(modelSeed, fc.array(editSeed, { maxLength: 8 }), (seed, edits) => {
      const { sheet, stop } = openProfiled(modelText(seed));
      for (const edit of edits) playEdit(sheet, edit);
      const profile = stop();
      const sum = (items: readonly { readonly ms: number }[]): number =>
        items.reduce((total, { ms }) => total + ms, 0);
      expect(sum(profile.phases)).toBeCloseTo(profile.ms, 6);
      const calculating = sum(profile.phases.filter(({ name }) => name === "calculate"));
      expect(sum(profile.nodes)).toBeLessThanOrEqual(calculating + 1e-6);
      for (const row of [...profile.phases, ...profile.nodes, ...profile.levels, ...profile.loops])
        expect(row.ms).toBeGreaterThanOrEqual(0);
      expectBalanced(profile);
    }),
    cases(40),
  );
});

function expectBalanced(profile: Profile): void {
  const { profiles, shared } = speedscopeOf("random", [{ name: "random", profile }]);
  const open: number[] = [];
  let time = 0;
  for (const { type, frame, at } of profiles[0]?.events ?? []) {
    expect(at).toBeGreaterThanOrEqual(time);
    time = at;
    expect(shared.frames[frame]?.name).toBeTruthy();
    if (type === "O") open.push(frame);
    else expect(open.pop()).toBe(frame);
  }
  expect(open).toEqual([]);
}
