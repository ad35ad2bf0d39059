import { describe, expect, it } from "vitest";
import type { Engine } from "../api.ts";
import { createEngine } from "../engine.ts";
import { type Cell, cells, input, kernel, Log, mutual, now, set } from "../fixtures/columns.ts";
import type { FormulaNode, NodeId, Precedent } from "../formula-node.ts";

type Steps = { readonly method?: "euler" | "rk4"; readonly steps?: number };

/** Nodes that read each other by name: stocks, delays, formulas. */
type Definition =
  | ({
      readonly flow: Cell;
      readonly initial: string;
      readonly reads: readonly (string | Precedent)[];
    } & Steps)
  | ({
      readonly late: Cell;
      readonly initial: string;
      readonly time: string;
      readonly reads: readonly string[];
    } & Steps)
  | {
      readonly is: Cell;
      readonly reads: readonly (string | Precedent | ((id: (name: string) => NodeId) => Precedent))[];
    };

function build(
  engine: Engine,
  periods: number,
  inputs: Readonly<Record<string, NodeId>>,
  definitions: Readonly<Record<string, Definition>>,
): Record<string, NodeId> {
  const shape = { outer: 1, periods };
  const names = Object.keys(definitions);
  const made: Record<string, NodeId> = { ...inputs };
  mutual(engine, shape, names, (ids) => {
    names.forEach((name, i) => {
      made[name] = ids[i] as NodeId;
    });
    const id = (name: string): NodeId => made[name] as NodeId;
    return names.map((name): Omit<FormulaNode, "name" | "shape"> => {
      const definition = definitions[name] as Definition;
      const precedents = definition.reads.map((read) =>
        typeof read === "string" ? now(id(read)) : typeof read === "function" ? read(id) : read,
      );
      if ("is" in definition) return { precedents, kernel: kernel(shape, definition.is) };
      const { method = "euler", steps: stepsPerPeriod = 1 } = definition;
      const initial = id(definition.initial);
      if ("flow" in definition) {
        return {
          precedents,
          kernel: kernel(shape, definition.flow),
          stock: { initial, method, stepsPerPeriod },
        };
      }
      const delay = { initial, time: id(definition.time), stepsPerPeriod };
      return { precedents, kernel: kernel(shape, definition.late), delay };
    });
  });
  return made;
}

const num = (value: unknown): number => value as number;

describe("stocks", () => {
  it("[IN1] adds its flow up from its initial value, once a period by Euler", () => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 10, 99, 99, 99, 99);
    const rate = input(engine, "rate", 1, 2, 3, 4, 5);
    const { s } = build(
      engine,
      5,
      { start, rate },
      {
        s: { flow: (read) => num(read(0)), initial: "start", reads: ["rate"] },
      },
    );
    expect(cells(engine, s as NodeId)).toEqual([10, 11, 13, 16, 20]);
    set(engine, start, 0, 0);
    expect(cells(engine, s as NodeId)).toEqual([0, 1, 3, 6, 10]);
    const log = new Log(engine);
    set(engine, rate, 2, 7);
    expect(cells(engine, s as NodeId)).toEqual([0, 1, 3, 10, 14]);
    expect(log.takeStarted()).toEqual([`${s} [3..5)`]);
    set(engine, start, 1, 5);
    expect(log.takeStarted()).toEqual([]);
  });

  it.each([
    ["euler", 1],
    ["euler", 3],
    ["rk4", 1],
    ["rk4", 4],
  ] as const)("[IN2] steps x' = x·r by %s in %i steps to the bits of a loop", (method, steps) => {
    const engine = createEngine({ isChecked: true });
    const start = input(engine, "start", 1.1, 0, 0, 0, 0, 0);
    const rate = input(engine, "rate", 0.3, 0.2, -0.5, 0.7, 0.1, 0.9);
    const { x } = build(
      engine,
      6,
      { start, rate },
      {
        f: { is: (read) => num(read(0)) * num(read(1)), reads: ["x", "rate"] },
        x: { flow: (read) => num(read(0)), initial: "start", reads: ["f"], method, steps },
      },
    );
    const rates = [0.3, 0.2, -0.5, 0.7, 0.1, 0.9];
    const naive = (): number[] => {
      const values = [1.1];
      const h = 1 / steps;
      for (let t = 0; t < 5; t++) {
        let v = values[t] as number;
        const r = rates[t] as number;
        for (let j = 0; j < steps; j++) {
          const k1 = v * r;
          if (method === "euler") v = v + h * k1;
          else {
            const k2 = (v + (h / 2) * k1) * r;
            const k3 = (v + (h / 2) * k2) * r;
            const k4 = (v + h * k3) * r;
            v = v + (h / 6) * (k1 + 2 * k2 + 2 * k3 + k4);
          }
        }
        values.push(v);
      }
      return values;
    };
    expect(cells(engine, x as NodeId)).toEqual(naive());
    set(engine, rate, 3, 0.77);
    rates[3] = 0.77;
    expect(cells(engine, x as NodeId)).toEqual(naive());
  });
});
