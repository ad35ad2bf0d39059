/**
 * Range nodes against formulas over columns that add cell by cell. The same random graphs and edits are played on engines
 * that compute ranges together, one by one (somebody listens), and with column formulas alone.
 */
import { type Column, columnFrom, errorValue, isErrorValue, type Scalar, sumOfRange } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Engine, Overlay, State } from "../api.ts";
import { createEngine } from "../engine.ts";
import { now } from "../fixtures/columns.ts";
import type { FormulaNode, NodeId } from "../formula-node.ts";
import type { RangeAggregate, RangeNode } from "../range-node.ts";
import { rangeWork } from "./range-step.ts";

const one = { outer: 1, periods: 1 };
const oneCell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
const periods = 600;
const shape = { outer: 2, periods };
const rangeCount = 60;
const aggregates: readonly RangeAggregate[] = ["sum", "sum", "sum", "count", "average"];
const specials: readonly Scalar[] = [null, "text", true, errorValue("#N/A"), errorValue("#REF!"), 1e308, -0];

type Random = (limit: number) => number;

function randomOf(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (state >>> 8) % limit;
  };
}

/** By the documented order of sums, cell by cell. */
function naive(aggregate: RangeAggregate, column: Column, { row = 0, from, to }: RangeNode): Scalar {
  const cells = Array.from({ length: to - from }, (_, i) =>
    column.get(row * column.shape.periods + from + i),
  );
  const count = cells.filter((cell) => typeof cell === "number").length;
  if (aggregate === "count") return count;
  const sum = sumOfRange({ rows: 1, columns: cells.length, cells, firstPosition: from } as never);
  if (isErrorValue(sum) || aggregate === "sum") return sum;
  return count === 0 ? errorValue("#DIV/0!", "there are no numbers") : sum / count;
}

function asFormula(range: RangeNode): FormulaNode {
  const { name, of, from, to, aggregate, row = 0, isManual = false } = range;
  const dependents = (first: number, end: number): readonly [number, number] =>
    first <= row && row < end ? [0, 1] : [0, 0];
  return {
    name,
    shape: one,
    isManual,
    precedents: [{ node: of, time: { kind: "range", from, to }, outer: { kind: "map", dependents } }],
    kernel: { compute: ([read], out) => out.set(0, naive(aggregate, read as Column, range)) },
  };
}

class Player {
  readonly engine: Engine;
  readonly overlays: Overlay[] = [];
  nodes: NodeId[] = [];
  private readonly makesRanges: boolean;

  constructor(makesRanges: boolean, isTraced: boolean, isChecked: boolean) {
    this.engine = createEngine({ isChecked });
    this.makesRanges = makesRanges;
    if (isTraced) this.engine.subscribe(() => undefined);
  }

  build(ranges: readonly RangeNode[], column: Column): void {
    const { engine } = this;
    const x = engine.addInput({ name: "x", shape, column: column.clone() });
    const y = engine.addFormula({
      name: "y",
      shape,
      precedents: [now(x)],
      kernel: {
        compute([read], out, box) {
          for (let m = box.outerFrom; m < box.outerTo; m++) {
            for (let t = m * periods + box.from; t < m * periods + box.to; t++) {
              const value = (read as Column).get(t);
              out.set(t, typeof value === "number" ? value % 3 : value);
            }
          }
        },
      },
    });
    const nodes = engine.transaction(() => ranges.map((range) => this.add(range)));
    const family = {
      name: "difference",
      arity: 2,
      constantCount: 0,
      plain: (n: Float64Array, pool: Int32Array, at: number) =>
        (n[pool[at] as number] as number) - (n[pool[at + 1] as number] as number),
      general: ([a, b]: readonly Scalar[]): Scalar => {
        if (isErrorValue(a)) return a;
        if (isErrorValue(b)) return b;
        return (a as number) - (b as number);
      },
    };
    const precedents = nodes.slice(0, 20).flatMap((node, i) => [node, nodes[i + 20] as NodeId]);
    const cells = engine.addCells({ family, count: 20, precedents, nameAt: (i) => `cell ${i}` });
    this.nodes = [x, y, ...nodes, ...precedents.slice(0, 20).map((_, i) => (cells + i) as NodeId)];
  }

  add(range: RangeNode): NodeId {
    return this.makesRanges ? this.engine.addRange(range) : this.engine.addFormula(asFormula(range));
  }

  replace(node: NodeId, range: RangeNode): void {
    this.engine.replace(node, this.makesRanges ? range : asFormula(range));
  }
}

function shown(state: State, nodes: readonly NodeId[]): readonly unknown[] {
  return nodes.slice(2).map((node) => {
    const value = state.peek(node).get(0);
    const text = isErrorValue(value) ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : value;
    return [text, state.statusOf(node), state.changedAt(node)];
  });
}

function randomRange(random: Random, i: number): RangeNode {
  const from = random(3) === 0 ? 0 : random(periods);
  const to = from + random(periods - from + 1);
  const aggregate = aggregates[random(aggregates.length)] as RangeAggregate;
  const isManual = random(12) === 0;
  return {
    name: `range ${i}`,
    of: random(3) === 0 ? (1 as NodeId) : (0 as NodeId),
    row: random(2),
    from,
    to,
    aggregate,
    isManual,
  };
}

function playStep(random: Random, players: readonly Player[]): void {
  const each = (edit: (player: Player) => void): void => players.forEach(edit);
  const from = random(periods);
  const row = random(2);
  const value = random(4) === 0 ? (specials[random(specials.length)] as Scalar) : random(100) / 8;
  const box = { outerFrom: row, outerTo: row + 1, from, to: from + 1 };
  const formula = 2 + random(rangeCount);
  const overlay = random(2);
  switch (random(9)) {
    case 0:
    case 1:
    case 2:
      each(({ engine, nodes }) => engine.setCells(nodes[0] as NodeId, box, columnFrom(one, [value])));
      break;
    case 3: {
      const width = 1 + random(periods - from);
      const wide = { outerFrom: 0, outerTo: 2, from, to: from + width };
      const cells = Array.from({ length: 2 * width }, () => random(50) / 4);
      each(({ engine, nodes }) =>
        engine.transaction(() => {
          engine.setCells(nodes[0] as NodeId, wide, columnFrom({ outer: 2, periods: width }, cells));
          engine.setCells(nodes[0] as NodeId, box, columnFrom(one, [value]));
          engine.setCells(nodes[0] as NodeId, { ...box, from: 0, to: 1 }, columnFrom(one, [1]));
        }),
      );
      break;
    }
    case 4: {
      const range = randomRange(random, 1000 + formula);
      each((player) => player.replace(player.nodes[formula] as NodeId, range));
      break;
    }
    case 5:
      each(({ engine, overlays }) => {
        if (overlays.length < 2) overlays.push(engine.overlay("overlay", overlays[0] ?? engine));
      });
      break;
    case 6:
      each(({ nodes, overlays }) =>
        overlays[overlay]?.setCells(nodes[0] as NodeId, box, columnFrom(one, [value])),
      );
      break;
    case 7:
      each(({ nodes, overlays }) =>
        overlays[overlay]?.pin(nodes[formula] as NodeId, oneCell, columnFrom(one, [value])),
      );
      break;
    default:
      each(({ engine, nodes, overlays }) =>
        (overlays[overlay] ?? engine).refresh([nodes[formula] as NodeId]),
      );
  }
}

describe("range nodes and formulas over columns", () => {
  it("[RA1] [RA6] are the same to the bit, together, one by one, and as column formulas", () => {
    rangeWork.together = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const random = randomOf(seed);
      const players = [
        new Player(true, false, false),
        new Player(true, true, true),
        new Player(false, false, false),
      ];
      const ranges = Array.from({ length: rangeCount }, (_, i) => randomRange(random, i));
      const cells = Array.from({ length: 2 * periods }, () => random(1000) / 7);
      for (const player of players) player.build(ranges, columnFrom(shape, cells));
      for (let step = 0; step < 40; step++) {
        playStep(random, players);
        const [first, ...others] = players.map((player) =>
          [player.engine, ...player.overlays].map((state) => shown(state, player.nodes)),
        );
        for (const other of others) expect(other).toEqual(first);
      }
    }
    expect(rangeWork.together).toBeGreaterThan(1000);
  });
});
