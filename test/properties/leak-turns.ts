/**
 * Run by engine-leaks.test.ts in a process of its own, with garbage collection exposed: what an engine keeps after many
 * turns of one thing. Prints one JSON line a thing: the bytes held after so many turns, and after three times as many.
 */
import {
  type CellFamily,
  createEngine,
  type Engine,
  effect,
  type FormulaNode,
  type NodeId,
} from "@reckon/engine";
import { Column, columnFrom } from "@reckon/value";

const one = { outer: 1, periods: 1 };
const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
const months = { outer: 1, periods: 60 };
const plusOne: CellFamily = {
  name: "#0+1",
  arity: 1,
  constantCount: 0,
  plain: (numbers, pool, at) => (numbers[pool[at] as number] as number) + 1,
  general: ([value]) => Number(value) + 1,
};

function copyOf(of: NodeId, turn: number): FormulaNode {
  const first = Int32Array.from({ length: months.periods + 1 }, (_, t) => t);
  const time =
    turn % 2 === 0
      ? ({ kind: "gather", first, positions: first.slice(0, months.periods) } as const)
      : ({ kind: "window", from: -turn, to: 0 } as const);
  return {
    name: `copy ${turn}`,
    shape: months,
    precedents: [{ node: of, time, outer: { kind: "same" } }],
    kernel: {
      compute([read], out, box) {
        for (let t = box.from; t < box.to; t++) out.set(t, (read?.get(t) as number) + 1);
      },
    },
  };
}

type Turn = (turn: number) => void;

/** A cell input (node 0), a cell over it (1), a column (2) and a formula over that (3). */
function smallEngine(): { engine: Engine; a: NodeId; b: NodeId; column: NodeId; copy: NodeId } {
  const engine = createEngine({ clock: { now: () => 0 } });
  const a = engine.addCellInputs({ values: Float64Array.of(1) });
  const b = engine.addCell({ name: "b", family: plusOne, precedents: [a] });
  const column = engine.addInput({ name: "column", shape: months, column: new Column(months) });
  const copy = engine.addFormula(copyOf(column, 0));
  return { engine, a, b, column, copy };
}

const things: Record<string, { readonly turns: number; readonly make: () => Turn }> = {
  edits: {
    turns: 100_000,
    make: () => {
      const { engine, a, column } = smallEngine();
      const number = new Float64Array(1);
      return (turn) => {
        number[0] = turn;
        engine.setNumbers(a, number);
        if (turn % 8 === 0)
          engine.setCells(column, { ...cell, from: turn % 60, to: (turn % 60) + 1 }, columnFrom(one, [turn]));
      };
    },
  },
  overlays: {
    turns: 5000,
    make: () => {
      const { engine, a, b, column } = smallEngine();
      const kept = engine.overlay("kept");
      return (turn) => {
        const overlay = engine.overlay(`scenario ${turn}`, turn % 2 === 0 ? engine : kept);
        overlay.setCells(a, cell, columnFrom(one, [turn]));
        overlay.relate(column, cell, (inherited, out) => out.set(0, (inherited.get(0) as number) + turn));
        overlay.pin(b, cell, columnFrom(one, [turn]));
        effect(() => void overlay.signalOf(b).value)();
        kept.pin(b, cell, columnFrom(one, [turn]));
        kept.setCells(
          column,
          { ...cell, to: 1 + (turn % 3) },
          new Column({ outer: 1, periods: 1 + (turn % 3) }),
        );
        overlay.close();
      };
    },
  },
  "replaced formulas": {
    turns: 5000,
    make: () => {
      const { engine, a, b, column, copy } = smallEngine();
      return (turn) => {
        engine.replace(copy, copyOf(column, turn));
        engine.replace(b, { name: `b ${turn}`, family: { ...plusOne, name: `${turn}` }, precedents: [a] });
      };
    },
  },
  listeners: {
    turns: 20_000,
    make: () => {
      const { engine, a } = smallEngine();
      return (turn) => {
        const stops = [engine.subscribe(() => undefined), engine.onChanges(() => undefined)];
        engine.setNumbers(a, Float64Array.of(turn));
        for (const stop of stops) stop();
      };
    },
  },
  signals: {
    turns: 10_000,
    make: () => {
      const engine = createEngine();
      const a = engine.input(1);
      return (turn) => {
        const b = engine.computed([a], (value) => value + turn);
        effect(() => void [b.signal.value, b.status.value])();
        engine.remove(b.id);
      };
    },
  },
  engines: {
    turns: 3000,
    make: () => (turn) => {
      const { engine, a, b } = smallEngine();
      engine.setNumbers(a, Float64Array.of(turn));
      engine.overlay("scenario").pin(b, cell, columnFrom(one, [turn]));
      if (turn % 2 === 0) engine.dispose();
    },
  },
  "tables that come and go": {
    turns: 3000,
    make: () => {
      const { engine, a } = smallEngine();
      let former: NodeId | null = null;
      return () => {
        const precedents = new Int32Array(50).fill(a);
        const first = engine.addCells({ family: plusOne, count: 50, precedents, nameAt: (i) => `cell ${i}` });
        const gone = former;
        if (gone !== null) {
          engine.transaction(() => {
            for (let i = 0; i < 50; i++) engine.remove((gone + i) as NodeId);
          });
        }
        former = first;
      };
    },
  },
  "rolled back additions": {
    turns: 3000,
    make: () => {
      const { engine, column } = smallEngine();
      return () => {
        try {
          engine.transaction(() => {
            engine.addCells({
              family: plusOne,
              count: 50,
              precedents: new Int32Array(50),
              nameAt: () => "x",
            });
            const ends = { from: new Int32Array(9), to: new Int32Array(9).fill(3) };
            engine.addRanges({ of: column, ...ends, aggregate: "sum" });
            engine.addFormula(copyOf(column, 1));
            throw rollback;
          });
        } catch (error) {
          if (error !== rollback) throw error;
        }
      };
    },
  },
};

const rollback = new Error("on purpose");
const collect = (globalThis as unknown as { gc: () => void }).gc;

function heldBytes(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

for (const [name, { turns, make }] of Object.entries(things)) {
  const turn = make();
  for (let i = 0; i < turns; i++) turn(i);
  const after = heldBytes();
  for (let i = turns; i < turns * 3; i++) turn(i);
  console.log(JSON.stringify({ name, turns, grown: heldBytes() - after }));
}
