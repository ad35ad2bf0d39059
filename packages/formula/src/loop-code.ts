/**
 * Loop code: the formulas of a component that read each other, as one function that walks one outer member through its
 * periods and solves the loops on the way, on plain numbers in variables. It takes part in the work of a solver that it
 * is given (`LoopIteration`), and of an engine that says what must be computed (`LoopTables`).
 *
 *   opening  = closing[t-1]                     walk: for (let t = from; t < 360; t++) {
 *   interest = (opening + closing) / 2 * rate     let x0 = n0[b0 + t];                       what stood there
 *   closing  = opening + interest - paid          if (opening must be computed) { x0 = n2[b0 + t - 1]; … }
 *   loop closing  start opening                   let x1 = …, x2 = …;
 *                                                 if (a member of the loop must be computed) {
 *                                                   const v1 = n3[b1 + t], v2 = …;             same in each sweep
 *                                                   s.begin(x0, …);
 *                                                   for (;;) { x2 = s.x; const y1 = …, y2 = …; if (!s.advance(y2, …)) break; }
 *                                                   …                                          what differs is written and noted
 *                                                 }
 *                                                 nothing dirty ahead, nothing changed for long enough: stop
 *                                               }
 *
 * What must be computed: a member whose bit is set in `dirty`, or one of whose precedents inside changed in a period that
 * it reads; of a loop all members or none. What changed is told by comparing bits with the former cell. So exactly the cells
 * are computed that the members' kernels would compute one after another, each with the same bits.
 *
 * A value that is no finite number ends the walk (`break walk`), with the period as the result: only the kernels know which
 * error it is. So does a period in which a read leaves the time axis. The blocks before `block` are done then.
 *
 * Cost of making: the formulas; of running: nothing but the arithmetic, a load for each read from outside and a test a block
 * and period.
 */
import type { BoundFormula } from "./bound.ts";
import { statementsMax } from "./fused-writer.ts";
import { functionOf, generating } from "./generated.ts";
import { writeChunks } from "./loop-chunks.ts";
import { isBooleanPart, type LoopJoint, writePart } from "./loop-part.ts";
import {
  bitsAWord,
  type FusedLoop,
  type LoopBlock,
  type LoopFunction,
  type LoopGuess,
  type LoopMember,
  type LoopRequest,
} from "./loop-request.ts";
import { stockLines, writeMoves } from "./loop-stocks.ts";
import { planOf } from "./slot-plan.ts";

/** Edges that bridge more periods are left to the kernels. */
const distanceMost = 64;

/**
 * The function of a component; nothing where a formula has parts that only its kernel can do, or code may not be made.
 * The same formulas in the same places get the same function.
 */
export function fuseLoop(request: LoopRequest): FusedLoop | undefined {
  if (request.distanceMax > distanceMost) return undefined;
  const parts = request.members.map(({ part }) => part);
  const [first] = parts;
  if (typeof first !== "object" || first === null) return undefined;
  const { members, ...rest } = request;
  const key = JSON.stringify([rest, members.map(({ inputs, edges }) => [inputs, edges])]);
  const known = (made.get(first) ?? []).find((one) => one.key === key && isSameList(one.parts, parts));
  if (known !== undefined) return known.fused;
  const fused = generating(() => makeLoop(request));
  const kept = (made.get(first) ?? []).slice(-keptMost + 1);
  made.set(first, [...kept, { parts, key, fused }]);
  return fused;
}

interface MadeLoop {
  readonly parts: readonly unknown[];
  readonly key: string;
  readonly fused: FusedLoop | undefined;
}

/** By the first formula. */
const made = new WeakMap<object, readonly MadeLoop[]>();
const keptMost = 4;

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}

function makeLoop(request: LoopRequest): FusedLoop | undefined {
  const code = loopCode(request);
  const make = code && functionOf(["env"], code.source);
  if (code === undefined || make === undefined) return undefined;
  const run = (make as (environment: readonly unknown[]) => LoopFunction)(code.environment);
  return { run, words: wordsOf(request), padding: request.distanceMax, booleans: booleansOf(request) };
}

/** The source alone. */
function loopCode(
  request: LoopRequest,
): { readonly source: string; readonly environment: readonly unknown[] } | undefined {
  return new LoopWriter(request).write();
}

function wordsOf({ members }: LoopRequest): number {
  return Math.ceil(members.length / bitsAWord);
}

/** Members that say TRUE or FALSE; a stock is a number whatever flows. */
function booleansOf({ members, groups = [] }: LoopRequest): number[] {
  const stocks = new Set(groups.flatMap((group) => group.stocks));
  return [...members.keys()].filter((index) => {
    const part = members[index]?.part;
    return part !== undefined && !stocks.has(index) && isBooleanPart(part as BoundFormula);
  });
}

class LoopWriter {
  private readonly request: LoopRequest;
  private readonly words: number;
  private readonly booleans: ReadonlySet<number>;
  private readonly joint: LoopJoint;
  private readonly lines: string[] = [];

  constructor(request: LoopRequest) {
    this.request = request;
    this.words = wordsOf(request);
    this.booleans = new Set(booleansOf(request));
    const reach = { from: 0, to: request.shape.periods };
    // Members lie one after another in their columns.
    const memberLines = [`const b0 = m * ${request.shape.periods} + 0;`];
    this.joint = { environment: [], memberLines, names: { count: 0 }, reach, columnsRead: new Set() };
  }

  write(): { readonly source: string; readonly environment: readonly unknown[] } | undefined {
    const starts: number[] = [];
    for (const block of this.request.blocks) {
      starts.push(this.lines.length);
      const isWritten = block.loop === undefined ? this.single(block) : this.loop(block, block.loop);
      if (!isWritten || this.joint.names.count > statementsMax) return undefined;
    }
    const { joint, request, words } = this;
    const hasStocks = (request.groups ?? []).length > 0;
    const moves = this.moves();
    if (moves === undefined) return undefined;
    const chunks = this.chunks(starts);
    // What stocks start with is for the kernels.
    if (hasStocks) joint.reach.from = Math.max(1, joint.reach.from);
    for (let i = 0; i < request.members.length; i++) joint.columnsRead.add(i);
    const all = [...Array(words).keys()];
    const columns = [...joint.columnsRead].toSorted((a, b) => a - b);
    const step = request.isBackward ? "t--" : "t++";
    const isAhead = request.isBackward ? "t > w.dirtyTo" : "t < w.dirtyTo - 1";
    // Stocks need the period before the first.
    const start = hasStocks ? `from > ${joint.reach.from} ? from - 1 : from` : "from";
    const source = [
      ...moves.made,
      ...(chunks?.made ?? []),
      "return (w, s, m, from) => {",
      "const N = w.columns, D = w.dirty, C = w.changed, E = w.done;",
      ...columns.map((i) => `const n${i} = N[${i}];`),
      ...all.map((i) => `const f${i} = w.fresh[${i}];`),
      ...joint.memberLines,
      ...moves.before,
      `let t = ${start}, p = 0, q = 0, ${all.map((i) => `c${i} = 0, e${i} = 0`).join(", ")};`,
      `walk: {`,
      `for (; t >= ${joint.reach.from} && t < ${joint.reach.to}; ${step}) {`,
      ...all.map((i) => `const d${i} = D[t * ${words} + ${this.pad(i)}]; c${i} = 0; e${i} = 0;`),
      "p = 0;",
      ...(chunks?.lines ?? this.lines),
      ...this.noting(),
      `if (${all.map((i) => `c${i} === 0`).join(" && ")}) ${hasStocks ? "q = t < from ? 0 : q + 1" : "q++"}; else q = 0;`,
      `if (q > ${request.distanceMax} && !(${isAhead})) return ${request.isBackward ? "-1 - t" : "-2 - t"};`,
      ...moves.lines,
      "}",
      `if (t < 0) return -1; if (t >= ${request.shape.periods}) return -1 - t;`,
      "w.block = 0; return t;",
      "}",
      ...this.noting(),
      "w.block = p; return t;",
      "};",
    ].join("\n");
    return { source, environment: joint.environment };
  }

  /** Index of a word of the tables of bits, behind `t * words`. */
  private pad(word: number, offset = 0): number {
    return (this.request.distanceMax + offset) * this.words + word;
  }

  private noting(): string[] {
    return [...Array(this.words).keys()].map((i) => {
      const at = `t * ${this.words} + ${this.pad(i)}`;
      return `C[${at}] |= c${i}; E[${at}] |= e${i};`;
    });
  }

  /** The blocks in several functions, where they are many and none is solved. */
  private chunks(starts: readonly number[]): ReturnType<typeof writeChunks> {
    const { joint, request, words, lines } = this;
    if (request.blocks.some(({ loop }) => loop !== undefined)) return undefined;
    const blocks = starts.map((start, i) => lines.slice(start, starts[i + 1]));
    return writeChunks({ blocks, joint, words, pad: (word) => this.pad(word) });
  }

  private moves(): ReturnType<typeof writeMoves> {
    const { joint, request, words } = this;
    const blocksCount = joint.names.count;
    const moves = writeMoves({
      joint,
      request,
      words,
      part: (index, names, giveUp) => this.part(index, names, giveUp),
      bitTests: (members, wordCode) => this.bitTests(members, wordCode),
      pad: (word, offset) => this.pad(word, offset),
    });
    return joint.names.count - blocksCount > statementsMax ? undefined : moves;
  }

  /** A member outside loops. */
  private single({ members }: LoopBlock): boolean {
    const index = members[0] as number;
    const stock = stockLines(this.request, index);
    const part =
      stock === undefined
        ? this.part(index, noNames)
        : { before: [`if (${stock.isMissing}) break walk;`], lines: [], result: stock.value };
    if (part === undefined) return false;
    const value = `y${index}`;
    this.lines.push(
      `let x${index} = n${index}[b0 + t];`,
      `if (${stock === undefined ? this.need(members) : stock.need}) {`,
      this.place(members),
      ...part.before,
      ...part.lines,
      `const ${value} = ${part.result};`,
      this.store(index, value, `x${index}`),
      `x${index} = ${value};`,
      this.computed(members),
      "}",
    );
    return true;
  }

  /** The members of a loop, swept until the solver has enough. */
  private loop({ members }: LoopBlock, loop: NonNullable<LoopBlock["loop"]>): boolean {
    // Members are called y once they are computed in a sweep; before that only the unknown may be read.
    const names = new Map([[loop.unknown, `x${loop.unknown}`]]);
    if (members.some((index) => this.booleans.has(index))) return false;
    const before: string[] = [];
    const sweep: string[] = [];
    for (const index of members) {
      const part = this.part(index, names);
      if (part === undefined) return false;
      before.push(...part.before);
      sweep.push(...part.lines, `const y${index} = ${part.result};`);
      names.set(index, `y${index}`);
    }
    const { unknown, index: number } = loop;
    const others = members.filter((index) => index !== unknown);
    this.lines.push(
      ...members.map((index) => `let x${index} = n${index}[b0 + t];`),
      `if (${this.need(members)}) {`,
      this.place(members),
      ...members.map((index) => `const o${index} = x${index};`),
      ...before,
      `const h = w.warm[${number}], j = h !== null && h.find(m, t);`,
      `if (j) s.begin(o${unknown}, w.settings[${number}], h.delta, h.ratio);`,
      `else s.begin(${this.guess(loop.guess, members)}, w.settings[${number}], -1, NaN);`,
      "for (;;) {",
      `x${unknown} = s.x;`,
      ...sweep,
      "let g = 0;",
      ...this.excess(members, loop),
      ...others.map((index) => `x${index} = y${index};`),
      `if (!s.advance(y${unknown}, g)) break;`,
      "}",
      // What is no solution at all is the kernels' matter, too.
      'if (s.verdict === "diverging" || s.verdict === "error") break walk;',
      `x${unknown} = s.x;`,
      `if (!s.isKept) w.record(${number}, m, t, j);`,
      ...members.map((index) => this.store(index, `x${index}`, `o${index}`)),
      this.computed(members),
      "}",
    );
    return true;
  }

  /** By how much members went beyond the tolerance since the sweep before: the largest, if that is above 0. */
  private excess(members: readonly number[], loop: NonNullable<LoopBlock["loop"]>): string[] {
    const tests = members.map((index) => {
      const [now, before] = [`y${index}`, `x${index}`];
      return `g = Math.max(g, s.reach * Math.abs(${now} - ${before}) - (${this.tolerance(loop, now, before)}));`;
    });
    return ["if (s.isProof) {", ...tests, "}"];
  }

  /** Notes which block of the period is being computed. */
  private place(members: readonly number[]): string {
    return `p = ${this.request.blocks.findIndex((block) => block.members === members)};`;
  }

  private part(
    index: number,
    names: ReadonlyMap<number, string>,
    giveUp?: string,
  ): ReturnType<typeof writePart> {
    const { request, joint } = this;
    const { part, inputs } = request.members[index] as LoopMember;
    if (part === undefined) return undefined;
    const formula = part as BoundFormula;
    const { shape } = planOf(formula);
    if (shape.outer !== request.shape.outer || shape.periods !== request.shape.periods) return undefined;
    const { booleans } = this;
    const isBoolean = booleans.has(index);
    const memberCount = request.members.length;
    const given = { formula, isBoolean, booleans, inputs, memberCount, names, joint };
    return writePart(giveUp === undefined ? given : { ...given, giveUp });
  }

  private tolerance(loop: NonNullable<LoopBlock["loop"]>, a: string, b: string): string {
    const { toleranceAbsolute, toleranceRelative } = loop;
    if (toleranceRelative === 0) return String(toleranceAbsolute);
    return `${toleranceAbsolute} + ${toleranceRelative} * Math.max(Math.abs(${a}), Math.abs(${b}))`;
  }

  private guess(guess: LoopGuess | undefined, members: readonly number[]): string {
    if (guess === undefined) return "0";
    const { source, isOuterWide, isTimeWide } = guess;
    // A guess that the loop itself computes has no value yet.
    if (members.includes(source)) return "0";
    if (source >= 0) return `x${source}`;
    const column = this.request.members.length - 1 - source;
    this.joint.columnsRead.add(column);
    const member = isOuterWide ? (isTimeWide ? "b0" : "m") : "0";
    return `n${column}[${member}${isTimeWide ? " + t" : ""}]`;
  }

  /** Whether a block must be computed: a bit of it is dirty, or a cell changed that it reads. */
  private need(members: readonly number[]): string {
    const tests = this.bitTests(members, (word) => `d${word}`);
    const byOffset = new Map<number, Set<number>>();
    for (const index of members) {
      for (const { precedent, from, to } of (this.request.members[index] as LoopMember).edges) {
        for (let offset = from; offset <= to; offset++) {
          if (offset === 0 && members.includes(precedent)) continue;
          const read = byOffset.get(offset) ?? new Set();
          byOffset.set(offset, read.add(precedent));
        }
      }
    }
    for (const [offset, read] of byOffset) {
      const word = (i: number): string =>
        offset === 0 ? `c${i}` : `C[t * ${this.words} + ${this.pad(i, offset)}]`;
      tests.push(...this.bitTests([...read], word));
    }
    const need = tests.join(" || ");
    return (this.request.groups ?? []).length > 0 ? `t >= from && (${need})` : need;
  }

  private bitTests(members: readonly number[], wordCode: (word: number) => string): string[] {
    const masks = this.masks(members);
    return masks.flatMap((mask, word) => (mask === 0 ? [] : [`(${wordCode(word)} & ${mask}) !== 0`]));
  }

  private masks(members: readonly number[]): number[] {
    const masks = new Array<number>(this.words).fill(0);
    for (const index of members) {
      const word = Math.floor(index / bitsAWord);
      masks[word] = (masks[word] as number) | (1 << (index % bitsAWord));
    }
    return masks;
  }

  private computed(members: readonly number[]): string {
    return this.masks(members)
      .flatMap((mask, word) => (mask === 0 ? [] : [`e${word} |= ${mask};`]))
      .join(" ");
  }

  /** Writes and notes a cell that differs from the former one, to the sign of a zero. */
  private store(index: number, value: string, before: string): string {
    const [mask, word] = [1 << (index % bitsAWord), Math.floor(index / bitsAWord)];
    const differs = `${value} !== ${before} || (${value} === 0 && 1 / ${value} !== 1 / ${before})`;
    return `if (${differs} || (f${word} & ${mask}) !== 0) { n${index}[b0 + t] = ${value}; c${word} |= ${mask}; }`;
  }
}

const noNames: ReadonlyMap<number, string> = new Map();
