import { columnFrom } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { State } from "../api.ts";
import { createEngine } from "../engine.ts";
import { every, formula, input, kernel, lag, mutual, now, set } from "../fixtures/columns.ts";
import type { Box, NodeId } from "../formula-node.ts";

/** x = slope·x + a, written as two nodes that read each other, with the loop declared. */
function looped(slopes: readonly number[], options: { outer?: number; limit?: number } = {}) {
  const engine = createEngine({ isChecked: true });
  const { outer = 1, limit = 6 } = options;
  const shape = { outer, periods: slopes.length / outer };
  const slope = engine.addInput({ name: "slope", shape, column: columnFrom(shape, [...slopes]) });
  const [x, y] = mutual(engine, shape, ["x", "y"], ([first, second]) => [
    {
      precedents: [now(second as NodeId), now(slope)],
      kernel: kernel(shape, (read) => (read(0) as number) * (read(1) as number) + 1),
    },
    { precedents: [now(first as NodeId)], kernel: kernel(shape, (read) => read(0) ?? null) },
  ]) as [NodeId, NodeId];
  engine.declareLoop({
    name: "loop",
    cuts: [{ node: x }],
    toleranceAbsolute: 1e-10,
    toleranceRelative: 0,
    iterationsMax: limit,
    method: "plain",
  });
  return { engine, slope, x, y, shape };
}

function cellsOf(state: State, node: NodeId): string[] {
  return (state.unconverged().get(node) ?? []).map(
    ({ outerFrom, outerTo, from, to }: Box) => `${outerFrom}..${outerTo} × ${from}..${to}`,
  );
}

describe("unconverged cells", () => {
  it("[FP80] are none where every solve converged", () => {
    const { engine } = looped([0, 0, 0]);
    expect(engine.loopRecords().map(({ verdict }) => verdict)).toEqual([
      "converged",
      "converged",
      "converged",
    ]);
    expect(engine.unconverged().size).toBe(0);
  });

  it("[FP80] are those of the solve and of everything that reads them, and no others", () => {
    const { engine, slope, x, y, shape } = looped([0, 0.99, 0]);
    const [same, later, total, first] = engine.transaction(() => [
      formula(engine, "same", shape, [now(y)], (read) => read(0) ?? null),
      formula(engine, "later", shape, [lag(y)], (read) => read(0, -1) ?? 0),
      formula(engine, "total", { outer: 1, periods: 1 }, [every(y)], () => 0),
      engine.addFormula({
        name: "first",
        shape,
        precedents: [{ node: y, time: { kind: "range", from: 0, to: 1 }, outer: { kind: "same" } }],
        kernel: kernel(shape, () => 0),
      }),
    ]) as [NodeId, NodeId, NodeId, NodeId];
    const behind = formula(engine, "behind", { outer: 1, periods: 1 }, [now(total)], () => 1);
    expect([x, y, same].map((node) => cellsOf(engine, node))).toEqual([
      ["0..1 × 1..2"],
      ["0..1 × 1..2"],
      ["0..1 × 1..2"],
    ]);
    expect(cellsOf(engine, later)).toEqual(["0..1 × 2..3"]);
    expect([cellsOf(engine, total), cellsOf(engine, behind)]).toEqual([["0..1 × 0..1"], ["0..1 × 0..1"]]);
    expect([cellsOf(engine, first), cellsOf(engine, slope)]).toEqual([[], []]);
  });

  it("[FP80] go on through a recurrence to its end, and through another loop", () => {
    const { engine, y, shape } = looped([0, 0.99, 0, 0]);
    const [sum] = mutual(engine, shape, ["sum"], ([own]) => [
      {
        precedents: [now(y), lag(own as NodeId)],
        kernel: kernel(shape, (read) => (read(0) as number) + ((read(1, -1) as number | undefined) ?? 0)),
      },
    ]) as [NodeId];
    expect(cellsOf(engine, sum)).toEqual(["0..1 × 1..4"]);
  });

  it("[FP80] are told for each outer member that was solved by itself", () => {
    const { engine, y, x } = looped([0, 0, 0.99, 0.99], { outer: 2 });
    const records = engine.loopRecords();
    const outers = records.filter(({ verdict }) => verdict !== "converged").map(({ outer }) => outer);
    const expected = outers.includes(-1) ? ["0..2 × 0..2"] : ["1..2 × 0..2"];
    expect([cellsOf(engine, x), cellsOf(engine, y)]).toEqual([expected, expected]);
  });

  it("[FP80] go the moment the loop converges again", () => {
    const { engine, slope, y, shape } = looped([0, 0.99, 0]);
    const copy = formula(engine, "copy", shape, [now(y)], (read) => read(0) ?? null);
    expect(cellsOf(engine, copy)).toHaveLength(1);
    set(engine, slope, 1, 0);
    expect(engine.unconverged().size).toBe(0);
  });

  it("[FP81] are those of the state that is asked: a scenario has its own", () => {
    const { engine, slope, y } = looped([0, 0, 0]);
    const overlay = engine.overlay("scenario");
    expect(overlay.unconverged().size).toBe(0);
    set(overlay, slope, 2, 0.99);
    expect(cellsOf(overlay, y)).toEqual(["0..1 × 2..3"]);
    expect(engine.unconverged().size).toBe(0);
  });

  it("[FP81] leave out what is pinned, and what reads only that", () => {
    const { engine, slope, y, shape } = looped([0.99, 0.99, 0]);
    const copy = formula(engine, "copy", shape, [now(y)], (read) => read(0) ?? null);
    const behind = formula(engine, "behind", shape, [now(copy)], (read) => read(0) ?? null);
    const overlay = engine.overlay("scenario");
    set(overlay, slope, 2, 0.5);
    overlay.pin(
      copy,
      { outerFrom: 0, outerTo: 1, from: 1, to: 2 },
      columnFrom({ outer: 1, periods: 1 }, [7]),
    );
    expect(cellsOf(overlay, behind)).toEqual(["0..1 × 0..1", "0..1 × 2..3"]);
    expect(cellsOf(engine, behind)).toEqual(["0..1 × 0..2"]);
  });

  it("[FP80] of scalar nodes are their one cell", () => {
    const { engine, x } = looped([0.99]);
    const a = input(engine, "a", 1);
    const read = formula(engine, "read", { outer: 1, periods: 1 }, [now(x), now(a)], () => 0);
    const last = formula(engine, "last", { outer: 1, periods: 1 }, [now(read)], () => 0);
    expect([cellsOf(engine, last), cellsOf(engine, a)]).toEqual([["0..1 × 0..1"], []]);
  });
});
