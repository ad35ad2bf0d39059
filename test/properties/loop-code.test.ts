/**
 * Formulas of a loop joined in one function against their kernels called one after another: the same bits in every cell,
 * the same moves told to the solver, the same cells computed after an edit.
 */
import {
  type BoundFormula,
  checkFormula,
  compileKernel,
  fuseLoop,
  loopPartOf,
  parseFormula,
} from "@reckon/formula";
import { type Axis, Column, sameColumn } from "@reckon/value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { columnOver, month, region, scopeOf, segment } from "../arbitraries/formula-world.ts";
import { cases } from "./cases.ts";

const sweepsMax = 9;
const tolerance = 1e-6;
const relative = 1e-4;

/** The residual and ratio of a former solution; where the residual is 1 it will stand. */
function formerOf(m: number, t: number): readonly [number, number] {
  return [(m + t) % 3, m - t];
}

function beyond(now: number, before: number): number {
  const size = Math.max(Math.abs(now), Math.abs(before));
  return Math.abs(now - before) - (tolerance + relative * size);
}

interface World {
  readonly axes: readonly Axis[];
  readonly shape: { readonly outer: number; readonly periods: number };
  readonly formulas: readonly BoundFormula[];
  /** Attribute names of the columns outside, and their columns. */
  readonly outside: readonly string[];
  /** Where the loop starts: `a` or one of those; 0 when absent. */
  readonly guess: string | undefined;
}

const memberNames = ["a", "b", "c", "d"];
/** `a` and `d` stand alone in a period, `b` and `c` make the loop. */
const blocks = [{ members: [0] }, { members: [1, 2], unknown: 2 }, { members: [3] }] as const;
const outsideAxes: Readonly<Record<string, readonly Axis[]>> = {
  rate: [],
  price: [segment],
  season: [month],
  seats: [segment, month],
  sales: [segment, region, month],
};

function worldScope(axes: readonly Axis[]) {
  return scopeOf(axes, {
    resolve: (path) => {
      const name = path.join(".");
      if (memberNames.includes(name)) return { kind: "attribute", id: name, axes, valueType: "number" };
      const found = outsideAxes[name];
      return found && { kind: "attribute", id: name, axes: found, valueType: "number" };
    },
  });
}

function expression(choices: Choices, depth: number, leaves: readonly string[]): string {
  if (depth === 0 || choices.once(4))
    return choices.once(6) ? choices.pick(["2", "0.5", "-3"]) : choices.pick(leaves);
  const inner = (): string => expression(choices, depth - 1, leaves);
  switch (choices.below(8)) {
    case 0:
    case 1:
      return `(${inner()} ${choices.pick(["+", "-", "*"])} ${inner()})`;
    case 2:
      return `(${inner()} * 0.3 + ${inner()})`;
    case 3:
      return `${choices.pick(["MIN", "MAX", "SUM"])}(${inner()}, ${inner()})`;
    case 4:
      return `IF(${inner()} > ${inner()}, ${inner()}, ${inner()})`;
    case 5:
      return `(${inner()} / (3 + ${inner()}))`;
    case 6:
      return choices.pick([`ABS(${inner()})`, `ROUND(${inner()}, 1)`, `SQRT(${inner()})`, "PERIOD_INDEX()"]);
    default:
      return `(${inner()} * 0.1)`;
  }
}

function drawWorld(choices: Choices): { world: World; texts: string[] } | undefined {
  const axes = choices.pick([[segment, month], [month], [segment, region, month]]) as readonly Axis[];
  const outside = ["rate", "season", ...(axes.includes(segment) ? ["price", "seats", "sum(price[*])"] : [])];
  const lags = ["c[t-1]", "b[t-1]", "a[t-1]", "d[t-2]", "season[t-1]"];
  const leaves = [
    [...outside, ...lags, "c[t-1]"],
    ["c", "c", "a", "b[t-1]", ...outside],
    ["b", "b", "a", "c", ...outside],
    ["a", "b", "c", "d[t-1]", ...outside],
  ];
  const texts = leaves.map((list) => expression(choices, 3, list));
  const formulas: BoundFormula[] = [];
  for (const text of texts) {
    const start = parseFormula(choices.pick(["0", "100", "rate", "season / 3"])).expression;
    const { formula } = checkFormula(parseFormula(text).expression, worldScope(axes), { start });
    if (formula === undefined) return undefined;
    formulas.push(formula);
  }
  const named = new Set(formulas.flatMap(({ references }) => references.map(({ attribute }) => attribute)));
  const size = axes.slice(0, -1).reduce((product, axis) => product * axis.labels.length, 1);
  const shape = { outer: size, periods: 12 };
  const known = [...named].filter((name) => !memberNames.includes(name));
  const isPlainGuess = (name: string): boolean => {
    const own = outsideAxes[name] ?? [];
    return own.every((axis) => axis === month) || own.length === axes.length;
  };
  const guess = choices.pick([undefined, "a", ...known.filter(isPlainGuess)]);
  return { texts, world: { axes, shape, formulas, outside: known, guess } };
}

/** What a solver would do, as simply as can be. */
class Plain {
  x = 0;
  sweeps = 0;
  isProof = false;
  reach = 1;
  verdict = "converged";
  isKept = false;
  readonly log: unknown[] = [];

  begin(start: number, settings: string, delta: number, ratio: number): void {
    this.x = start;
    this.sweeps = 0;
    this.isProof = false;
    this.verdict = "converged";
    this.log.push(start, delta, ratio, settings);
    this.isKept = delta === 1;
  }

  advance(result: number, excess: number): boolean {
    this.sweeps++;
    this.log.push(result, this.isProof ? Math.max(0, excess) : "any");
    if (this.isProof && excess <= 0) return false;
    const isNear = Math.abs(result - this.x) <= tolerance;
    this.x = this.isProof ? result + 0.1 : result;
    this.isProof = isNear;
    if (this.sweeps < sweepsMax) return true;
    this.verdict = Math.abs(this.x) > 1e6 ? "diverging" : "limit";
    return false;
  }
}

/** The members as columns, stepped by their kernels or by the joint function. */
class Stepper {
  readonly plain = new Plain();
  readonly columns: Column[];
  readonly done: Int32Array;
  readonly dirty: Int32Array;
  readonly changed: Int32Array;
  fresh = 15;
  warm: Uint8Array | null = null;
  readonly edges: { precedent: number; from: number; to: number }[][];
  readonly distanceMax: number;
  private readonly world: World;
  private readonly outside: ReadonlyMap<string, Column>;
  private readonly kernels;

  constructor(world: World, outside: ReadonlyMap<string, Column>) {
    this.world = world;
    this.outside = outside;
    this.columns = memberNames.map(() => new Column(world.shape));
    this.kernels = world.formulas.map((formula) => compileKernel(formula));
    this.edges = world.formulas.map(({ references }) =>
      references.flatMap(({ attribute, access }) => {
        const precedent = memberNames.indexOf(attribute);
        const last = access.at(-1);
        const offset = last?.kind === "current" ? last.offset : 0;
        return precedent < 0 ? [] : [{ precedent, from: offset, to: offset }];
      }),
    );
    this.distanceMax = Math.max(0, ...this.edges.flat().map(({ from }) => -from));
    const size = world.shape.periods + 2 * this.distanceMax;
    this.done = new Int32Array(size);
    this.dirty = new Int32Array(size);
    this.changed = new Int32Array(size);
  }

  inputsOf(index: number): Column[] {
    return (this.world.formulas[index] as BoundFormula).references.map(
      ({ attribute }) =>
        this.outside.get(attribute) ?? (this.columns[memberNames.indexOf(attribute)] as Column),
    );
  }

  /** One period of one outer member by kernels. */
  step(m: number, t: number, blockFrom = 0): void {
    const at = t + this.distanceMax;
    for (const block of blocks.slice(blockFrom)) {
      const reads = block.members.flatMap((index) =>
        (this.edges[index] ?? []).filter(
          (edge) => edge.from !== 0 || !(block.members as readonly number[]).includes(edge.precedent),
        ),
      );
      const mask = block.members.reduce<number>((bits, index) => bits | (1 << index), 0);
      const isNeeded =
        ((this.dirty[at] as number) & mask) !== 0 ||
        reads.some(({ precedent, from }) => ((this.changed[at + from] as number) & (1 << precedent)) !== 0);
      if (!isNeeded) continue;
      const before = block.members.map((index) => this.cell(index, m, t));
      if ("unknown" in block) this.solve(m, t);
      else this.compute(block.members[0], m, t);
      this.done[at] = (this.done[at] as number) | mask;
      block.members.forEach((index, i) => {
        const isSame = Object.is(this.cell(index, m, t), before[i]) && (this.fresh & (1 << index)) === 0;
        if (!isSame) this.changed[at] = (this.changed[at] as number) | (1 << index);
      });
    }
  }

  private cell(index: number, m: number, t: number): unknown {
    const value = (this.columns[index] as Column).get(m * this.world.shape.periods + t);
    return typeof value === "object" ? JSON.stringify(value) : value;
  }

  private compute(index: number, m: number, t: number): void {
    const box = { outerFrom: m, outerTo: m + 1, from: t, to: t + 1 };
    void this.kernels[index]?.compute(this.inputsOf(index), this.columns[index] as Column, box);
  }

  private solve(m: number, t: number): void {
    const { plain } = this;
    const at = m * this.world.shape.periods + t;
    const [b, c] = [this.columns[1] as Column, this.columns[2] as Column];
    const isWarm = this.warm?.[at] === 1;
    const [delta, ratio] = isWarm ? formerOf(m, t) : [-1, Number.NaN];
    plain.begin(isWarm ? (c.numbers[at] as number) : this.guessAt(m, t), "settings", delta, ratio);
    for (;;) {
      const { x } = plain;
      const before = b.numbers[at] as number;
      c.set(at, x);
      this.compute(1, m, t);
      this.compute(2, m, t);
      // An error ends it, as the joint function is left at once.
      if (typeof b.get(at) !== "number" || typeof c.get(at) !== "number") {
        plain.log.push("left");
        return;
      }
      const [now, result] = [b.numbers[at] as number, c.numbers[at] as number];
      const excess = Math.max(beyond(now, before), beyond(result, x));
      if (!plain.advance(result, excess)) break;
    }
    c.set(at, plain.x);
    // The joint function leaves these to the kernels.
    plain.log.push(plain.verdict === "diverging" || plain.isKept ? "left" : `solved ${m} ${t} ${isWarm}`);
  }

  private guessAt(m: number, t: number): number {
    const { guess, shape } = this.world;
    if (guess === undefined) return 0;
    const column = this.outside.get(guess);
    if (column === undefined) return (this.columns[0] as Column).numbers[m * shape.periods + t] as number;
    const at =
      (column.shape.outer === 1 ? 0 : m) * column.shape.periods + (column.shape.periods === 1 ? 0 : t);
    return column.numbers[at] as number;
  }

  isRowPlain(m: number): boolean {
    const { periods } = this.world.shape;
    return this.columns.every(
      ({ marks }) =>
        marks === null || marks.subarray(m * periods, (m + 1) * periods).every((mark) => mark === 0),
    );
  }
}

/** Walks all outer members by the joint function, with `step` for what it cannot do. */
function walkJointly(
  world: World,
  stepper: Stepper,
  outside: ReadonlyMap<string, Column>,
  taken: { cells: number },
): void {
  const outsideNames = world.outside;
  const loop = { unknown: 2, index: 0, toleranceAbsolute: tolerance, toleranceRelative: relative };
  const joint = fuseLoop({
    shape: world.shape,
    isBackward: false,
    distanceMax: stepper.distanceMax,
    members: world.formulas.map((formula, i) => ({
      part: loopPartOf(formula),
      edges: stepper.edges[i] ?? [],
      inputs: formula.references.map(({ attribute }) => {
        const member = memberNames.indexOf(attribute);
        return member >= 0 ? member : -1 - outsideNames.indexOf(attribute);
      }),
    })),
    blocks: blocks.map((block) =>
      "unknown" in block
        ? { members: block.members, loop: { ...loop, ...guessOf(world, outside) } }
        : { members: block.members },
    ),
  });
  expect(joint, "a joint function").toBeDefined();
  if (joint === undefined) return;
  const { plain } = stepper;
  const columns = [...stepper.columns, ...outsideNames.map((name) => outside.get(name) as Column)];
  const tables = {
    columns: columns.map(({ numbers }) => numbers),
    dirty: stepper.dirty,
    changed: stepper.changed,
    done: stepper.done,
    fresh: Int32Array.of(stepper.fresh),
    dirtyTo: world.shape.periods,
    block: 0,
    settings: ["settings"],
    warm: [warmOf(stepper.warm, world.shape.periods)],
    record: (_: number, m: number, t: number, isWarm: boolean) =>
      void plain.log.push(`solved ${m} ${t} ${isWarm}`),
  };
  for (let m = 0; m < world.shape.outer; m++) {
    stepper.changed.fill(0);
    for (let t = 0; t < world.shape.periods; ) {
      tables.block = 0;
      const result = stepper.isRowPlain(m) ? joint.run(tables, plain, m, t) : t;
      taken.cells += (result < 0 ? -1 - result : result) - t;
      if (result < 0) break;
      plain.log.push("left");
      stepper.step(m, result, tables.block);
      t = result + 1;
    }
  }
}

function warmOf(warm: Uint8Array | null, periods: number) {
  if (warm === null) return null;
  const found = {
    delta: 0,
    ratio: 0,
    find: (m: number, t: number): boolean => {
      [found.delta, found.ratio] = formerOf(m, t);
      return warm[m * periods + t] === 1;
    },
  };
  return found;
}

function guessOf({ guess }: World, outside: ReadonlyMap<string, Column>) {
  if (guess === undefined) return {};
  const column = outside.get(guess);
  if (column === undefined) return { guess: { source: 0, isOuterWide: true, isTimeWide: true } };
  const source = -1 - [...outside.keys()].indexOf(guess);
  return { guess: { source, isOuterWide: column.shape.outer > 1, isTimeWide: column.shape.periods > 1 } };
}

function stepAll(world: World, stepper: Stepper): void {
  for (let m = 0; m < world.shape.outer; m++) {
    stepper.changed.fill(0);
    for (let t = 0; t < world.shape.periods; t++) stepper.step(m, t);
  }
}

/** What the solver was told of each solve that ended there: not of those left to the kernels, nor of solutions kept. */
function solvesOf(log: readonly unknown[]): string[] {
  const solves = log.join(" ").split(/(?<=solved \d+ \d+ \w+) |left/);
  return solves
    .filter((text) => text.includes("solved"))
    .map((text) => text.replace(/^.*?((\S+ ){3}settings(?!.*settings))/, "$1").trim());
}

describe("loops in one function", () => {
  it("[FP40] gives the bits of the kernels, one after another, and computes the same cells", () => {
    const tried = cases(400);
    let worlds = 0;
    const taken = { cells: 0 };
    fc.assert(
      fc.property(fc.array(fc.nat(999), { maxLength: 80, size: "max" }), fc.nat(999), (numbers, salt) => {
        const choices = new Choices(numbers);
        const drawn = drawWorld(choices);
        if (drawn === undefined) return;
        const { world, texts } = drawn;
        worlds++;
        const outside = new Map(
          world.outside.map((name, k) => [
            name,
            columnOver(outsideAxes[name] ?? [], (i) => (((i + 3 * k + salt) * 7919) % 2003) / 100 - 8),
          ]),
        );
        const [reference, joint] = [new Stepper(world, outside), new Stepper(world, outside)];
        for (const round of [0, 1, 2]) {
          for (const stepper of [reference, joint]) {
            stepper.fresh = round === 0 ? 15 : 0;
            stepper.done.fill(0);
            stepper.dirty.fill(0);
            const from = round === 0 ? 0 : choices.below(12);
            const bits = round === 0 ? 15 : 1 + choices.below(15);
            stepper.dirty.fill(
              bits,
              stepper.distanceMax + from,
              stepper.distanceMax + (round === 0 ? 12 : from + 1),
            );
          }
          joint.dirty.set(reference.dirty);
          if (round > 0) {
            const warm = Uint8Array.from({ length: joint.columns[0]?.length ?? 0 }, () => choices.below(2));
            reference.warm = warm;
            joint.warm = warm;
          }
          if (round > 0)
            for (const column of outside.values()) column.numbers[choices.below(column.length)] = salt / 99;
          stepAll(world, reference);
          walkJointly(world, joint, outside, taken);
          memberNames.forEach((name, i) => {
            const [a, b] = [reference.columns[i] as Column, joint.columns[i] as Column];
            if (!sameColumn(a, b))
              expect(Array.from(b.numbers), `${name} of ${texts.join(" | ")} in round ${round}`).toEqual(
                Array.from(a.numbers),
              );
          });
          expect([...joint.done], texts.join(" | ")).toEqual([...reference.done]);
          expect(solvesOf(joint.plain.log), texts.join(" | ")).toEqual(solvesOf(reference.plain.log));
        }
      }),
      tried,
    );
    expect(worlds).toBeGreaterThan((tried.numRuns ?? 0) / 2);
    expect(taken.cells).toBeGreaterThan((tried.numRuns ?? 0) * 10);
  });
});
