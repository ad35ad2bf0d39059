import { columnFrom } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { formula, kernel, Log, mutual, now, set } from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";

const shape = { outer: 2, periods: 3 };

/** Two loops, x with y and, read by nobody else, u with v; all but one cell of `slope` lets them converge. */
function loops() {
  const engine = createEngine({ isChecked: true });
  const slope = engine.addInput({
    name: "slope",
    shape,
    column: columnFrom(shape, [0.1, 0.2, 0.3, 0.1, 1, 0.3]),
  });
  const pair = (names: readonly [string, string]): readonly NodeId[] =>
    mutual(engine, shape, names, ([first, second]) => [
      {
        precedents: [now(second as NodeId), now(slope)],
        kernel: kernel(shape, (read) => (read(0) as number) * (read(1) as number) + 1),
      },
      { precedents: [now(first as NodeId)], kernel: kernel(shape, (read) => read(0) ?? null) },
    ]);
  const [x, y] = pair(["x", "y"]) as [NodeId, NodeId];
  const [u, v] = pair(["u", "v"]) as [NodeId, NodeId];
  for (const [name, node] of [
    ["one", x],
    ["two", u],
  ] as const) {
    engine.declareLoop({
      name,
      cuts: [{ node }],
      toleranceAbsolute: 1e-10,
      toleranceRelative: 0,
      iterationsMax: 20,
    });
  }
  return { engine, slope, nodes: [x, y, u, v] };
}

describe("the record at a cell", () => {
  it("[FP82] is the one whose solve the cell is in", () => {
    const { engine, nodes } = loops();
    const records = engine.loopRecords();
    for (const node of nodes) {
      for (let cell = 0; cell < 6; cell++) {
        const [outer, period] = [Math.floor(cell / 3), cell % 3];
        const expected = records.find(
          (record) =>
            record.nodes.includes(node) &&
            (record.outer < 0 || record.outer === outer) &&
            (record.period < 0 || record.period === period),
        );
        expect(expected).toBeDefined();
        expect(engine.loopRecordAt(node, cell)).toEqual(expected);
      }
    }
    expect(engine.loopRecordAt(nodes[0] as NodeId, 4)?.verdict).not.toBe("converged");
  });

  it("[FP82] is none of a cell that no loop solves, or solves any more", () => {
    const { engine, slope, nodes } = loops();
    const [x] = nodes as [NodeId];
    const behind = formula(engine, "behind", shape, [now(x)], () => 0);
    expect([engine.loopRecordAt(slope, 0), engine.loopRecordAt(behind, 0)]).toEqual([undefined, undefined]);
    engine.dropLoop("one");
    expect(engine.loopRecordAt(x, 0)).toBeUndefined();
    expect(engine.loopRecordAt(nodes[2] as NodeId, 0)?.loop).toBe("two");
  });

  it("[FP82] is that of the state that is asked", () => {
    const { engine, slope, nodes } = loops();
    const overlay = engine.overlay("scenario");
    const [x] = nodes as [NodeId];
    expect(overlay.loopRecordAt(x, 1)).toEqual(engine.loopRecordAt(x, 1));
    set(overlay, slope, 1, 0.9);
    expect(overlay.loopRecordAt(x, 1)?.residuals).not.toEqual(engine.loopRecordAt(x, 1)?.residuals);
  });

  it("[FP11] is of one loop where several declarations meet, solved as the first says that says how", () => {
    const { engine, nodes } = loops();
    const [x, y] = nodes as [NodeId, NodeId];
    const rest = { toleranceAbsolute: 1e-10, toleranceRelative: 0 };
    engine.declareLoop({ name: "other", cuts: [{ node: y }], iterationsMax: 4, ...rest });
    engine.declareLoop({ name: "third", cuts: [{ node: x }], iterationsMax: 9, method: "plain", ...rest });
    const record = engine.loopRecordAt(x, 2);
    expect(record).toMatchObject({ loop: "one + other + third", method: "plain" });
    // Slope 0.3: a plain iteration gains half a digit a sweep, and has no more than 20 of them.
    expect(record?.iterations).toBeGreaterThan(9);
  });

  it("[FP83] is told as an event when it is made, one for each solve of an edit", () => {
    const { engine, slope, nodes } = loops();
    const log = new Log(engine);
    set(engine, slope, 2, 0.25);
    const told = log.take().flatMap((event) => (event.kind === "iterated" ? [event.record] : []));
    expect(told.map(({ loop, outer, period }) => [loop, outer, period]).sort()).toEqual([
      ["one", 0, 2],
      ["two", 0, 2],
    ]);
    for (const record of told) {
      const node = record.loop === "one" ? nodes[0] : nodes[2];
      expect(engine.loopRecordAt(node as NodeId, 2)).toEqual(record);
    }
  });
});
