import { expect, it } from "vitest";
import type { ModelDocument, ModelEdit } from "./api.ts";
import { checkModel } from "./check-model.ts";
import type { CheckedAttribute, CheckedModel } from "./declarations.ts";
import { parseModel, printDocument } from "./document.ts";
import { editModel } from "./edit-model.ts";

const text = `model m
time year 2026..2028
axis s = A, B
block b by s, year
  input p = { A: 1, B: 2 }
  input q = 3
  x = p * 2
  y = x + y[t-1]  start 0
  z = y - q
block c
  total = sum(b.z over s, year)
check c.total > -1000
`;
const none = () => ({ problem: "none" });

function start(): { document: ModelDocument; model: CheckedModel } {
  const document = parseModel("m.reckon", text);
  return { document, model: checkModel(document, none).value as CheckedModel };
}

/** How often the text of a line that nobody edited is read. */
function countReads(document: ModelDocument): () => number {
  let reads = 0;
  const item = document.items.find(
    ({ declaration }) => declaration?.kind === "formula" && declaration.name.text === "total",
  );
  const written = item?.text ?? "";
  Object.defineProperty(item, "text", {
    get: () => {
      reads += 1;
      return written;
    },
  });
  return () => reads;
}

/** What anybody can read of an attribute. Ids of items count from where the document began, so they do not compare. */
function shown(attribute: CheckedAttribute): object {
  const { kind, id, block, name, axes, type, label, format, span } = attribute;
  const parts = { kind, id, block, name, axes, type, label, format, span };
  if (attribute.kind === "input") {
    const { column, min, max, isReadOnly } = attribute;
    return { ...parts, column, min, max, isReadOnly };
  }
  const { formula, text: written, weight, isManual, timeoutMs, retries } = attribute;
  return { ...parts, formula, written, weight, isManual, timeoutMs, retries };
}

const edits: readonly (readonly [name: string, edit: ModelEdit, isLocal: boolean])[] = [
  ["a value", { kind: "set-input", attribute: "b.p", text: "7" }, true],
  ["a formula", { kind: "set-formula", attribute: "b.x", text: "p * 3 + q" }, true],
  [
    "a formula that reads more of the chain",
    { kind: "set-formula", attribute: "b.z", text: "y - x * q" },
    true,
  ],
  ["a new loop", { kind: "set-formula", attribute: "b.x", text: "z / 2" }, false],
  ["a value out of type", { kind: "set-input", attribute: "b.q", text: "p" }, false],
];

for (const [name, edit, isLocal] of edits) {
  it(`[LA56] ${name}: ${isLocal ? "only the line is looked at" : "the whole is checked"}, with the same result`, () => {
    const { document, model } = start();
    const edited = editModel(document, model, edit).value as ModelDocument;
    const reads = countReads(edited);
    const result = checkModel(edited, none, model);
    expect(reads() === 0).toBe(isLocal);
    const whole = checkModel(parseModel("m.reckon", printDocument(edited)), none);
    expect(result.diagnostics).toEqual(whole.diagnostics);
    expect(result.value === undefined).toBe(whole.value === undefined);
    expect([...(result.value?.attributes.keys() ?? [])]).toEqual([...(whole.value?.attributes.keys() ?? [])]);
    for (const [id, attribute] of result.value?.attributes ?? []) {
      const other = whole.value?.attributes.get(id);
      expect(shown(attribute)).toEqual(shown(other as CheckedAttribute));
      if (!("attribute" in edit) || id !== edit.attribute) expect(attribute).toBe(model.attributes.get(id));
    }
  });
}

it("[LA56] a chain of edits is looked at from the last model on", () => {
  const start0 = start();
  let { document, model } = start0;
  for (let i = 0; i < 20; i++) {
    document = editModel(document, model, { kind: "set-input", attribute: "b.q", text: String(i) })
      .value as ModelDocument;
    document = editModel(document, model, { kind: "set-formula", attribute: "b.x", text: `p * ${i}` })
      .value as ModelDocument;
    if (i % 3 === 0) model = checkModel(document, none, model).value as CheckedModel;
  }
  const reads = countReads(document);
  model = checkModel(document, none, model).value as CheckedModel;
  expect(reads()).toBe(0);
  const q = model.attributes.get("b.q");
  const x = model.attributes.get("b.x");
  expect(q?.kind === "input" && q.column.get(0)).toBe(19);
  expect(x?.kind === "formula" && x.text).toBe("p * 19");
  expect(model.attributes.get("b.y")).toBe(start0.model.attributes.get("b.y"));
});

it("[LA56] another table is another check", () => {
  const source = 'model m\naxis s = A\nblock b by s\n  input p = table("t.csv", by s)\n  x = 1\n';
  const tableOf = (value: number) => ({
    source: "t.csv",
    rows: 1,
    lines: [2],
    columns: [
      { name: "s", values: ["A"] },
      { name: "p", values: [value] },
    ],
  });
  const [one, two] = [tableOf(1), tableOf(2)];
  const document = parseModel("m.reckon", source);
  const model = checkModel(document, () => one).value as CheckedModel;
  expect(checkModel(document, () => one, model).value?.attributes.get("b.p")).toBe(
    model.attributes.get("b.p"),
  );
  const p = checkModel(document, () => two, model).value?.attributes.get("b.p");
  expect(p?.kind === "input" && p.column.get(0)).toBe(2);
});

it("[LA56] a file read again with a line edited is looked at there", () => {
  const { document, model } = start();
  const again = parseModel("m.reckon", text.replace("p * 2", "p * 5"), document);
  const reads = countReads(again);
  const x = checkModel(again, none, model).value?.attributes.get("b.x");
  expect(reads()).toBe(0);
  expect(x?.kind === "formula" && x.text).toBe("p * 5");
});
