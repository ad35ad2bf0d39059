import { describe, expect, it } from "vitest";
import type { ModelDocument } from "./api.ts";
import { checkModel } from "./check-model.ts";
import type { CheckedModel } from "./declarations.ts";
import { listOf, parseModel, parseScenario, printDocument } from "./document.ts";
import { editModel } from "./edit-model.ts";
import { EditHistory } from "./history.ts";
import { changedItems, ItemChunk } from "./item-list.ts";

const many = (count: number): string =>
  `model m\nblock b\n${Array.from({ length: count }, (_, i) => `  input x${i} = ${i}\n`).join("")}`;
const text = (history: EditHistory, source = "m"): string => {
  const document = history.documents[source];
  return document === undefined ? "" : printDocument(document);
};

function edit(document: ModelDocument, name: string, value: string): ModelDocument {
  const model = checkModel(document, () => ({ problem: "none" })).value as CheckedModel;
  return (
    editModel(document, model, { kind: "set-input", attribute: `b.${name}`, text: value }).value ?? document
  );
}

describe("steps", () => {
  it("[LA53] undo and redo give back every document", () => {
    const texts = [many(3), many(3).replace("= 1", "= 10"), many(700), many(5), "model m\n", many(600)];
    const history = new EditHistory({ m: parseModel("m", texts[0] ?? "") });
    texts.slice(1).forEach((next, i) => {
      history.commit(`step ${i + 1}`, { m: parseModel("m", next, history.documents.m as ModelDocument) });
      expect(text(history)).toBe(next);
    });
    for (let i = texts.length - 1; i > 0; i--) {
      expect(text(history)).toBe(texts[i]);
      expect(history.undo()).toBe(`step ${i}`);
    }
    expect(text(history)).toBe(texts[0]);
    expect(history.undo()).toBeUndefined();
    expect(history.undone[0]).toBe("step 1");
    for (let i = 1; i < texts.length; i++) {
      expect(history.redo()).toBe(`step ${i}`);
      expect(text(history)).toBe(texts[i]);
    }
    expect(history.redo()).toBeUndefined();
    expect(history.done).toEqual(["step 1", "step 2", "step 3", "step 4", "step 5"]);
  });

  it("[LA53] a commit after an undo forgets the future", () => {
    const first = parseModel("m", many(3));
    const history = new EditHistory({ m: first });
    history.commit("ten", { m: edit(first, "x1", "10") });
    history.undo();
    history.commit("twenty", { m: edit(history.documents.m as ModelDocument, "x1", "20") });
    expect(history.undone).toEqual([]);
    expect(history.done).toEqual(["twenty"]);
  });

  it("[LA53] documents come and go, scenarios keep their form", () => {
    const history = new EditHistory({ m: parseModel("m", many(2)) });
    const scenario = parseScenario("s.yaml", "scenario: s\nmodel: m\n");
    history.commit("open", { s: scenario });
    history.commit("close", { s: undefined });
    expect(Object.keys(history.documents)).toEqual(["m"]);
    history.undo();
    expect(history.documents.s).toMatchObject({ format: "yaml", source: "s" });
    const model = history.documents.m;
    history.undo();
    expect(Object.keys(history.documents)).toEqual(["m"]);
    expect(history.documents.m).toBe(model);
  });

  it("[LA56] undo of an edit in place says which line it was", () => {
    const first = parseModel("m", many(600));
    const history = new EditHistory({ m: first });
    history.commit("ten", { m: edit(first, "x1", "10") });
    history.commit("five", { m: edit(history.documents.m as ModelDocument, "x500", "5") });
    const edited = history.documents.m as ModelDocument;
    history.undo();
    history.undo();
    const restored = history.documents.m as ModelDocument;
    const changed = changedItems(listOf(edited), listOf(restored), 100) ?? [];
    expect(changed.map(({ before }) => before?.text)).toEqual(["  input x1 = 10\n", "  input x500 = 5\n"]);
    expect(changed.map(({ after }) => after)).toEqual([first.items[3], first.items[502]]);
    expect(restored.items.filter((item, i) => item.text !== edited.items[i]?.text)).toHaveLength(2);
    history.commit("shorter", { m: parseModel("m", many(10), restored) });
    const short = history.documents.m as ModelDocument;
    history.undo();
    expect(changedItems(listOf(short), listOf(history.documents.m as ModelDocument), 100)).toBeUndefined();
  });

  it("[LA54] a transaction is one step, a throw takes it back", () => {
    const first = parseModel("m", many(600));
    const history = new EditHistory({ m: first });
    history.transaction("both", () => {
      history.commit("inner", { m: edit(first, "x1", "10") });
      history.transaction("nested", () =>
        history.commit("inner", { m: edit(history.documents.m as ModelDocument, "x500", "5") }),
      );
    });
    expect(history.done).toEqual(["both"]);
    const after = text(history);
    expect(() =>
      history.transaction("bad", () => {
        history.commit("inner", { m: edit(history.documents.m as ModelDocument, "x2", "20") });
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(text(history)).toBe(after);
    expect(history.done).toEqual(["both"]);
    history.undo();
    expect(text(history)).toBe(many(600));
    history.redo();
    expect(text(history)).toBe(after);
  });

  it("[LA54] a commit that changes nothing is no step", () => {
    const first = parseModel("m", many(3));
    const history = new EditHistory({ m: first });
    history.commit("same", { m: parseModel("m", many(3), first) });
    expect(history.done).toEqual([]);
  });

  it("[LA55] the depth is bounded, and a step is as large as its change, however long the file is", () => {
    const kept = [2_000, 8_000].map((lines) => {
      const history = new EditHistory({ m: parseModel("m", many(lines)) }, { depthMax: 3 });
      for (let i = 0; i < 5; i++)
        history.commit(`step ${i}`, { m: edit(history.documents.m as ModelDocument, "x1500", String(i)) });
      expect(history.done).toEqual(["step 2", "step 3", "step 4"]);
      const { steps } = history as unknown as {
        steps: { patches: { value: unknown }[]; inverse: { value: unknown }[] }[];
      };
      return steps.flatMap(({ patches, inverse }) => [...patches, ...inverse].map(({ value }) => value));
    });
    for (const values of kept) {
      expect(values.every((value) => value instanceof ItemChunk)).toBe(true);
      expect(values.map((value) => (value as ItemChunk<unknown>).items.length)).toEqual(Array(6).fill(512));
    }
  });

  it("[LA53] random edits go back to the start and forward again", () => {
    let seed = 11;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const lines = many(520).split("\n").slice(0, -1);
    const history = new EditHistory({ m: parseModel("m", `${lines.join("\n")}\n`) });
    const texts = [text(history)];
    for (let step = 0; step < 80; step++) {
      const at = 2 + random(lines.length - 2);
      const removed = random(4) === 0 ? random(Math.min(300, lines.length - at)) : random(2);
      const added = Array.from(
        { length: random(5) === 0 ? random(600) : random(2) },
        (_, i) => `  input n${step}_${i} = 1`,
      );
      lines.splice(at, removed, ...added);
      history.commit(String(step), {
        m: parseModel("m", `${lines.join("\n")}\n`, history.documents.m as ModelDocument),
      });
      if (text(history) !== texts.at(-1)) texts.push(text(history));
    }
    for (let i = texts.length - 1; i >= 0; i--) {
      expect(text(history) === texts[i]).toBe(true);
      history.undo();
    }
    for (const expected of texts) {
      expect(text(history) === expected).toBe(true);
      history.redo();
    }
  });
});
