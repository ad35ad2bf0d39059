import { describe, expect, it } from "vitest";
import type { ModelEdit } from "./api.ts";
import { checkModel } from "./check-model.ts";
import type { CheckedModel } from "./declarations.ts";
import { diagnosticsOf, parseModel, printDocument } from "./document.ts";
import { editModel } from "./edit-model.ts";

const text = `model shop  # a shop
time month 2026-01..2026-06
axis product = tea, coffee, milk

block sales by product, month
  # prices first
  input price:  EUR = { tea: 3, coffee: 4.5, milk: 1 }   min 0   "List"   # by hand
  input churn       = 2.5%       range 0..1
  input seasons     = [1, 2, 3, 4, 5, 6]
  input stock       = table("stock.csv", by product)
\trevenue:    EUR   =   price *
        2      "Money" # kept
  last = revenue
block plain
  input amount: USD = 250_000 USD
  input name: text = "shop"
  input day: date = 2026-01-31
  input open = TRUE
`;
const tables = () => ({
  source: "stock.csv",
  rows: 3,
  lines: [2, 3, 4],
  columns: [
    { name: "product", values: ["tea", "coffee", "milk"] },
    { name: "stock", values: [1, 2, 3] },
  ],
});
const document = parseModel("shop.reckon", text);
const model = checkModel(document, tables).value as CheckedModel;

/** The lines that an edit changes, as `old → new`; or its diagnostics' messages. */
function edited(edit: ModelEdit): string[] {
  const { value, diagnostics } = editModel(document, model, edit);
  if (value === undefined)
    return diagnostics.map(({ message, hint }) => (hint === undefined ? message : `${message}; ${hint}`));
  expect(checkModel(value, tables, model).diagnostics).toEqual([]);
  const before = text.split("\n");
  return printDocument(value)
    .split("\n")
    .filter((line) => !before.includes(line));
}
const products = [0, 1, 2];
const months = [0, 1, 2, 3, 4, 5];
const setCells = (
  attribute: string,
  positions: number[][],
  value: number | string | boolean | null,
): string[] => edited({ kind: "set-cells", attribute, positions, value });

describe("formulas", () => {
  it("[LA48] only the formula is replaced", () => {
    expect(edited({ kind: "set-formula", attribute: "sales.revenue", text: "= price * 3" })).toEqual([
      '\trevenue:    EUR   =   price * 3      "Money" # kept',
    ]);
    const { value } = editModel(document, model, {
      kind: "set-formula",
      attribute: "sales.last",
      text: "revenue + 1",
    });
    expect(value?.items.map(({ id }) => id)).toEqual(document.items.map(({ id }) => id));
    expect(value?.items.filter((item, i) => item !== document.items[i])).toHaveLength(1);
  });

  it("[LA50] a formula that does not read or check is refused", () => {
    expect(edited({ kind: "set-formula", attribute: "sales.last", text: "revnue * 2" })[0]).toContain(
      "did you mean `revenue`?",
    );
    expect(edited({ kind: "set-formula", attribute: "sales.last", text: "(1" })).toEqual([
      "`(` is never closed",
    ]);
    expect(edited({ kind: "set-formula", attribute: "sales.last", text: "1\n  other = 2" })).not.toEqual([]);
    expect(
      editModel(document, model, { kind: "set-formula", attribute: "sales.last", text: "1\n  x = 2" }).value,
    ).toBeUndefined();
    expect(
      editModel(document, model, { kind: "set-formula", attribute: "sales.last", text: '1 "label"' }).value,
    ).toBeUndefined();
    expect(edited({ kind: "set-formula", attribute: "sales.price", text: "1" })[0]).toContain("is an input");
    expect(edited({ kind: "set-formula", attribute: "sales.lost", text: "1" })[0]).toContain(
      "did you mean `sales.last`?",
    );
  });
});

describe("cells", () => {
  for (const [attribute, positions, value, line] of [
    ["sales.churn", [products, months], 0.03, "  input churn       = 3%       range 0..1"],
    ["sales.churn", [products, months], 1 / 3, "  input churn       = 0.3333333333333333       range 0..1"],
    ["plain.amount", [], 1_250_000.5, "  input amount: USD = 1_250_000.5 USD"],
    ["plain.amount", [], -5, "  input amount: USD = -5 USD"],
    ["plain.name", [], 'say "hi"', '  input name: text = "say ""hi"""'],
    ["plain.open", [], false, "  input open = FALSE"],
    [
      "sales.price",
      [[1], months],
      5,
      '  input price:  EUR = { tea: 3, coffee: 5, milk: 1 }   min 0   "List"   # by hand',
    ],
    [
      "sales.price",
      [[1], [2, 3]],
      5,
      '  input price:  EUR = { tea: 3, coffee: { ..2026-02: 4.5, 2026-03..2026-04: 5, 2026-05..: 4.5 }, milk: 1 }   min 0   "List"   # by hand',
    ],
    ["sales.price", [products, months], 5, '  input price:  EUR = 5   min 0   "List"   # by hand'],
    ["sales.seasons", [products, [2]], 30, "  input seasons     = [1, 2, 30, 4, 5, 6]"],
    [
      "sales.seasons",
      [[0], [2]],
      30,
      "  input seasons     = { tea: [1, 2, 30, 4, 5, 6], coffee: [1, 2, 3, 4, 5, 6], milk: [1, 2, 3, 4, 5, 6] }",
    ],
    [
      "sales.churn",
      [[1], months],
      0.5,
      "  input churn       = { tea: 2.5%, coffee: 50%, milk: 2.5% }       range 0..1",
    ],
  ] as const) {
    it(`[LA49] ${attribute} ${JSON.stringify(positions)} = ${value}`, () => {
      expect(setCells(attribute, positions as unknown as number[][], value)).toEqual([line]);
    });
  }

  it("[LA49] the cells read back are the cells set", () => {
    for (const positions of [
      [[0], [0]],
      [
        [0, 2],
        [1, 5],
      ],
      [products, [3]],
      [[1], months],
    ]) {
      for (const attribute of ["sales.price", "sales.churn", "sales.seasons"]) {
        const edit: ModelEdit = { kind: "set-cells", attribute, positions, value: 0.75 };
        const after = checkModel(
          editModel(document, model, edit).value ?? document,
          tables,
        ).value?.attributes.get(attribute);
        const before = model.attributes.get(attribute);
        if (after?.kind !== "input" || before?.kind !== "input") throw new Error("no input");
        for (let i = 0; i < after.column.length; i++) {
          const isSet =
            positions[0]?.includes(Math.floor(i / 6)) === true && positions[1]?.includes(i % 6) === true;
          expect(after.column.get(i)).toBe(isSet ? 0.75 : before.column.get(i));
        }
      }
    }
  });

  it("[LA50] refused: wrong values, tables, what has no text", () => {
    expect(setCells("sales.churn", [[0], [0]], 3)).toEqual([
      "`sales.churn[tea, 2026-01]` is 3; it must be between 0 and 1",
    ]);
    expect(setCells("plain.amount", [], "much")[0]).toContain("it must be a number");
    expect(setCells("sales.stock", [[0], [0]], 3)[0]).toContain("comes from `stock.csv`");
    expect(setCells("plain.open", [], null)).toEqual(["blank cannot be written as a constant"]);
    expect(setCells("sales.revenue", [[0], [0]], 3)[0]).toContain("its cells are computed");
  });
});

describe("lines", () => {
  it("[LA48] an input's value is replaced as typed", () => {
    expect(edited({ kind: "set-input", attribute: "plain.amount", text: "1_000" })).toEqual([
      "  input amount: USD = 1_000",
    ]);
    expect(edited({ kind: "set-input", attribute: "plain.amount", text: "{ a: " })[0]).toContain(
      "expected a value",
    );
  });

  it("[LA51] a new attribute goes behind the last or a given one", () => {
    const added = (after?: string): string => {
      const edit: ModelEdit = {
        kind: "add-attribute",
        block: "sales",
        text: "double = revenue * 2",
        ...(after ? { after } : {}),
      };
      return printDocument(editModel(document, model, edit).value ?? document);
    };
    expect(added()).toContain("  last = revenue\n  double = revenue * 2\nblock plain");
    expect(added("churn")).toContain("range 0..1\n  double = revenue * 2\n  input seasons");
    const bare = parseModel("b.reckon", "model b\r\nblock c");
    const checked = checkModel(bare, tables).value as CheckedModel;
    const { value } = editModel(bare, checked, { kind: "add-attribute", block: "c", text: "input x = 1" });
    expect(printDocument(value ?? bare)).toBe("model b\r\nblock c\r\n  input x = 1\r\n");
  });

  it("[LA50] a new attribute that is wrong is refused", () => {
    expect(edited({ kind: "add-attribute", block: "sales", text: "last = 1" })[0]).toContain(
      "declared twice",
    );
    expect(edited({ kind: "add-attribute", block: "sale", text: "x = 1" })[0]).toContain("no block `sale`");
    expect(edited({ kind: "add-attribute", block: "sales", text: "x = 1\n  y = 2" })).not.toEqual([]);
    expect(edited({ kind: "add-attribute", block: "sales", text: "block x" })[0]).toContain(
      "not exactly one declaration",
    );
  });

  it("[LA48] removing takes the line and nothing else", () => {
    const { value } = editModel(document, model, { kind: "remove-attribute", attribute: "sales.last" });
    expect(printDocument(value ?? document)).toBe(text.replace("  last = revenue\n", ""));
  });

  it("[LA58] removing takes the attribute's loop line along, and no other", () => {
    const before =
      "model a\nblock b\n  x = x / 2 + 1\n  y = y / 2 + 1\n  loop x  start 1\n  # y\n  loop y\nblock c\n  x = x / 2\n  loop x\n";
    const looping = parseModel("a.reckon", before);
    const checked = checkModel(looping, tables).value as CheckedModel;
    const { value } = editModel(looping, checked, { kind: "remove-attribute", attribute: "b.x" });
    expect(printDocument(value ?? looping)).toBe(
      before.replace("  x = x / 2 + 1\n", "").replace("  loop x  start 1\n", ""),
    );
    expect(checkModel(value ?? looping, tables).diagnostics).toEqual([]);
  });

  it("[LA52] a whole new text keeps what it can", () => {
    const { value } = editModel(document, model, { kind: "replace-text", text: text.replace("4.5", "5") });
    expect(value?.items.filter((item) => !document.items.includes(item))).toHaveLength(1);
    expect(diagnosticsOf(value ?? document)).toEqual([]);
  });
});
