import { describe, expect, it, vi } from "vitest";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import type { NodeId } from "../formula-node.ts";
import { flatRows, type Rows } from "./strong-components.ts";
import { SweepOrders } from "./sweep-order.ts";

/** `rings` rings of `size` nodes, in each of which every node reads the one before. */
function rings(count: number, size: number): Rows {
  const nodes = count * size;
  const targets = Int32Array.from({ length: nodes }, (_, node) => {
    const first = node - (node % size);
    return first + ((node - first + size - 1) % size);
  });
  return flatRows(
    Int32Array.from({ length: nodes }, (_, i) => i),
    new Int32Array(nodes).fill(1),
    targets,
  );
}

const nodesOf = (ring: number, size: number) => Array.from({ length: size }, (_, i) => ring * size + i);

describe("orders of sweeps", () => {
  it("of loops that are alike are found once, and say each its own nodes", () => {
    const rows = rings(3, 3);
    const orders = new SweepOrders();
    const cutFirst = (node: number) => node % 3 === 0;
    const a = orders.of(rows, nodesOf(0, 3), cutFirst);
    const b = orders.of(rows, nodesOf(1, 3), cutFirst);
    const alone = new SweepOrders().of(rows, nodesOf(1, 3), cutFirst);
    expect(b).toEqual(alone);
    expect(alone).toMatchObject({ order: [4, 5, 3], feedback: new Set([3]), uncut: null });
    expect(b.heights).toBe(a.heights);
    // Another cut is another kind.
    const other = orders.of(rows, nodesOf(2, 3), (node) => node % 3 === 1);
    expect(other).toMatchObject({ order: [8, 6, 7], feedback: new Set([7]) });
  });

  it("of large loops are made each time, and kept nowhere", () => {
    const rows = rings(2, 65);
    const orders = new SweepOrders();
    const [a, b] = [0, 1].map((ring) => orders.of(rows, nodesOf(ring, 65), (node) => node % 65 === 0));
    expect(b?.heights).toEqual(a?.heights);
    expect(b?.heights).not.toBe(a?.heights);
  });

  it("are shared by the loops of an engine", () => {
    const of = vi.spyOn(SweepOrders.prototype, "of");
    try {
      const engine = createEngine({ isChecked: true });
      const half: CellFamily = {
        name: "0.5*#0+1",
        arity: 1,
        constantCount: 0,
        plain: (numbers, pool, at) => 0.5 * (numbers[pool[at] as number] as number) + 1,
        general: ([value]) => (typeof value === "number" ? 0.5 * value + 1 : null),
      };
      const first: number = engine.transaction(() => {
        const cells: number = engine.addCells({ family: half, count: 3, precedents: Int32Array.of(0, 1, 2) });
        for (let i = 0; i < 3; i++) {
          const node = (cells + i) as NodeId;
          const limits = { toleranceAbsolute: 1e-12, toleranceRelative: 0, iterationsMax: 100 };
          engine.declareLoop({ name: `loop ${i}`, cuts: [{ node }], ...limits });
        }
        return cells;
      });
      expect([0, 1, 2].map((i) => engine.readCell((first + i) as NodeId, 0))).toEqual([2, 2, 2]);
      expect(of).toHaveBeenCalledTimes(3);
      expect(new Set(of.mock.contexts).size).toBe(1);
    } finally {
      of.mockRestore();
    }
  });
});
