import { describe, expect, it } from "vitest";
import type { KnownGraph, ModelDocument, ModelEdit } from "./api.ts";
import { checkModel } from "./check-model.ts";
import { readsOf } from "./checked-line.ts";
import type { CheckedModel } from "./declarations.ts";
import { parseModel, printDocument } from "./document.ts";
import { editModel } from "./edit-model.ts";
import { memoryOf } from "./model-memory.ts";

const none = () => ({ problem: "none" });

/** Levels and readers as an engine knows them; formulas of one circle of reads share a level. */
function knownOf(model: CheckedModel): KnownGraph & { readonly asked: () => number } {
  const reads = new Map<string, readonly string[]>();
  for (const attribute of model.attributes.values()) {
    if (attribute.kind === "formula") {
      const starts = model.loops.find((loop) => loop.attribute === attribute.id)?.start?.references ?? [];
      reads.set(attribute.id, [...readsOf(attribute), ...starts.map((start) => start.attribute)]);
    }
  }
  const levels = new Map<string, number>();
  // Long enough for any order; members of circles stop at the size of the model.
  let isMoving = true;
  for (let round = 0; isMoving && round <= reads.size; round++) {
    isMoving = false;
    for (const [id, read] of reads) {
      const level = 1 + Math.max(-1, ...read.map((one) => levels.get(one) ?? 0));
      if (level <= (levels.get(id) ?? 0)) continue;
      levels.set(id, Math.min(level, reads.size));
      isMoving ||= level <= reads.size;
    }
  }
  let asked = 0;
  const readersOf = (id: string): string[] =>
    [...reads].flatMap(([reader, read]) => (read.includes(id) ? [reader] : []));
  return {
    isWhole: true,
    isRead: (id) => readersOf(id).some((reader) => reader !== id),
    readersOf,
    levelOf: (id) => {
      asked++;
      return levels.get(id) ?? 0;
    },
    asked: () => asked,
  };
}

function start(text: string): { document: ModelDocument; model: CheckedModel } {
  const document = parseModel("m.reckon", text);
  const { value, diagnostics } = checkModel(document, none);
  expect(diagnostics).toEqual([]);
  return { document, model: value as CheckedModel };
}

/** Two hundred loops of their own behind a chain. */
const many = `model m\nblock b\n  input i = 1\n  c0 = i\n${Array.from(
  { length: 200 },
  (_, k) =>
    `  c${k + 1} = c${k} + 1\n  x${k} = y${k} / 2 + c${k}\n  y${k} = x${k} / 2\n  loop y${k}  start c${k}\n`,
).join("")}`;

describe("an edit in a model with loops", () => {
  it.each([
    ["x100", "y100 / 3 + c100 + c7", true],
    ["x100", "y100 / 3 + c7 * i", true],
    ["c180", "c179 + c3", true],
    ["c180", "c179 + y179", true],
    // A loop that is gone, one that is new, one that nobody declared, and a start in its loop.
    ["x100", "c100 + i", false],
    ["x100", "y101 / 3 + c100", false],
    ["c100", "c99 + c101", false],
    ["c100", "c99 + y100", false],
  ] as const)("[LA63] %s = %s: followed from there only: %s", (name, text, isLocal) => {
    const { document, model } = start(many);
    const known = knownOf(model);
    const edit: ModelEdit = { kind: "set-formula", attribute: `b.${name}`, text };
    const edited = editModel(document, model, edit).value as ModelDocument;
    const before = known.asked();
    const result = checkModel(edited, none, model, known);
    expect(result.diagnostics.length > 0).toBe(!isLocal);
    expect(result.diagnostics).toEqual(
      checkModel(parseModel("m.reckon", printDocument(edited)), none).diagnostics,
    );
    if (!isLocal) return;
    expect(known.asked() - before).toBeLessThan(20);
    // All but the edited line are the objects that they were; nobody listed the loops again.
    expect(result.value?.loops).toBe(model.loops);
  });

  it.each(["", "  loop p\n"])(
    "[LA63] [FP51] a condition that is edited alone may make a loop%#",
    (declared) => {
      const other = "  p = q / 2\n  q = p / 3\n";
      const { document, model } = start(
        `model m\naxis s = A, B\nblock b by s\n  x = IF(MEMBER(s) = "A", 1, x[A])\n${declared === "" ? "" : other}${declared}`,
      );
      const edited = editModel(document, model, {
        kind: "set-formula",
        attribute: "b.x",
        text: 'IF(MEMBER(s) = "B", 1, x[A])',
      }).value as ModelDocument;
      for (const known of [undefined, knownOf(model)]) {
        const codes = checkModel(edited, none, model, known).diagnostics.map(({ code }) => code);
        expect(codes).toEqual(["model/undeclared-loop"]);
      }
    },
  );

  it("[LA63] knows afterwards which attributes are in circles with each other, as a whole check would", () => {
    const attributes = ["p", "q", "r", "s", "u"];
    let seed = 17;
    const below = (count: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % count;
    };
    const groups = (model: CheckedModel | undefined): object =>
      Object.fromEntries(
        [...(model === undefined ? [] : (memoryOf(model)?.loopGroups.entries() ?? []))]
          .map(([id, others]) => [id, [...others].sort()] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    for (let round = 0; round < 60; round++) {
      let { document, model } = start(looping);
      for (let i = 0; i < 5; i++) {
        const read = attributes.filter(() => below(4) === 0);
        const isLagged = below(3) === 0;
        const terms = read.map((one) => (isLagged ? `${one}[t-1]` : one));
        const text = `${["i", ...terms].join(" / 9 + ")}${isLagged ? "  start 0" : ""}`;
        const name = attributes[below(attributes.length)] as string;
        const edited = editModel(document, model, {
          kind: "set-formula",
          attribute: `b.${name}`,
          text,
        }).value;
        if (edited === undefined) continue;
        const whole = checkModel(parseModel("m.reckon", printDocument(edited)), none);
        let next: CheckedModel | undefined;
        for (const known of [undefined, knownOf(model)]) {
          const result = checkModel(edited, none, model, known);
          expect(result.diagnostics).toEqual(whole.diagnostics);
          expect(groups(result.value)).toEqual(groups(whole.value));
          expect(loopsOf(result.value)).toEqual(loopsOf(whole.value));
          next = result.value;
        }
        if (next === undefined || whole.diagnostics.length > 0) continue;
        document = edited;
        model = next;
      }
    }
  });
});

const looping = `model m
time month 2026-01..2026-03
block b by month
  input i = 1
  p = q / 2
  q = p / 3 + i
  r = q
  s = s[t-1] + r  start 0
  u = u / 2 + s
  loop q  start i
  loop u  start s
`;

function loopsOf(model: CheckedModel | undefined): readonly string[] | undefined {
  return model?.loops.map(({ attribute }) => attribute);
}
