/**
 * Cells against formulas over columns of one cell. The same random graphs and edits are played on engines that take
 * the plain way, the long way (somebody listens), build in bulk, and use column formulas alone. After each edit all
 * nodes have the same bits, errors, statuses and revisions in every state.
 */
import { type Column, columnFrom, errorValue, isErrorValue, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Engine, Overlay, State } from "../api.ts";
import type { CellFamily, CellNode } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import type { FormulaNode, NodeId } from "../formula-node.ts";

const one = { outer: 1, periods: 1 };
const oneCell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
const values: readonly Scalar[] = [
  0,
  -0,
  1,
  2,
  3,
  0.1,
  -5,
  1e308,
  7,
  8,
  9,
  "text",
  null,
  true,
  errorValue("#N/A"),
];

function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

type Arithmetic = (values: readonly number[], constant: number) => number;

/** Whatever is no number makes an error, the first error wins. */
function familyOf(name: string, arity: number, constantCount: number, compute: Arithmetic): CellFamily {
  const gathered: number[] = [];
  return {
    name,
    arity,
    constantCount,
    plain: (numbers, pool, at, constants, constantAt) => {
      gathered.length = 0;
      for (let i = 0; i < arity; i++) gathered.push(numbers[pool[at + i] as number] as number);
      return compute(gathered, constantCount === 0 ? 0 : (constants[constantAt] as number));
    },
    general: (args, constants, constantAt) => {
      const error = args.find(isErrorValue);
      if (error !== undefined) return error;
      const numbers = args.map((arg) => (typeof arg === "number" ? arg : arg === null ? 0 : Number.NaN));
      if (numbers.some(Number.isNaN)) return errorValue("#VALUE!", "no number");
      const result = compute(numbers, constantCount === 0 ? 0 : (constants[constantAt] as number));
      return Number.isFinite(result) ? result : errorValue("#DIV/0!");
    },
  };
}

const families: readonly CellFamily[] = [
  familyOf("sum", 3, 0, (args) => args.reduce((sum, value) => sum + value, 0)),
  familyOf("min", 2, 1, ([a = 0, b = 0], constant) => Math.min(a, b, constant)),
  familyOf("ratio", 2, 0, ([a = 0, b = 0]) => a / b),
  familyOf("negative", 1, 1, ([a = 0], constant) => -a * constant),
  familyOf("constant", 0, 1, (_, constant) => constant),
  { name: "if error", arity: 2, constantCount: 0, general: ([a, b]) => (isErrorValue(a) ? b : a) as Scalar },
];

function asFormula(cell: CellNode): FormulaNode {
  const { name, family, precedents, constants = [] } = cell;
  const table = Float64Array.from(constants);
  const isManual = cell.isManual ?? false;
  return {
    name,
    shape: one,
    isManual,
    precedents: precedents.map((node) => ({ node, time: { kind: "all" }, outer: { kind: "all" } })),
    kernel: {
      compute: (inputs: readonly Column[], out: Column): void =>
        out.set(
          0,
          family.general(
            inputs.map((input) => input.get(0)),
            table,
            0,
          ),
        ),
    },
  };
}

/** One engine, and how it makes a formula. */
class Player {
  readonly engine: Engine;
  readonly nodes: NodeId[] = [];
  readonly overlays: Overlay[] = [];
  private readonly makesCell: (turn: number) => boolean;
  private turn = 0;

  constructor(makesCell: (turn: number) => boolean, isTraced: boolean, isChecked: boolean) {
    this.engine = createEngine({ isChecked });
    this.makesCell = makesCell;
    if (isTraced) this.engine.subscribe(() => undefined);
  }

  private get isCell(): boolean {
    return this.makesCell(this.turn++);
  }

  add(cell: CellNode): void {
    this.nodes.push(this.isCell ? this.engine.addCell(cell) : this.engine.addFormula(asFormula(cell)));
  }

  addInput(value: number): void {
    const node = this.isCell
      ? this.engine.addCellInputs({ values: Float64Array.of(value), nameAt: () => "input" })
      : this.engine.addInput({ name: "input", shape: one, column: columnFrom(one, [value]) });
    this.nodes.push(node);
  }

  replace(node: NodeId, cell: CellNode): void {
    this.engine.replace(node, this.isCell ? cell : asFormula(cell));
  }
}

function shown(state: State, node: NodeId): readonly unknown[] {
  const value = state.peek(node).get(0);
  const text = isErrorValue(value) ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : value;
  return [text, state.statusOf(node), state.changedAt(node)];
}

function compare(players: readonly Player[], inputs: number): void {
  const [first, ...others] = players as [Player, ...Player[]];
  const show = (player: Player): unknown[] =>
    [player.engine, ...player.overlays].map((state) =>
      // The first revision of an input is that of the edit for one kind and none for the other.
      player.nodes.map((node, i) => (i < inputs ? shown(state, node)[0] : shown(state, node))),
    );
  const expected = show(first);
  for (const other of others) expect(show(other)).toEqual(expected);
}

describe("cells and formulas over columns", () => {
  const inputs = 6;
  it("[CE3] [CE7] are the same to the bit, on the plain way, the long way, and mixed", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomOf(seed);
      const players = [
        new Player(() => true, false, false),
        new Player(() => true, true, true),
        new Player(() => false, false, true),
        new Player((turn) => (turn * 7 + seed) % 3 !== 0, false, true),
      ];
      const each = (edit: (player: Player) => void): void => players.forEach(edit);
      const cellAt = (limit: number): CellNode => {
        const family = families[random(families.length)] as CellFamily;
        const precedents = Array.from({ length: family.arity }, () => random(limit) as NodeId);
        const constants = Array.from({ length: family.constantCount }, () => random(5) - 1);
        return { name: `cell ${limit}`, family, precedents, constants, isManual: random(9) === 0 };
      };
      for (let i = 0; i < inputs; i++) each((player) => player.addInput(i));
      for (let i = 0; i < 30; i++) {
        const cell = cellAt(inputs + i);
        each((player) => player.add(cell));
      }
      compare(players, inputs);
      for (let step = 0; step < 40; step++) {
        playStep(random, each, cellAt, inputs);
        compare(players, inputs);
      }
    }
  });
});

function playStep(
  random: (limit: number) => number,
  each: (edit: (player: Player) => void) => void,
  cellAt: (limit: number) => CellNode,
  inputs: number,
): void {
  const value = values[random(values.length)] as Scalar;
  const node = random(inputs) as NodeId;
  const formula = (inputs + random(30)) as NodeId;
  const overlay = random(2);
  const onOverlay = (edit: (overlay: Overlay) => void): void =>
    each((player) => {
      const found = player.overlays[overlay];
      if (found !== undefined) edit(found);
    });
  switch (random(11)) {
    case 0:
    case 1:
      each(({ engine }) => engine.setCells(node, oneCell, columnFrom(one, [value])));
      break;
    case 2: {
      const numbers = Float64Array.from({ length: inputs }, (_, i) => (random(4) === 0 ? Number.NaN : i * 2));
      each(({ engine }) => engine.setNumbers(0 as NodeId, numbers));
      break;
    }
    case 3: {
      const numbers = Float64Array.of(random(3), 4);
      each(({ engine }) => engine.setNumbers(Int32Array.of(node, 0), numbers));
      break;
    }
    case 4: {
      const cell = cellAt(formula);
      each((player) => player.replace(formula, cell));
      break;
    }
    case 5:
      each(({ engine, overlays }) => {
        if (overlays.length < 2) overlays.push(engine.overlay("overlay", overlays[0] ?? engine));
      });
      break;
    case 6:
      onOverlay((found) => found.setCells(node, oneCell, columnFrom(one, [value])));
      break;
    case 7:
      onOverlay((found) => {
        found.clearOverride(node);
        found.unpin(formula);
      });
      break;
    case 8:
      onOverlay((found) => found.pin(formula, oneCell, columnFrom(one, [value])));
      break;
    case 9:
      each(({ engine }) =>
        expect(() =>
          engine.transaction(() => {
            engine.setNumbers(node, Float64Array.of(77));
            engine.addCells({
              family: families[3] as CellFamily,
              count: 1,
              precedents: [node],
              constants: Float64Array.of(2),
            });
            throw new Error("given up");
          }),
        ).toThrow("given up"),
      );
      break;
    default:
      each(({ engine, overlays }) => (overlays[overlay] ?? engine).refresh([formula]));
  }
}
