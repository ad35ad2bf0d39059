import { columnFrom, type Shape } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Engine } from "../api.ts";
import { createEngine } from "../engine.ts";
import { type Cell, cells, formulaNode, Log, lag, now } from "../fixtures/columns.ts";
import type { NodeId, OuterReach, Precedent } from "../formula-node.ts";

/** Every member of the dependent reads one member of the precedent. */
function ofMember(node: NodeId, member: number): Precedent {
  const outer: OuterReach = {
    kind: "map",
    dependents: (from, to) => (from <= member && member < to ? [0, Number.MAX_SAFE_INTEGER] : [0, 0]),
  };
  return { node, time: { kind: "window", from: 0, to: 0 }, outer };
}

/** The edge for some cells only. */
function where(precedent: Precedent, isRead: (outer: number, period: number) => boolean): Precedent {
  const offset = precedent.time.kind === "window" ? precedent.time.from : 0;
  return {
    ...precedent,
    eachRead: (outer, period, visit) => {
      if (isRead(outer, period)) visit(outer, period + offset);
    },
  };
}

/** Formulas that read each other; `x[SMB, 1]` says a cell of `x` in messages. */
function build(
  engine: Engine,
  shape: Shape,
  formulas: Record<
    string,
    readonly [precedents: (id: (name: string) => NodeId) => readonly Precedent[], cell: Cell]
  >,
): Record<string, NodeId> {
  const names = Object.keys(formulas);
  return engine.transaction(() => {
    const column = () => columnFrom(shape, new Array(shape.outer * shape.periods).fill(0));
    const ids = Object.fromEntries(
      names.map((name) => [name, engine.addInput({ name, shape, column: column() })]),
    );
    for (const name of names) {
      const [precedents, cell] = formulas[name] as (typeof formulas)[string];
      engine.replace(ids[name] as NodeId, {
        ...formulaNode(
          name,
          shape,
          precedents((other) => ids[other] as NodeId),
          cell,
        ),
        labelsAt: (outer, period) => [["SMB", "Mid", "Ent"][outer] as string, String(period)],
      });
    }
    return ids;
  });
}

const members = { outer: 3, periods: 1 };
const number = (value: unknown): number => value as number;

describe("cells in order", () => {
  it("[FP50] reading another member is no loop where that member does not lead back", () => {
    const engine = createEngine({ isChecked: true });
    //  x[m] = x[SMB] + 1 for the others, x[SMB] = y[SMB];  y[m] = m = SMB ? 7 : x[m]
    const { x, y } = build(engine, members, {
      x: [
        (id) => [where(now(id("y")), (outer) => outer === 0), onlyOthers(ofMember(id("x"), 0), 0)],
        (read, _, member) => (member === 0 ? number(read(0)) : 8 + member),
      ],
      y: [
        (id) => [where(now(id("x")), (outer) => outer !== 0)],
        (read, _, member) => (member === 0 ? 7 : number(read(0))),
      ],
    });
    expect(engine.undeclaredLoops()).toEqual([]);
    expect(cells(engine, x as NodeId)).toEqual([7, 9, 10]);
    expect(cells(engine, y as NodeId)).toEqual([7, 9, 10]);
  });

  it("[FP52] leads in one member and lags in another are ordered cell by cell", () => {
    const engine = createEngine({ isChecked: true });
    const shape = { outer: 2, periods: 4 };
    const { x } = build(engine, shape, {
      x: [
        (id) => [
          where(lag(id("x")), (outer, t) => outer === 0 && t > 0),
          where(lag(id("x"), -1), (outer, t) => outer === 1 && t < 3),
        ],
        (read, t, member) => {
          const other = member === 0 ? read(0, -1) : read(1, 1);
          return (other === undefined || (member === 0 ? t === 0 : t === 3) ? 0 : number(other)) + 1;
        },
      ],
    });
    expect(engine.undeclaredLoops()).toEqual([]);
    expect(cells(engine, x as NodeId)).toEqual([1, 2, 3, 4, 4, 3, 2, 1]);
  });

  it("[FP52] cells that read nothing of each other are computed in one call", () => {
    const engine = createEngine();
    const shape = { outer: 2, periods: 50 };
    let calls = 0;
    const { x } = build(engine, shape, {
      x: [
        (id) => [where(now(id("y")), (outer) => outer === 0)],
        (read, t, member) => {
          if (t === 0 && member === 1) calls++;
          return member === 0 ? number(read(0)) : t;
        },
      ],
      y: [
        (id) => [where(now(id("x")), (outer) => outer === 1)],
        (read, t, member) => (member === 1 ? number(read(0)) : -t),
      ],
    });
    const log = new Log(engine);
    expect(engine.read(x as NodeId).get(99)).toBe(49);
    expect(calls).toBe(1);
    expect(log.take().filter(({ kind }) => kind === "iterated")).toEqual([]);
  });
});

it("[FP56] a component with too many reads between its cells is decided by attributes", () => {
  const engine = createEngine();
  //  x[t] reads all cells before it
  const triangle = (periods: number): NodeId => {
    const { x } = build(
      engine,
      { outer: 1, periods },
      {
        x: [
          (id) => [
            {
              node: id("x"),
              time: { kind: "all" },
              outer: { kind: "all" },
              eachRead: (_, t, visit) => {
                for (let before = 0; before < t; before++) visit(0, before);
              },
            },
          ],
          (_, t) => t,
        ],
      },
    );
    return x as NodeId;
  };
  expect(engine.read(triangle(100)).get(99)).toBe(99);
  expect(engine.undeclaredLoops()).toEqual([]);
  const large = triangle(3_000);
  expect(engine.undeclaredLoops()).toEqual([[large, large]]);
  expect(engine.read(large).get(0)).toMatchObject({ code: "#CYCLE!" });
});

describe("groups of cells in a cycle", () => {
  const shape = { outer: 3, periods: 2 };
  //  only Mid: x = y / 2 + 1, y = x / 2 + 1;  the others: x = 5, y = x
  const pair = (engine: Engine) => {
    let others = 0;
    const ids = build(engine, shape, {
      x: [
        (id) => [where(now(id("y")), (outer) => outer === 1)],
        (read, _, member) => {
          if (member !== 1) others++;
          return member === 1 ? number(read(0)) / 2 + 1 : 5;
        },
      ],
      y: [
        (id) => [now(id("x"))],
        (read, _, member) => (member === 1 ? number(read(0)) / 2 + 1 : number(read(0))),
      ],
    });
    return { ids, othersComputed: () => others };
  };

  it("[FP53] are solved as blocks of their own; the rest is computed once", () => {
    const engine = createEngine({ isChecked: true });
    engine.transaction(() => {
      const { ids } = pair(engine);
      engine.declareLoop({
        name: "loop",
        cuts: [{ node: ids.x as NodeId }],
        toleranceAbsolute: 1e-12,
        toleranceRelative: 1e-12,
        iterationsMax: 100,
      });
    });
    const [x, y] = engine.undeclaredLoops();
    expect([x, y]).toEqual([undefined, undefined]);
    const records = engine.loopRecords();
    expect(records.map(({ period, verdict }) => [period, verdict])).toEqual([
      [0, "converged"],
      [1, "converged"],
    ]);
  });

  it("[FP53] have values that others read", () => {
    const engine = createEngine({ isChecked: true });
    const { ids, othersComputed } = pair(engine);
    engine.declareLoop({
      name: "loop",
      cuts: [{ node: ids.y as NodeId }],
      toleranceAbsolute: 1e-12,
      toleranceRelative: 1e-12,
      iterationsMax: 100,
    });
    const found = cells(engine, ids.y as NodeId).map((value) => Math.round(1e9 * number(value)) / 1e9);
    expect(found).toEqual([5, 5, 2, 2, 5, 5]);
    expect(othersComputed()).toBeLessThanOrEqual(8);
  });

  it("[FP55] undeclared, they alone are `#CYCLE!`, and the path names the member", () => {
    const engine = createEngine({ isChecked: true });
    const { ids } = pair(engine);
    const x = ids.x as NodeId;
    const y = ids.y as NodeId;
    expect(engine.undeclaredLoops()).toEqual([[x, y, x]]);
    expect([0, 2, 4].map((cell) => engine.read(x).get(cell))).toMatchObject([
      5,
      { code: "#CYCLE!", detail: "x[Mid] → y[Mid] → x[Mid]", origin: { attribute: "x", at: ["Mid", "0"] } },
      5,
    ]);
  });

  it("[FP55] a path through several periods names them", () => {
    const engine = createEngine();
    const { x } = build(
      engine,
      { outer: 1, periods: 2 },
      {
        x: [
          (id) => [where(lag(id("x")), (_, t) => t === 1), where(lag(id("x"), -1), (_, t) => t === 0)],
          () => 1,
        ],
      },
    );
    expect(engine.read(x as NodeId).get(0)).toMatchObject({
      detail: "x[SMB, 0] → x[SMB, 1] → x[SMB, 0]",
    });
  });
});

function onlyOthers(precedent: Precedent, member: number): Precedent {
  return {
    ...precedent,
    eachRead: (outer, period, visit) => {
      if (outer !== member) visit(member, period);
    },
  };
}

it("[LV10] an edit orders anew what it touches; other components keep their orders", () => {
  const engine = createEngine({ isChecked: true });
  const asked: string[] = [];
  const pairOf = (name: string): Record<string, NodeId> =>
    build(engine, members, {
      [`x${name}`]: [
        (id) => [
          {
            ...now(id(`y${name}`)),
            eachRead: (outer, period, visit) => {
              asked.push(name);
              if (outer === 0) visit(outer, period);
            },
          },
        ],
        (read, _, member) => (member === 0 ? number(read(0)) / 2 + 1 : 5),
      ],
      [`y${name}`]: [(id) => [now(id(`x${name}`))], (read) => number(read(0)) / 2],
    });
  const pairs = Array.from({ length: 40 }, (_, i) => pairOf(String(i)));
  const loopOf = (i: number) => ({
    name: `loop ${i}`,
    cuts: [{ node: pairs[i]?.[`y${i}`] as NodeId }],
    toleranceAbsolute: 1e-9,
    toleranceRelative: 1e-9,
    iterationsMax: 50,
  });
  engine.transaction(() => {
    for (const i of pairs.keys()) if (i !== 7) engine.declareLoop(loopOf(i));
  });
  expect(engine.undeclaredLoops()).toHaveLength(1);
  const since = (): string[] => {
    engine.undeclaredLoops();
    engine.loopRecords();
    return [...new Set(asked.splice(0))];
  };
  since();
  engine.declareLoop(loopOf(7));
  expect(since()).toEqual(["7"]);
  engine.dropLoop("loop 9");
  expect(since()).toEqual(["9"]);
  const y = pairs[3]?.y3 as NodeId;
  const x = pairs[3]?.x3 as NodeId;
  engine.replace(
    y,
    formulaNode("y3", members, [now(x)], (read) => number(read(0)) / 3),
  );
  expect(since()).toEqual(["3"]);
  engine.addFormula(formulaNode("reader", members, [now(y)], (read) => number(read(0))));
  expect(since()).toEqual([]);
});

it("[FP53] groups of neighbouring members that are alike are solved side by side, each by itself", () => {
  const engine = createEngine({ isChecked: true });
  const shape = { outer: 3, periods: 2 };
  const calls: string[] = [];
  //  Mid is no loop: x = 5 there
  const ids = engine.transaction(() => {
    const nodes = build(engine, shape, {
      x: [
        (id) => [where(now(id("y")), (outer) => outer !== 1), now(id("a"))],
        (read, t, member) => {
          calls.push(`${member}.${t}`);
          return member === 1 ? 5 : number(read(0)) / 2 + number(read(1));
        },
      ],
      y: [(id) => [now(id("x"))], (read) => number(read(0)) / 2],
      a: [() => [], (_, t, member) => 3 * member + 3 + t],
    });
    engine.declareLoop({
      name: "loop",
      cuts: [{ node: nodes.y as NodeId }],
      toleranceAbsolute: 1e-12,
      toleranceRelative: 1e-12,
      iterationsMax: 100,
    });
    return nodes;
  });
  const rounded = cells(engine, ids.x as NodeId).map((value) => Math.round(1e6 * number(value)) / 1e6);
  expect(rounded).toEqual([4, 5.333333, 5, 5, 12, 13.333333]);
  expect(engine.loopRecords().map(({ period, outer, cells: own }) => [period, outer, own?.length])).toEqual([
    [0, 0, 2],
    [0, 2, 2],
    [1, 0, 2],
    [1, 2, 2],
  ]);
  calls.length = 0;
  engine.replace(ids.a as NodeId, { name: "a", shape, column: columnFrom(shape, [3, 4, 6, 7, 9, 11]) });
  expect([...new Set(calls)]).toEqual(["2.1"]);
});

it("[FP57] a cycle that some periods have besides leaves the others solved", () => {
  const engine = createEngine({ isChecked: true });
  //  x = y / 4 + 1, y = x / 4 + (t = 1 ? y / 4 : 0); only x is declared
  const { x, y } = build(
    engine,
    { outer: 1, periods: 3 },
    {
      x: [(id) => [now(id("y"))], (read) => number(read(0)) / 4 + 1],
      y: [
        (id) => [now(id("x")), where(now(id("y")), (_, t) => t === 1)],
        (read, t) => number(read(0)) / 4 + (t === 1 ? number(read(1)) / 4 : 0),
      ],
    },
  );
  engine.declareLoop({
    name: "loop",
    cuts: [{ node: x as NodeId }],
    toleranceAbsolute: 1e-12,
    toleranceRelative: 1e-12,
    iterationsMax: 100,
  });
  const found = cells(engine, x as NodeId);
  expect(found[0]).toBeCloseTo(16 / 15, 9);
  expect(found[1]).toMatchObject({ code: "#CYCLE!" });
  expect(found[2]).toBeCloseTo(16 / 15, 9);
  expect(engine.undeclaredLoops()).toEqual([[y, y]]);
});
