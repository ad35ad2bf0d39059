/** Models of stocks and delays against the oracle, which moves them naively: every cell, bit for bit, after each edit. */
import { formatDocument, parseModel, printDocument } from "@reckon/model";
import { openSheet, type Sheet } from "@reckon/sheet";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { editSeed, playEdit } from "../arbitraries/edit.ts";
import { stockModelText, stockSeed } from "../arbitraries/stock-model.ts";
import { cases } from "./cases.ts";
import { differences, emptyHost, open, snapshot } from "./open-text.ts";

/** Sets an input, in one cell or all, in the base or the scenario. */
function setSome(sheet: Sheet, seed: readonly number[]): string {
  const choices = new Choices(seed);
  const inputs = [...sheet.model.attributes.values()].filter(({ kind }) => kind === "input");
  const { id, axes } = choices.pick(inputs);
  const scenario = choices.pick(sheet.scenarios);
  const isOne = choices.below(3) > 0;
  const index = isOne
    ? Object.fromEntries(axes.map(({ name, labels }) => [name, choices.pick(labels)]))
    : undefined;
  const value = choices.number();
  const { ok } = sheet.set(id, value, index, scenario);
  expect(ok).toBe(true);
  return `${id} ${JSON.stringify(index)} = ${value} in ${scenario}`;
}

const edit = fc.array(fc.nat(999), { minLength: 1, maxLength: 8 });

it("values equal a naive recomputation after every edit", () => {
  fc.assert(
    fc.property(stockSeed, fc.array(edit, { maxLength: 5 }), (seed, edits) => {
      const sheet = open(stockModelText(seed));
      const played: string[] = [];
      expect(differences(sheet), sheet.text()).toEqual([]);
      for (const numbers of edits) {
        played.push(setSome(sheet, numbers));
        sheet.engine.checkInvariants();
        expect(differences(sheet), `after\n${played.join("\n")}\nin\n${sheet.text()}`).toEqual([]);
      }
      sheet.dispose();
    }),
    cases(60),
  );
});

it("undoing every edit brings back every value", () => {
  fc.assert(
    fc.property(stockSeed, fc.array(edit, { minLength: 1, maxLength: 5 }), (seed, edits) => {
      const sheet = open(stockModelText(seed));
      const first = snapshot(sheet);
      for (const numbers of edits) setSome(sheet, numbers);
      while (sheet.undo() !== undefined);
      expect(snapshot(sheet)).toEqual(first);
      sheet.dispose();
    }),
    cases(20),
  );
});

it("values equal a naive recomputation after edits of any kind: formulas, pins, new and removed attributes", () => {
  fc.assert(
    fc.property(stockSeed, fc.array(editSeed, { maxLength: 6 }), (seed, edits) => {
      const sheet = open(stockModelText(seed));
      const played: string[] = [];
      for (const numbers of edits) {
        played.push(playEdit(sheet, numbers).text);
        sheet.engine.checkInvariants();
        expect(differences(sheet), `after\n${played.join("\n")}\nin\n${sheet.text()}`).toEqual([]);
      }
      sheet.dispose();
    }),
    cases(40),
  );
});

it("the plan's rewrites, and texts laid out anew, change no value", () => {
  fc.assert(
    fc.property(stockSeed, (seed) => {
      const { text, scenarios } = stockModelText(seed);
      const sheet = open({ text, scenarios });
      const model = { source: "moving.reckon", text };
      const plain = openSheet({ model, scenarios, host: emptyHost, optimise: false });
      const formatted = open({
        text: printDocument(formatDocument(parseModel("moving.reckon", text))),
        scenarios,
      });
      if (!plain.ok) throw new Error("the model does not open without rewrites");
      expect(snapshot(plain.value)).toEqual(snapshot(sheet));
      expect(snapshot(formatted)).toEqual(snapshot(sheet));
      for (const each of [sheet, plain.value, formatted]) each.dispose();
    }),
    cases(30),
  );
});

it("[IN7] a stock that is pinned in periods on end stands still in their steps", () => {
  const text = `model moving

time year 2000..2003  dt 0.5

block world by year
  a = integral(1)  start 0
  b = integral(a)  start 0
  c = integral(SMOOTH(a, 2, 10))  start 0
`;
  const scenario = "scenario other of moving\n  pin world.a[2000..] = 10\n";
  for (const method of ["euler", "rk4"]) {
    const sheet = open({
      text: text.replace("dt 0.5", `dt 0.5  method ${method}`),
      scenarios: [{ source: "other.reckon", text: scenario }],
    });
    const cells = (id: string) => Array.from({ length: 4 }, (_, cell) => sheet.column(id, "other").get(cell));
    expect(cells("world.a")).toEqual([10, 10, 10, 10]);
    expect(cells("world.b")).toEqual([0, 10, 20, 30]);
    expect(cells("world.c")).toEqual([0, 10, 20, 30]);
    expect(differences(sheet)).toEqual([]);
    expect(sheet.dropOverride("world.a", "other").ok).toBe(true);
    expect(sheet.pin("world.a", 10, { year: "2001" }, "other").ok).toBe(true);
    expect(sheet.pin("world.a", 10, { year: "2002" }, "other").ok).toBe(true);
    expect(cells("world.a")).toEqual([0, 10, 10, 11]);
    expect(cells("world.b").slice(2)).toEqual(method === "euler" ? [10.25, 20.5] : [10.5, 21]);
    sheet.dispose();
  }
});

it("[IN7] from a pinned cell a stock goes on, within the period too; a pinned formula holds", () => {
  const text = `model moving

time year 2000..2003  dt 0.5

block world by year
  level = integral(1)  start 0
  sum   = integral(level)  start 0
  seen  = level
  total = integral(seen)  start 0
`;
  const scenario = "scenario other of moving\n  pin world.level[2001] = 10\n  pin world.seen[2002] = 0\n";
  const sheet = open({ text, scenarios: [{ source: "other.reckon", text: scenario }] });
  const cells = (id: string) => Array.from({ length: 4 }, (_, cell) => sheet.column(id, "other").get(cell));
  expect(cells("world.level")).toEqual([0, 10, 11, 12]);
  expect(cells("world.sum")).toEqual([0, 0.25, 10.5, 21.75]);
  expect(cells("world.total")).toEqual([0, 0.25, 10.5, 10.5]);
  expect(differences(sheet)).toEqual([]);
  sheet.dispose();
});

it("[IN3] what a formula is told of its period holds through the period's steps", () => {
  const text = (time: string) => `model moving

time year 2000..2003  ${time}

block world by year
  clock = integral(1)  start 1
  level = integral(PERIOD_INDEX() * 10 + clock)  start 0
`;
  const seen = ["dt 1", "dt 0.5", "dt 0.5  method rk4"].map((time) => {
    const sheet = open({ text: text(time), scenarios: [] });
    expect(differences(sheet)).toEqual([]);
    const { numbers } = sheet.column("world.level");
    sheet.dispose();
    return [...numbers];
  });
  // A year's flow: ten times the index, and the mean of where the clock is looked at.
  expect(seen).toEqual([
    [0, 11, 33, 66],
    [0, 11.25, 33.5, 66.75],
    [0, 11.5, 34, 67.5],
  ]);
});
