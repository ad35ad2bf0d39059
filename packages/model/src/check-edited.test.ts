import { expect, it } from "vitest";
import type { ModelDocument, ModelEdit } from "./api.ts";
import { checkModel } from "./check-model.ts";
import { readsOf } from "./checked-line.ts";
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

it("[LA56] what reads a changed formula and what it reads need not be searched to the end", () => {
  const count = 400;
  const written = ["model m", "block b", "  input a = 1"];
  for (let i = 0; i < count; i++)
    written.push(`  x${i} = ${i === 0 ? "a" : `x${i - 1}`} + 1`, `  y${i} = x${i} + 2`);
  const document = parseModel("m.reckon", `${written.join("\n")}\n`);
  const model = checkModel(document, none).value as CheckedModel;
  const readers = new Map<string, string[]>();
  for (const attribute of model.attributes.values())
    if (attribute.kind === "formula")
      for (const id of readsOf(attribute)) readers.set(id, [...(readers.get(id) ?? []), attribute.id]);
  const levelOf = (id: string): number => {
    const index = Number(id.slice(3));
    return id === "b.a" ? 0 : id.startsWith("b.x") ? index + 1 : index + 2;
  };
  let looks = 0;
  const known = {
    isWhole: true,
    isRead: (id: string) => readers.has(id),
    levelOf,
    readersOf: (id: string) => {
      looks += 1;
      return readers.get(id) ?? [];
    },
  };
  const change = (attribute: string, formula: string) => {
    const edited = editModel(document, model, { kind: "set-formula", attribute, text: formula });
    looks = 0;
    return checkModel(edited.value as ModelDocument, none, model, known);
  };
  // Nothing reads `y5`, however much it reads; nothing is read by `x1`, however much reads it.
  expect(change("b.y5", "x399 + y300").value?.attributes.size).toBe(2 * count + 1);
  expect(looks).toBeLessThan(3);
  expect(change("b.x300", "a * 2 + x1").value?.attributes.size).toBe(2 * count + 1);
  expect(looks).toBeLessThan(10);
  for (const [attribute, formula] of [
    ["b.x5", "x6 + 1"],
    ["b.x5", "y300"],
    ["b.x5", "x5 + 1"],
    ["b.x5", "y5 * x2"],
  ] as const)
    expect(change(attribute, formula).diagnostics.map(({ code }) => code)).toEqual(["model/undeclared-loop"]);
});

it("[LA61] an attribute that comes, and one that nothing reads and goes, are looked at alone", () => {
  const known = {
    isWhole: true,
    isRead: (id: string) => id !== "c.total",
    levelOf: () => 0,
    readersOf: () => [],
  };
  const apart = parseModel("m.reckon", text.replace("check c.total > -1000\n", ""));
  const first = checkModel(apart, none).value as CheckedModel;
  const removed = editModel(apart, first, { kind: "remove-attribute", attribute: "c.total" })
    .value as ModelDocument;
  const without = checkModel(removed, none, first, known).value as CheckedModel;
  expect([...without.attributes.keys()]).toEqual(["b.p", "b.q", "b.x", "b.y", "b.z"]);
  expect(without.blocks[1]?.attributes).toEqual([]);
  expect(without.attributes.get("b.x")).toBe(first.attributes.get("b.x"));
  const added = editModel(removed, without, {
    kind: "add-attribute",
    block: "b",
    text: "w = p + x",
    after: "p",
  }).value as ModelDocument;
  const longer = checkModel(added, none, without, known).value as CheckedModel;
  expect([...longer.attributes.keys()]).toEqual(["b.p", "b.w", "b.q", "b.x", "b.y", "b.z"]);
  expect(longer.attributes.get("b.y")).toBe(first.attributes.get("b.y"));
  expect(without.attributes.has("b.w")).toBe(false);
  // A name of an axis, one that is there already, one that does not read: the whole is looked at, and says so.
  for (const [line, code] of [
    ["s = 3", undefined],
    ["x = 3", "model/duplicate-name"],
    ["w2 = nothing", "formula/unknown-name"],
  ] as const) {
    const edited = parseModel(
      "m.reckon",
      printDocument(added).replace("block c", `  ${line}\nblock c`),
      added,
    );
    const result = checkModel(edited, none, longer, known);
    expect([line, result.diagnostics.map((one) => one.code)[0]]).toEqual([line, code]);
  }
});

it("[LA61] [LA84] a stock that nothing reads goes with its place among the stocks", () => {
  const stocks = parseModel(
    "m.reckon",
    "model m\ntime year 2026..2028\nblock b by year\n  input q = 3\n  level = integral(q)  start 1\n  late = SMOOTH(q, 2)\n",
  );
  const first = checkModel(stocks, none).value as CheckedModel;
  expect(first.stocks.length).toBe(2);
  const known = { isWhole: true, isRead: () => false, levelOf: () => 0, readersOf: () => [] };
  for (const attribute of ["b.level", "b.late"]) {
    const without = editModel(stocks, first, { kind: "remove-attribute", attribute }).value as ModelDocument;
    const { value } = checkModel(without, none, first, known);
    const whole = checkModel(parseModel("m.reckon", printDocument(without)), none).value;
    expect(value?.stocks.map(({ id }) => id)).toEqual(whole?.stocks.map(({ id }) => id));
    expect(value?.stocks).toHaveLength(1);
  }
});
