/**
 * Stocks that move within a period, among formulas that read ahead and back: the checker says that something waits for
 * itself where a search over all cells finds it, and nowhere else; and where it finds nothing the engine computes every
 * cell, to the bits of the oracle.
 */
import { checkModel, parseModel } from "@reckon/model";
import { isErrorValue } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { cases } from "./cases.ts";
import { differences, open } from "./open-text.ts";

const periods = 4;

interface Read {
  readonly name: string;
  readonly offset: number;
}

interface World {
  readonly time: string;
  /** Whether stocks are at several places within a period. */
  readonly isFine: boolean;
  /** What each stock flows from, and each formula reads. */
  readonly stocks: ReadonlyMap<string, readonly Read[]>;
  readonly formulas: ReadonlyMap<string, readonly Read[]>;
}

function worldOf(choices: Choices): World {
  const time = choices.pick(["  dt 0.5", "  method rk4", "  dt 0.5  method rk4", ""]);
  const stockNames = Array.from({ length: 1 + choices.below(3) }, (_, i) => `s${i}`);
  const formulaNames = Array.from({ length: 1 + choices.below(3) }, (_, i) => `f${i}`);
  const all = [...stockNames, ...formulaNames];
  const some = (draw: () => Read): Read[] => Array.from({ length: 1 + choices.below(2) }, draw);
  const flow = (): Read => ({ name: choices.pick(all), offset: 0 });
  return {
    time,
    isFine: time !== "",
    stocks: new Map(stockNames.map((name) => [name, some(flow)])),
    formulas: new Map(
      formulaNames.map((name, i) => {
        const read = (): Read => {
          const offset = choices.pick([0, 1, -1]);
          // In its own period a formula reads only those before it: loops are not what is looked for.
          return {
            name: choices.pick(offset === 0 ? [...stockNames, ...formulaNames.slice(0, i)] : all),
            offset,
          };
        };
        return [name, some(read)];
      }),
    ),
  };
}

function textOf({ time, stocks, formulas }: World): string {
  const written = ({ name, offset }: Read) => (offset === 0 ? name : `${name}[t${offset > 0 ? "+1" : "-1"}]`);
  const sum = (reads: readonly Read[]) =>
    reads.map((read, i) => `${written(read)} * 0.${i + 1}25`).join(" + ");
  const clause = (reads: readonly Read[], offset: number, word: string) =>
    reads.some((read) => read.offset === offset) ? `  ${word} 1` : "";
  return [
    "model moving",
    "",
    `time year 2000..${2000 + periods - 1}${time}`,
    "",
    "block world by year",
    ...[...stocks].map(([name, reads], i) => `  ${name} = integral(${sum(reads)})  start ${i + 1}`),
    ...[...formulas].map(
      ([name, reads]) => `  ${name} = ${sum(reads)}${clause(reads, -1, "start")}${clause(reads, 1, "end")}`,
    ),
    "",
  ].join("\n");
}

/** Whether some cell waits for itself. */
function hasCircle({ isFine, stocks, formulas }: World): boolean {
  const readsOf = (name: string) => (stocks.get(name) ?? formulas.get(name)) as readonly Read[];
  /** The cells that a stock needs to go through a period: of all that moves it there, what does not move itself. */
  const through = (stock: string, t: number): string[] => {
    const moving = new Set([stock]);
    const cells = new Set<string>();
    for (const name of moving) {
      for (const { name: read, offset } of readsOf(name)) {
        if (isFine && offset === 0) moving.add(read);
        if (t + offset >= 0 && t + offset < periods) cells.add(`${read} ${t + offset}`);
      }
    }
    return [...cells];
  };
  const needs = (name: string, t: number): string[] => {
    if (stocks.has(name)) return t === 0 ? [] : [`${name} ${t - 1}`, ...through(name, t - 1)];
    return readsOf(name)
      .filter(({ offset }) => t + offset >= 0 && t + offset < periods)
      .map(({ name: read, offset }) => `${read} ${t + offset}`);
  };
  const reach = (cell: string): Set<string> => {
    const found = new Set<string>();
    const pending = [cell];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      const [name, t] = at.split(" ") as [string, string];
      for (const need of needs(name, Number(t))) {
        if (found.has(need)) continue;
        found.add(need);
        pending.push(need);
      }
    }
    return found;
  };
  const cells = [...stocks.keys(), ...formulas.keys()].flatMap((name) =>
    Array.from({ length: periods }, (_, t) => `${name} ${t}`),
  );
  return cells.some((cell) => reach(cell).has(cell));
}

const seed = fc.array(fc.nat(999), { minLength: 30, maxLength: 30 });

it("[LA90] [IN20] the checker and the engine agree on what waits for itself", () => {
  const counts = { circles: 0, computed: 0 };
  fc.assert(
    fc.property(seed, (numbers) => {
      const world = worldOf(new Choices(numbers));
      const text = textOf(world);
      const { diagnostics } = checkModel(parseModel("moving.reckon", text), () => ({ problem: "none" }));
      const codes = diagnostics.map(({ code }) => code);
      if (hasCircle(world)) {
        counts.circles++;
        expect(codes.length, text).toBeGreaterThan(0);
        for (const code of codes) expect(code, text).toMatch(/^model\/(stock-cycle|mixed-lags)$/);
        return;
      }
      counts.computed++;
      expect(codes, text).toEqual([]);
      const sheet = open({ text, scenarios: [] });
      for (const id of sheet.model.attributes.keys()) {
        const column = sheet.column(id);
        for (let cell = 0; cell < column.length; cell++) {
          const value = column.get(cell);
          expect(isErrorValue(value) && value.code, `${id} in\n${text}`).toBe(false);
        }
      }
      expect(differences(sheet), text).toEqual([]);
      sheet.dispose();
    }),
    cases(300),
  );
  expect(counts.circles).toBeGreaterThan(30);
  expect(counts.computed).toBeGreaterThan(30);
});
