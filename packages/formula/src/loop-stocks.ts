/**
 * Stocks in a joint function (loop-code.ts): where they stand at t + 1, from everything at t.
 *
 *   walk: for (t …) {                            move0 = (N, m, t, L) => {
 *     the blocks of period t; a stock is L0[i]      let s0 = n0[b0 + t], …;              where the stocks stand
 *     what changed is noted                         const v1 = n7[b1 + t], …;            stands still within the period
 *     if (stocks of group 0 must move)              for (k = 0; k < steps; k++) {
 *       R0[1] = move0(N, m, t, L0) ? t + 1 : -1;        const z4 = …, f0 = …;              between, and the flow
 *   }                                                 s0 = s0 + h * f0;
 *                                                   }
 *                                                   L[0] = s0; …
 *
 * A group must move where one of its stocks is dirty at t + 1, a cell changed that one of them reads, or something between
 * was computed at t. The arithmetic is that of the engine's integration, to the bit. Where a result is no finite number the
 * group does not move, and the walk ends at the first stock of t + 1. A walk that begins at a period goes through the one
 * before for the stocks alone.
 *
 * Each group is a function of its own, so that none grows too large to be optimised.
 */
import { namesOf } from "./loop-chunks.ts";
import type { LoopJoint, WrittenPart } from "./loop-part.ts";
import type { LoopGroup, LoopRequest } from "./loop-request.ts";

/** What is needed of the writer of the joint function. */
interface StockHost {
  readonly request: LoopRequest;
  readonly joint: LoopJoint;
  readonly words: number;
  /** The formula of a member; `giveUp`: what it says where a value is no finite number. */
  readonly part: (
    index: number,
    names: ReadonlyMap<number, string>,
    giveUp: string,
  ) => WrittenPart | undefined;
  readonly bitTests: (members: readonly number[], wordCode: (word: number) => string) => string[];
  readonly pad: (word: number, offset: number) => number;
}

interface WrittenMoves {
  /** Functions and tables, made once. */
  readonly made: readonly string[];
  /** Before the periods of a member. */
  readonly before: readonly string[];
  /** At the end of each period. */
  readonly lines: readonly string[];
}

/** How the groups of a request move; nothing where a formula cannot be written. */
export function writeMoves(host: StockHost): WrittenMoves | undefined {
  const made: string[] = [];
  const before: string[] = [];
  const lines: string[] = [];
  for (const [number, group] of (host.request.groups ?? []).entries()) {
    const code = moveCode(host, group);
    if (code === undefined) return undefined;
    made.push(`const L${number} = new Float64Array(${group.stocks.length});`);
    made.push(`const move${number} = (N, m, t, L) => {`, ...code, "};");
    // Whether the group must be at another place, and the period that it is at the beginning of.
    made.push(`const R${number} = new Int32Array(2);`);
    before.push(`R${number}[0] = 1; R${number}[1] = -1;`);
    lines.push(
      `R${number}[0] = ${mustMove(host, group)} ? 1 : 0;`,
      `if (R${number}[0] === 1) R${number}[1] = move${number}(N, m, t, L${number}) ? t + 1 : -1;`,
    );
  }
  if (lines.length === 0) return { made, before, lines };
  return { made, before, lines: [`if (t + 1 < ${host.request.shape.periods}) {`, ...lines, "}"] };
}

/** The statements of a stock's block, which begins with its former value in `x`. */
export function stockLines(
  request: LoopRequest,
  index: number,
): { readonly need: string; readonly isMissing: string; readonly value: string } | undefined {
  const number = (request.groups ?? []).findIndex(({ stocks }) => stocks.includes(index));
  if (number < 0) return undefined;
  const place = request.groups?.[number]?.stocks.indexOf(index) as number;
  return {
    need: `t >= from && R${number}[0] === 1`,
    isMissing: `R${number}[1] !== t`,
    value: `L${number}[${place}]`,
  };
}

function moveCode(host: StockHost, group: LoopGroup): string[] | undefined {
  const { stocks, between, steps, isStaged } = group;
  const names = new Map(stocks.map((index) => [index, `s${index}`]));
  for (const index of between) names.set(index, `z${index}`);
  const before: string[] = [];
  const flows: string[] = [];
  for (const index of [...between, ...stocks]) {
    const part = host.part(index, names, "return false;");
    if (part === undefined) return undefined;
    before.push(...part.before);
    flows.push(...part.lines, `const ${between.includes(index) ? "z" : "f"}${index} = ${part.result};`);
  }
  const isIn = (staged: boolean): number[] => stocks.filter((_, i) => (isStaged[i] === true) === staged);
  const [staged, plain] = [isIn(true), isIn(false)];
  const h = 1 / steps;
  const body =
    staged.length === 0
      ? [...flows, ...plain.flatMap((index) => moved(`s${index}`, `s${index} + ${h} * f${index}`))]
      : stagedBody(flows, staged, plain, h);
  const lines = [
    ...before,
    `for (let k = 0; k < ${steps}; k++) {`,
    ...body,
    "}",
    ...stocks.map((index, place) => `L[${place}] = s${index};`),
    "return true;",
  ];
  return [...opened(host, stocks, lines), ...lines];
}

/** What the statements name, and where the stocks stand. */
function opened({ joint }: StockHost, stocks: readonly number[], lines: readonly string[]): string[] {
  const levels = stocks.map((index) => `let s${index} = n${index}[b0 + t];`);
  return [...namesOf(joint, lines, stocks), ...levels];
}

/** One step with stages: stocks by Euler stand still in them. */
function stagedBody(
  flows: readonly string[],
  staged: readonly number[],
  plain: readonly number[],
  h: number,
): string[] {
  const stage = (reach: number): string[] =>
    staged.flatMap((index) => moved(`s${index}`, `a${index} + ${reach} * f${index}`));
  return [
    ...staged.map((index) => `const a${index} = s${index}; let q${index} = 0;`),
    ...plain.map((index) => `let e${index} = 0;`),
    "for (let g = 0; g < 4; g++) {",
    ...flows,
    "if (g === 0) {",
    ...staged.map((index) => `q${index} = f${index};`),
    ...stage(h / 2),
    ...plain.flatMap((index) => moved(`e${index}`, `s${index} + ${h} * f${index}`)),
    "} else if (g < 3) {",
    ...staged.map((index) => `q${index} = q${index} + 2 * f${index};`),
    "if (g === 1) {",
    ...stage(h / 2),
    "} else {",
    ...stage(h),
    "}",
    "} else {",
    ...staged.flatMap((index) => moved(`s${index}`, `a${index} + ${h / 6} * (q${index} + f${index})`)),
    "}",
    "}",
    ...plain.map((index) => `s${index} = e${index};`),
  ];
}

/** A difference that is not 0 tells infinities and NaN. */
function moved(name: string, value: string): string[] {
  return [`${name} = ${value};`, `if (${name} - ${name} !== 0) return false;`];
}

/** Whether the stocks must move on from the end of the period. */
function mustMove({ request, words, bitTests, pad }: StockHost, { stocks, between }: LoopGroup): string {
  const at = (table: string, offset: number) => (word: number) =>
    `${table}[t * ${words} + ${pad(word, offset)}]`;
  const tests = bitTests(stocks, at("D", 1));
  const byOffset = new Map<number, Set<number>>();
  for (const index of stocks) {
    for (const { precedent, from, to } of request.members[index]?.edges ?? []) {
      for (let offset = from + 1; offset <= to + 1; offset++) {
        byOffset.set(offset, (byOffset.get(offset) ?? new Set()).add(precedent));
      }
    }
  }
  for (const [offset, read] of byOffset) tests.push(...bitTests([...read], at("C", offset)));
  tests.push(...bitTests(between, at("E", 0)));
  return tests.length === 0 ? "false" : `(${tests.join(" || ")})`;
}
