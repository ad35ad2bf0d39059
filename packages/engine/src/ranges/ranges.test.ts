import { effect } from "@preact/signals-core";
import { Column, columnFrom, errorValue, type Scalar, sumWork } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Engine } from "../api.ts";
import { createEngine } from "../engine.ts";
import { formula, now } from "../fixtures/columns.ts";
import type { Box, NodeId } from "../formula-node.ts";
import type { RangeAggregate } from "../range-node.ts";
import { rangeWork } from "./range-step.ts";

const one = { outer: 1, periods: 1 };
const at = (cell: number, row = 0) => ({ outerFrom: row, outerTo: row + 1, from: cell, to: cell + 1 });

function columnOf(engine: Engine, values: readonly Scalar[], outer = 1): NodeId {
  const shape = { outer, periods: values.length / outer };
  return engine.addInput({ name: "x", shape, column: columnFrom(shape, [...values]) });
}

function set(engine: Pick<Engine, "setCells">, node: NodeId, cell: number, value: Scalar, row = 0): void {
  engine.setCells(node, at(cell, row), columnFrom(one, [value]));
}

/** Sums of the first 1, 2 … cells. */
function runningSums(engine: Engine, of: NodeId, count: number, aggregate: RangeAggregate = "sum"): NodeId {
  const to = Int32Array.from({ length: count }, (_, i) => i + 1);
  return engine.addRanges({ of, from: new Int32Array(count), to, aggregate, nameAt: (i) => `sum ${i}` });
}

const counted = (length: number): number[] => Array.from({ length }, (_, i) => i + 1);

describe("range nodes", () => {
  it("[RA1] sum, count and average the numbers of a range", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, [1, "two", null, 4, true, 10]);
    const add = (aggregate: RangeAggregate, from: number, to: number): NodeId =>
      engine.addRange({ name: aggregate, of: x, from, to, aggregate });
    const nodes = [
      add("sum", 0, 6),
      add("count", 0, 6),
      add("average", 0, 6),
      add("average", 1, 3),
      add("sum", 2, 2),
    ];
    const read = () => nodes.map((node) => engine.readCell(node, 0));
    expect(read()).toEqual([15, 3, 5, expect.objectContaining({ code: "#DIV/0!" }), 0]);
    set(engine, x, 1, 5);
    expect(read()).toEqual([20, 4, 5, 5, 0]);
  });

  it("[RA1] show the first error of the range, but for the count; one that begins there has the node as its origin", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, [1, 2, 3, 1e308, 1e308]);
    const sum = engine.addRange({ name: "sum", of: x, from: 0, to: 3, aggregate: "sum" });
    const count = engine.addRange({ name: "count", of: x, from: 0, to: 3, aggregate: "count" });
    const large = engine.addRange({ name: "large", of: x, from: 3, to: 5, aggregate: "sum" });
    engine.transaction(() => {
      set(engine, x, 2, errorValue("#REF!"));
      set(engine, x, 1, errorValue("#N/A", ""));
    });
    expect(engine.readCell(sum, 0)).toMatchObject({ code: "#N/A", origin: { attribute: "sum" } });
    expect(engine.readCell(count, 0)).toBe(1);
    expect(engine.readCell(large, 0)).toMatchObject({ code: "#NUM!", origin: { attribute: "large" } });
  });

  it("[RA2] come one by one or in tables, of any row, with names on demand", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, [1, 2, 3, 10, 20, 30], 2);
    const first = engine.addRanges({
      of: x,
      row: Int32Array.of(0, 1),
      from: Int32Array.of(1, 0),
      to: Int32Array.of(3, 2),
      aggregate: "sum",
      nameAt: (i) => `range ${i}`,
    });
    const out = new Float64Array(2);
    engine.readNumbers(first, out);
    expect([...out]).toEqual([5, 30]);
    expect(engine.nameOf((first + 1) as NodeId)).toBe("range 1");
    expect(engine.precedentsOf(first)).toEqual([x]);
    set(engine, x, 0, 100, 1);
    engine.readNumbers(first, out);
    expect([...out]).toEqual([5, 120]);
  });

  it("[RA2] must lie within the node, at the end of the transaction", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, [1, 2, 3]);
    const range = { name: "r", of: x, from: 0, to: 4, aggregate: "sum" } as const;
    expect(() => engine.addRange(range)).toThrow(/engine\/bad-box/);
    expect(() => engine.addRange({ ...range, to: 2, row: 1 })).toThrow(/engine\/bad-box/);
    expect(() => engine.addRange({ ...range, from: 0.5, to: 2 })).toThrow(/engine\/bad-box/);
    const unequal = { of: x, from: Int32Array.of(0), to: Int32Array.of(1, 2), aggregate: "sum" } as const;
    expect(() => engine.addRanges(unequal)).toThrow(/engine\/wrong-kind/);
    expect(() => engine.addRanges(unequal)).toThrow(/1 starts, 2 ends(?!,)/);
    expect(engine.nodeCount).toBe(1);
    const node = engine.transaction(() => {
      const added = engine.addRange(range);
      const shape = { outer: 1, periods: 4 };
      engine.replace(x, { name: "x", shape, column: columnFrom(shape, [1, 2, 3, 4]) });
      return added;
    });
    expect(engine.readCell(node, 0)).toBe(10);
    expect(() => engine.replace(node, { ...range, to: 5 })).toThrow(/engine\/bad-box/);
    expect(engine.readCell(node, 0)).toBe(10);
  });

  it("[RA3] take the place of other nodes of one cell, and give it back", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, [1, 2, 3]);
    const node = engine.addInput({ name: "n", shape: one, column: columnFrom(one, [7]) });
    const reader = formula(engine, "reader", one, [now(node)], (read) => (read(0) as number) * 2);
    engine.replace(node, { name: "r", of: x, from: 1, to: 3, aggregate: "sum" });
    expect(engine.readCell(reader, 0)).toBe(10);
    engine.replace(node, { name: "r", of: x, from: 0, to: 1, aggregate: "average" });
    expect(engine.readCell(reader, 0)).toBe(2);
    set(engine, x, 0, 50);
    expect(engine.readCell(reader, 0)).toBe(100);
    engine.replace(node, { name: "n", shape: one, column: columnFrom(one, [1]) });
    expect(engine.readCell(reader, 0)).toBe(2);
    engine.remove(x);
    expect(engine.nodeCount).toBe(2);
  });

  it("[RA4] run only where a changed cell lies in them", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, counted(1000));
    const first = runningSums(engine, x, 1000);
    const started: number[] = [];
    engine.subscribe((event) => {
      if (event.kind === "started") started.push(event.node);
    });
    set(engine, x, 997, 0);
    expect(started.sort((a, b) => a - b)).toEqual([first + 997, first + 998, first + 999]);
  });

  it("[RA4] are found by an index, as other formulas of one cell over fixed ranges are", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, counted(300));
    const outer = { kind: "all" } as const;
    const nodes = counted(60).map((i) => {
      const time = { kind: "range", from: 0, to: 5 * i } as const;
      return engine.addFormula({
        name: `sum ${i}`,
        shape: one,
        precedents: [{ node: x, time, outer }],
        kernel: {
          compute: ([read], out) => {
            let sum = 0;
            for (let t = 0; t < 5 * i; t++) sum += (read as Column).numbers[t] as number;
            out.set(0, sum);
          },
        },
      });
    });
    const last = formula(engine, "last", { outer: 1, periods: 300 }, [now(x)], (read) => read(0) ?? null);
    set(engine, x, 280, 0);
    const started: number[] = [];
    engine.subscribe((event) => {
      if (event.kind === "started") started.push(event.node);
    });
    set(engine, x, 292, 0);
    expect(started.sort((a, b) => a - b)).toEqual([...nodes.slice(-2), last]);
    expect(nodes.slice(-2).map((node) => engine.readCell(node, 0))).toEqual([43_086, 44_576]);
  });

  it("[RA4] are found by the index when they have taken the place of others, too", () => {
    const engine = createEngine();
    const x = columnOf(engine, counted(100));
    const nodes = engine.addCellInputs({ values: new Float64Array(40) });
    engine.transaction(() => {
      for (let i = 0; i < 40; i++) {
        const range = { name: `sum ${i}`, of: x, from: 0, to: i + 50, aggregate: "sum" } as const;
        engine.replace((nodes + i) as NodeId, range);
      }
    });
    rangeWork.together = 0;
    set(engine, x, 60, 0);
    expect([rangeWork.together, engine.readCell((nodes + 39) as NodeId, 0)]).toEqual([29, 3944]);
  });

  it("[RA5] add the cells of one block where sums share their start, and are computed together", () => {
    const engine = createEngine();
    const x = columnOf(engine, counted(20_000));
    const first = runningSums(engine, x, 20_000);
    set(engine, x, 0, 2);
    sumWork.cells = 0;
    rangeWork.together = 0;
    set(engine, x, 300, 0);
    expect(rangeWork.together).toBe(19_700);
    expect(sumWork.cells).toBeLessThan(1100);
    expect(engine.readCell((first + 19_999) as NodeId, 0)).toBe((20_000 * 20_001) / 2 + 1 - 301);
  });

  it("[RA6] are listed, shown by signals and read by others like any node of one cell", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, counted(40));
    const first = runningSums(engine, x, 40);
    const last = (first + 39) as NodeId;
    const family = {
      name: "double",
      arity: 1,
      constantCount: 0,
      plain: (numbers: Float64Array, pool: Int32Array, i: number) =>
        2 * (numbers[pool[i] as number] as number),
      general: ([value]: readonly Scalar[]) => (typeof value === "number" ? 2 * value : (value ?? null)),
    };
    const twice = engine.addCell({ name: "twice", family, precedents: [last] });
    const seen: unknown[] = [];
    effect(() => {
      seen.push(engine.signalOf(last).value.get(0));
    });
    const changes: number[][] = [];
    engine.onChanges((list) => changes.push([...list.nodes.slice(0, list.count)]));
    set(engine, x, 39, 0);
    expect(seen).toEqual([820, 780]);
    expect(changes).toEqual([[x, last, twice]]);
    expect(engine.readCell(twice, 0)).toBe(1560);
    engine.transaction(() => {
      set(engine, x, 39, 1);
      set(engine, x, 38, 38);
    });
    expect(seen).toEqual([820, 780]);
    expect(engine.changedAt(last)).toBe(engine.revision - 1);
  });

  it("[RA6] work in overlays, with pins, as manual nodes, and roll back", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, counted(40));
    const first = runningSums(engine, x, 40);
    const last = (first + 39) as NodeId;
    const manual = engine.addRange({ name: "m", of: x, from: 0, to: 40, aggregate: "sum", isManual: true });
    const overlay = engine.overlay("other");
    set(overlay, x, 38, 0);
    expect([overlay.readCell(last, 0), engine.readCell(last, 0)]).toEqual([781, 820]);
    set(engine, x, 0, 101);
    expect([overlay.readCell(last, 0), engine.readCell(last, 0)]).toEqual([881, 920]);
    overlay.pin(last, at(0), columnFrom(one, [5]));
    expect([overlay.readCell(last, 0), overlay.owns(first)]).toEqual([5, true]);
    expect(engine.statusOf(manual)).toBe("stale");
    expect(engine.readCell(manual, 0)).toBe(920);
    const { nodeCount } = engine;
    expect(() =>
      engine.transaction(() => {
        runningSums(engine, x, 3);
        throw new Error("given up");
      }),
    ).toThrow("given up");
    expect(engine.nodeCount).toBe(nodeCount);
  });

  it("[RA6] share one estimate of their cost", () => {
    let ms = 0;
    const engine = createEngine({ clock: { now: () => ms++ } });
    const x = columnOf(engine, counted(40));
    const first = runningSums(engine, x, 40);
    set(engine, x, 0, 5);
    expect(engine.costOf(first)).toBeGreaterThan(0);
    expect(engine.costOf(first)).toBe(engine.costOf((first + 39) as NodeId));
  });

  it("[RA4] leave columns that read the same node by a range to their members", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, counted(12), 3);
    runningSums(engine, x, 4);
    for (let row = 0; row < 3; row++) {
      for (let to = 1; to < 5; to++)
        engine.addRange({ name: "sum", of: x, row, from: 0, to, aggregate: "sum" });
    }
    const time = { kind: "range", from: 0, to: 4 } as const;
    const boxes: Box[] = [];
    const totals = engine.addFormula({
      name: "totals",
      shape: { outer: 3, periods: 1 },
      precedents: [{ node: x, time, outer: { kind: "same" } }],
      kernel: {
        compute: ([read], out, { outerFrom, outerTo, from, to }) => {
          boxes.push({ outerFrom, outerTo, from, to });
          for (let m = outerFrom; m < outerTo; m++) {
            out.set(
              m,
              (read as Column).numbers.subarray(4 * m, 4 * m + 4).reduce((a, b) => a + b),
            );
          }
        },
      },
    });
    boxes.length = 0;
    set(engine, x, 3, 0, 1);
    expect([...engine.read(totals).numbers]).toEqual([10, 18, 42]);
    set(engine, x, 3, 0, 2);
    expect([...engine.read(totals).numbers]).toEqual([10, 18, 30]);
    expect(boxes).toEqual([at(0, 1), at(0, 2)]);
  });

  it("[RA6] computed together, are in lists of changes and fire signals, of overlays that read through too", () => {
    const lists: number[][] = [];
    const seen: unknown[] = [];
    const last = (engine: Engine): NodeId => (engine.nodeCount - 1) as NodeId;
    const listeners: readonly ((engine: Engine) => unknown)[] = [
      (engine) => engine.onChanges(({ nodes, count }) => lists.push([...nodes.subarray(0, count)])),
      (engine) => effect(() => void seen.push(engine.signalOf(last(engine)).value.get(0))),
      (engine) => {
        const overlay = engine.overlay("scenario");
        return effect(() => void seen.push(overlay.signalOf(last(engine)).value.get(0)));
      },
    ];
    for (const listen of listeners) {
      const engine = createEngine({ isChecked: true });
      const x = columnOf(engine, counted(40));
      runningSums(engine, x, 40);
      listen(engine);
      const { together } = rangeWork;
      set(engine, x, 38, 0);
      expect(rangeWork.together - together).toBe(2);
    }
    expect(lists).toEqual([[0, 39, 40]]);
    expect(seen).toEqual([820, 781, 820, 781]);
  });

  it("[RA6] computed together, turn into errors and back into numbers", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, counted(40));
    const first = runningSums(engine, x, 40);
    const values = (): Scalar[] => [37, 38, 39].map((i) => engine.readCell((first + i) as NodeId, 0));
    const { together } = rangeWork;
    set(engine, x, 38, errorValue("#N/A"));
    expect(values()).toMatchObject([741, { code: "#N/A" }, { code: "#N/A" }]);
    set(engine, x, 38, 0);
    expect(values()).toEqual([741, 741, 781]);
    expect(rangeWork.together - together).toBe(4);
  });

  it("[RA7] may be read by the node that they read, where no cell depends on itself", () => {
    const engine = createEngine({ isChecked: true });
    const opening = engine.addInput({ name: "o", shape: one, column: columnFrom(one, [1]) });
    const shape = { outer: 1, periods: 6 };
    const x = engine.addInput({ name: "x", shape, column: new Column(shape) });
    const head = engine.addRange({ name: "head", of: x, from: 0, to: 3, aggregate: "sum" });
    engine.replace(x, {
      name: "x",
      shape,
      precedents: [
        { node: opening, time: { kind: "all" }, outer: { kind: "all" } },
        {
          node: head,
          time: {
            kind: "gather",
            first: Int32Array.of(0, 0, 0, 0, 1, 2, 3),
            positions: Int32Array.of(0, 0, 0),
          },
          outer: { kind: "all" },
        },
      ],
      kernel: {
        compute: ([first, sum], out, box) => {
          for (let t = box.from; t < box.to; t++) {
            out.set(t, t < 3 ? (first as Column).numbers[0]! + t : (sum as Column).numbers[0]! * t);
          }
        },
      },
    });
    expect(engine.undeclaredLoops()).toEqual([]);
    expect([...engine.read(x).numbers]).toEqual([1, 2, 3, 18, 24, 30]);
    set(engine, opening, 0, 2);
    expect([engine.readCell(head, 0), engine.readCell(x, 5)]).toEqual([9, 45]);
  });

  it("[RA7] reads nothing by an empty range, which closes no cycle", () => {
    const engine = createEngine({ isChecked: true });
    const x = columnOf(engine, [1]);
    const empty = { from: 0, to: 0 } as const;
    const add = (name: string): NodeId => engine.addRange({ name, of: x, from: 0, to: 1, aggregate: "sum" });
    const [itself, sum, count] = [add("itself"), add("sum"), add("count")];
    engine.replace(itself, { name: "itself", of: itself, ...empty, aggregate: "sum" });
    engine.transaction(() => {
      engine.replace(sum, { name: "sum", of: count, from: 0, to: 1, aggregate: "sum" });
      engine.replace(count, { name: "count", of: sum, ...empty, aggregate: "count" });
    });
    const gathering = formula(engine, "gathering", one, [now(x)], () => 7);
    const time = { kind: "gather", first: Int32Array.of(0, 0), positions: new Int32Array(0) } as const;
    engine.replace(gathering, {
      name: "gathering",
      shape: one,
      precedents: [{ node: gathering, time, outer: { kind: "same" } }],
      kernel: { compute: (_, out) => out.set(0, 7) },
    });
    expect(engine.undeclaredLoops()).toEqual([]);
    expect([itself, sum, count, gathering].map((node) => engine.readCell(node, 0))).toEqual([0, 0, 0, 7]);
    engine.replace(count, { name: "count", of: sum, from: 0, to: 1, aggregate: "count" });
    expect(engine.readCell(sum, 0)).toMatchObject({ code: "#CYCLE!" });
  });

  it("[RA8] a column that reads many nodes of one cell works out the cells that read the changed ones", () => {
    const engine = createEngine({ isChecked: true });
    const first = engine.addCellInputs({ values: Float64Array.from(counted(100)) });
    const shape = { outer: 1, periods: 100 };
    const boxes: (readonly [number, number])[] = [];
    const column = engine.addFormula({
      name: "gathered",
      shape,
      precedents: counted(100).map((i) => ({
        node: (first + i - 1) as NodeId,
        time: { kind: "window", from: 1 - i, to: 1 - i },
        outer: { kind: "all" },
      })),
      kernel: {
        compute(inputs, out, box) {
          boxes.push([box.from, box.to]);
          for (let t = box.from; t < box.to; t++) out.copyCell(t, inputs[t] as Column, 0);
        },
      },
    });
    const sums = runningSums(engine, column, 100);
    boxes.length = 0;
    engine.setNumbers((first + 70) as NodeId, Float64Array.of(0));
    engine.setNumbers((first + 98) as NodeId, Float64Array.of(0, 1));
    expect(boxes).toEqual([
      [70, 71],
      [98, 100],
    ]);
    expect([engine.readCell((sums + 98) as NodeId, 0), engine.readCell((sums + 99) as NodeId, 0)]).toEqual([
      4780, 4781,
    ]);
  });
});
