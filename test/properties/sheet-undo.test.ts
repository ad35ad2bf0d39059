/**
 * Undo, whatever was done: random edits of a model and two scenarios, values typed and taken back at random, files
 * reloaded, scenarios opened and closed. However far the history is walked back and forth, the same step has the same
 * texts and the same values, and these are those of a sheet opened on the texts.
 */
import { openSheet, type Sheet, type SheetResult } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import { emptyHost, snapshot } from "./open-text.ts";

const model = `model shop   # sells
time month 2026-01..2026-04
axis kind = tea, coffee, cake

block sales by kind, month   "Sales"
  input price = { tea: 2, coffee: 3, cake: 4 }   min 0   # list price
  input units = [10, 11, 12, 13]
  input note: text = "none"
  revenue = price * units          # here
  grown = grown[t-1] * 0.5 + revenue   start 1

block total by month
  input cost = 5
  income = sum(sales.revenue over kind)
  profit = income - cost
  input fee = 1%
  due = profit - paid
  paid = due * fee
  loop due  start profit  tolerance 0.000000001  limit 100
`;
const wide = "scenario wide of shop   # all\n  sales.price *= 2\n  total.cost = 3\n";
const narrow =
  "scenario narrow of shop extends wide\n  sales.price[tea, *] += 1   # tea\n  pin total.profit[2026-02] = 7\n";
const files = [
  { source: "wide.reckon", text: wide },
  { source: "narrow.reckon", text: narrow },
];

function open(texts: {
  readonly model: string;
  readonly scenarios: readonly { source: string; text: string }[];
}): Sheet {
  const result = openSheet({
    model: { source: "shop.reckon", text: texts.model },
    scenarios: texts.scenarios,
    host: emptyHost,
  });
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  return result.value;
}

type Edit = (sheet: Sheet) => SheetResult<unknown>;

const scenario = fc.constantFrom("base", "wide", "narrow");
const kind = fc.constantFrom("tea", "coffee", "cake", undefined);
const month = fc.constantFrom("2026-01", "2026-02", "2026-04", undefined);
const number = fc.oneof(
  fc.integer({ min: -3, max: 30 }),
  fc.constantFrom("5%", "1_000", "2 * 3", "", "oops +"),
);

function at(kind: string | undefined, month: string | undefined): Record<string, string> {
  return { ...(kind === undefined ? {} : { kind }), ...(month === undefined ? {} : { month }) };
}

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.tuple(fc.constantFrom("sales.price", "sales.units"), number, kind, month, scenario).map(
      ([id, value, k, m, s]): Edit =>
        (sheet) =>
          sheet.set(id, value, at(k, m), s),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom("total.cost", "total.fee"), number, month, scenario).map(
      ([id, value, m, s]): Edit =>
        (sheet) =>
          sheet.set(id, value, at(undefined, m), s),
    ),
  },
  fc.tuple(fc.string({ maxLength: 6 }), kind, month).map(
    ([text, k, m]): Edit =>
      (sheet) =>
        sheet.set("sales.note", text, at(k, m)),
  ),
  fc
    .tuple(
      fc.constantFrom("total.profit", "sales.revenue", "total.paid"),
      fc.integer({ min: 0, max: 9 }),
      month,
      fc.constantFrom("wide", "narrow"),
    )
    .map(
      ([id, value, m, s]): Edit =>
        (sheet) =>
          sheet.pin(id, value, at(undefined, m), s),
    ),
  fc
    .tuple(fc.constantFrom("total.profit", "sales.price", "total.cost"), fc.constantFrom("wide", "narrow"))
    .map(
      ([id, s]): Edit =>
        (sheet) =>
          sheet.dropOverride(id, s),
    ),
  fc
    .tuple(
      fc.constantFrom("sales.revenue", "total.income", "total.profit"),
      fc.constantFrom(
        "price * units",
        "price + units",
        "sum(sales.revenue over kind)",
        "income - cost",
        "income * 2",
        "profit",
        "oops",
      ),
    )
    .map(
      ([id, text]): Edit =>
        (sheet) =>
          sheet.setFormula(id, text),
    ),
  fc
    .tuple(
      fc.constantFrom("sales", "total"),
      fc.constantFrom("x = 1", "y = total.cost * 2", "input x = 4   # new", "x = sales.price"),
    )
    .map(
      ([block, line]): Edit =>
        (sheet) =>
          sheet.addAttribute(block, line),
    ),
  fc.constantFrom("sales.x", "sales.y", "total.x", "total.y", "sales.note", "total.income").map(
    (id): Edit =>
      (sheet) =>
        sheet.removeAttribute(id),
  ),
  fc
    .constantFrom(
      model,
      model.replace("[10, 11, 12, 13]", "10"),
      model.replace("income - cost", "income - cost - 1"),
      "model shop\n",
      "modle",
    )
    .map(
      (text): Edit =>
        (sheet) =>
          sheet.reload("shop.reckon", text),
    ),
  fc.constantFrom(wide, wide.replace("*= 2", "= 9"), narrow).map(
    (text): Edit =>
      (sheet) =>
        sheet.reload(`${text === narrow ? "narrow" : "wide"}.reckon`, text),
  ),
);

type Move =
  | { readonly kind: "edit"; readonly edits: readonly Edit[] }
  | { readonly kind: "together"; readonly edits: readonly Edit[] }
  | { readonly kind: "undo" | "redo" };

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: edit.map((one): Move => ({ kind: "edit", edits: [one] })) },
  {
    weight: 1,
    arbitrary: fc.array(edit, { maxLength: 4 }).map((edits): Move => ({ kind: "together", edits })),
  },
  { weight: 2, arbitrary: fc.constant({ kind: "undo" } as Move) },
  { weight: 1, arbitrary: fc.constant({ kind: "redo" } as Move) },
);

function play(sheet: Sheet, moves: Move): void {
  if (moves.kind === "edit") {
    for (const one of moves.edits) one(sheet);
  } else if (moves.kind === "together") {
    sheet.transaction("together", () => moves.edits.map((one) => one(sheet)));
  } else if (moves.kind === "undo") sheet.undo();
  else sheet.redo();
}

function stateOf(sheet: Sheet) {
  return { texts: sheet.scenarios.map((name) => sheet.text(name)), values: snapshot(sheet) };
}

it("[SH21] every step of the history has its texts and values, however it is reached", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
      const sheet = open({ model, scenarios: files });
      const first = stateOf(sheet);
      for (const one of moves) {
        play(sheet, one);
        sheet.engine.checkInvariants();
      }
      const steps = [stateOf(sheet)];
      while (sheet.undo() !== undefined) steps.unshift(stateOf(sheet));
      expect(steps[0]).toEqual(first);
      for (const expected of steps.slice(1)) {
        expect(sheet.redo()).toBeDefined();
        expect(stateOf(sheet)).toEqual(expected);
      }
      const [text, ...rest] = stateOf(sheet).texts as [string, ...string[]];
      const again = open({
        model: text,
        scenarios: rest.map((scenarioText, i) => ({
          source: files[i]?.source as string,
          text: scenarioText,
        })),
      });
      expect(stateOf(again)).toEqual(steps.at(-1));
      again.dispose();
      sheet.dispose();
    }),
    cases(60),
  );
});
