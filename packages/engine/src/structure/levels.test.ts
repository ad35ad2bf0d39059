import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import type { EngineError } from "../engine-error.ts";
import { cells, formula, formulaNode, input, kernel, lag, mutual, now } from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";
import { checkInvariants } from "../invariants/check-invariants.ts";
import { Graph } from "../recalculation/graph.ts";
import { Edges } from "./edges.ts";
import { settleLevel } from "./levels.ts";
import { NodeRows } from "./node-rows.ts";
import { eachStrongComponent, flatRows } from "./strong-components.ts";
import { kindScalarFormula, kindScalarInput } from "./structure.ts";

const shape = { outer: 1, periods: 3 };
const copy = (read: (index: number) => unknown): number => read(0) as number;

describe("levels", () => {
  it("[LV1] count from the inputs", () => {
    const engine = createEngine({ isChecked: true });
    const a = engine.input(1);
    const b = engine.computed([a], (value) => value);
    const c = engine.computed([a, b], (x, y) => x + y);
    const alone = engine.computed([], () => 1);
    expect([a, b, c, alone].map(({ id }) => engine.levelOf(id))).toEqual([0, 1, 2, 0]);
  });

  it("[LV3] [LV4] rise when an edge is added, and stay valid when one is taken away", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const chain = [a];
    for (let i = 0; i < 5; i++) chain.push(formula(engine, `c${i}`, shape, [now(chain[i] as NodeId)], copy));
    const x = formula(engine, "x", shape, [now(a)], copy);
    const y = formula(engine, "y", shape, [now(x), now(a)], copy);
    const z = formula(engine, "z", shape, [now(y)], copy);
    engine.replace(x, formulaNode("x", shape, [now(chain[5] as NodeId)], copy));
    expect([x, y, z].map(engine.levelOf)).toEqual([6, 7, 8]);
    engine.replace(x, formulaNode("x", shape, [now(a)], copy));
    expect(engine.levelOf(x)).toBe(1);
    expect(engine.levelOf(z)).toBeGreaterThan(engine.levelOf(y));
    expect(cells(engine, z)).toEqual([1, 2, 3]);
  });

  it("[LV3] [LV7] are the same whether edges come one by one or all at once", () => {
    const rows = Array.from({ length: 400 }, (_, i) =>
      [i - 1, i - 7, (i * 31) % Math.max(1, i)].filter((j) => j >= 0),
    );
    const build = (isBulk: boolean): number[] => {
      const engine = createEngine();
      const ids = rows.map((_, i) => input(engine, `n${i}`, 0, 0, 0));
      const order = rows.map((_, i) => (i * 177) % 400);
      const replaceAll = (): void => {
        for (const i of order) {
          const precedents = (rows[i] as number[]).map((j) => now(ids[j] as NodeId));
          if (precedents.length > 0)
            engine.replace(ids[i] as NodeId, formulaNode(`n${i}`, shape, precedents, copy));
        }
      };
      if (isBulk) engine.transaction(replaceAll);
      else replaceAll();
      engine.checkInvariants();
      return ids.map(engine.levelOf);
    };
    expect(build(true)).toEqual(build(false));
  });

  //  a → b → c → d        e
  //      ↑_______|  added, then taken away
  it("[LV2] [LV5] [LV6] share one level in a component, found when an edge closes it and dissolved again", () => {
    const engine = createEngine({ isChecked: true });
    const a = input(engine, "a", 1, 2, 3);
    const b = formula(engine, "b", shape, [now(a)], copy);
    const c = formula(engine, "c", shape, [now(b)], copy);
    const d = formula(engine, "d", shape, [now(c)], copy);
    const e = formula(engine, "e", shape, [now(d)], copy);
    engine.replace(
      b,
      formulaNode(
        "b",
        shape,
        [now(a), lag(d)],
        (read) => (read(0) as number) + ((read(1, -1) as number) ?? 0),
      ),
    );
    expect([b, c, d].map(engine.levelOf)).toEqual([1, 1, 1]);
    expect(engine.levelOf(e)).toBeGreaterThan(1);
    expect(engine.undeclaredLoops()).toEqual([]);
    expect(cells(engine, e)).toEqual([1, 3, 6]);
    engine.replace(b, formulaNode("b", shape, [now(a)], copy));
    expect([b, c, d].map(engine.levelOf)).toEqual([1, 2, 3]);
    expect(engine.levelOf(e)).toBeGreaterThan(3);
    expect(cells(engine, e)).toEqual([1, 2, 3]);
  });

  it("[LV5] join two components that an edge connects in a circle", () => {
    const engine = createEngine({ isChecked: true });
    const pair = (name: string): readonly NodeId[] =>
      mutual(engine, shape, [`${name}0`, `${name}1`], ([x, y]) => [
        {
          precedents: [lag(y as NodeId)],
          kernel: kernel(shape, (read) => ((read(0, -1) as number) ?? 0) + 1),
        },
        { precedents: [now(x as NodeId)], kernel: kernel(shape, copy) },
      ]);
    const [p, q] = pair("p") as [NodeId, NodeId];
    const [r, s] = pair("r") as [NodeId, NodeId];
    engine.replace(
      r,
      formulaNode("r0", shape, [lag(s), now(q)], (read) => read(1) as number),
    );
    expect(engine.levelOf(r)).toBeGreaterThan(engine.levelOf(q));
    engine.replace(
      p,
      formulaNode("p0", shape, [lag(q), lag(s)], (read) => ((read(1, -1) as number) ?? 0) + 1),
    );
    expect(new Set([p, q, r, s].map(engine.levelOf)).size).toBe(1);
    expect(cells(engine, s)).toEqual([1, 2, 3]);
  });
});

describe("invariants", () => {
  it("[LV8] are found broken, field by field", () => {
    const graph = new Graph({});
    const { structure, base } = graph;
    const a = structure.allocate(kindScalarInput, undefined);
    const b = structure.allocate(kindScalarFormula, () => 1);
    base.ensureRows(2);
    base.write(a, 1);
    base.write(b, 1);
    structure.edges.setPrecedents(b, [a]);
    expect(() => checkInvariants(graph)).toThrow("on the dependent side");
    structure.edges.linkPrecedents(b);
    expect(() => checkInvariants(graph)).toThrow("level of");
    settleLevel(structure, b);
    expect(() => checkInvariants(graph)).not.toThrow();
    base.flags[a] = (base.flags[a] as number) | 1;
    expect(() => checkInvariants(graph)).toThrow("waiting");
    expect(() => checkInvariants(graph)).toThrow(
      expect.objectContaining({ code: "engine/broken-invariant" } satisfies Partial<EngineError>),
    );
  });
});

describe("edges", () => {
  it("keep both sides through packing and unlinking, with repeated edges", () => {
    const rows = new NodeRows();
    rows.ensureRows(3000);
    const edges = new Edges(rows);
    const reads: number[][] = Array.from({ length: 3000 }, (_, i) => (i === 0 ? [] : [(i * 7) % i, 0, 0]));
    reads.forEach((row, node) => {
      edges.setPrecedents(node, row);
      edges.linkPrecedents(node);
      edges.tidy(3000);
    });
    for (let node = 1; node < 3000; node += 2) {
      edges.unlinkPrecedents(node);
      edges.setPrecedents(node, []);
      reads[node] = [];
      edges.tidy(3000);
    }
    const dependentsOf = (node: number): number[] => {
      const found: number[] = [];
      edges.eachDependent(node, (dependent) => found.push(dependent));
      return found.toSorted((x, y) => x - y);
    };
    for (const node of [0, 1, 2, 500, 2998]) {
      const expected = reads.flatMap((row, reader) => row.filter((read) => read === node).map(() => reader));
      expect(dependentsOf(node)).toEqual(expected);
    }
    expect(edges.edgeCount).toBe(reads.flat().length);
  });
});

describe("strong components", () => {
  //  0 → 1 → 2 → 0    2 → 3 → 3    3 → 4     (arrows: is read by)
  it("[LV5] come precedents first, with their cycles", () => {
    const reads = [[2], [0], [1], [2, 3], [3]];
    const first = Int32Array.from(reads, (_, i) => reads.slice(0, i).flat().length);
    const count = Int32Array.from(reads, (row) => row.length);
    const rows = flatRows(first, count, Int32Array.from(reads.flat()));
    const found: [number[], boolean][] = [];
    eachStrongComponent(rows, [4, 0], null, (members, hasCycle) =>
      found.push([members.toSorted(), hasCycle]),
    );
    expect(found).toEqual([
      [[0, 1, 2], true],
      [[3], true],
      [[4], false],
    ]);
  });

  it("[RC6] do not overflow on a chain of 1,000,000", () => {
    const length = 1_000_000;
    const rows = flatRows(
      Int32Array.from({ length }, (_, i) => Math.max(0, i - 1)),
      Int32Array.from({ length }, (_, i) => (i === 0 ? 0 : 1)),
      Int32Array.from({ length: length - 1 }, (_, i) => i),
    );
    let emitted = 0;
    eachStrongComponent(rows, [length - 1], null, ([member]) => {
      if (member === emitted) emitted++;
    });
    expect(emitted).toBe(length);
  });
});
