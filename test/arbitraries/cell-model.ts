/**
 * Small models over members and periods whose formulas read each other at fixed members, sums, lags, leads and under
 * conditions, and what is known of them without any package: which cell reads which, which cells are in a cycle, and what
 * a cell is, given all others. Kept as plain data, so that this and the text of the model are made from the same thing and
 * share no code with what is tested.
 */
import fc from "fast-check";
import { Choices } from "./choices.ts";

export const members: readonly string[] = ["A", "B", "C"];
export const periods: readonly string[] = ["2026-01", "2026-02", "2026-03", "2026-04"];

/** How an axis of what is read is reached. */
type Access =
  | { readonly kind: "current"; readonly offset: number }
  | { readonly kind: "fixed"; readonly at: number }
  | { readonly kind: "sum" };

type Condition =
  | { readonly kind: "member"; readonly at: number }
  | { readonly kind: "period"; readonly text: "= 1" | "> 2" | "<= 2" }
  | { readonly kind: "constant"; readonly isTrue: boolean; readonly text: string }
  /** Of a value: not known before. */
  | { readonly kind: "value" };

interface Term {
  readonly target: number;
  readonly member?: Access;
  readonly period?: Access;
  readonly condition?: Condition;
  /** Whether it stands behind "otherwise". */
  readonly isElse: boolean;
}

interface Attribute {
  readonly name: string;
  readonly hasMember: boolean;
  readonly hasPeriod: boolean;
  readonly terms: readonly Term[];
}

/** A cell: attribute, member and period, 0 where it has no such axis. */
export interface Cell {
  readonly attribute: number;
  readonly member: number;
  readonly period: number;
}

export interface CellModel {
  readonly attributes: readonly Attribute[];
}

export const cellModelSeed: fc.Arbitrary<CellModel> = fc
  .array(fc.nat({ max: 10_000 }), { minLength: 10, maxLength: 80 })
  .map((numbers) => cellModel(new Choices(numbers)));

function cellModel(choices: Choices): CellModel {
  const count = 1 + choices.below(5);
  const shapes = Array.from({ length: count }, (_, i) => {
    const axes = choices.below(6);
    return { name: `x${i}`, hasMember: axes !== 2 && axes !== 3, hasPeriod: axes !== 1 && axes !== 3 };
  });
  const attributes = shapes.map((shape) => ({
    ...shape,
    terms: Array.from({ length: choices.below(4) }, (): Term => termOf(shape, shapes, choices)),
  }));
  return { attributes };
}

type Axes = Pick<Attribute, "hasMember" | "hasPeriod">;

function termOf(own: Axes, all: readonly Axes[], choices: Choices): Term {
  const target = choices.below(all.length);
  const read = all[target] as Axes;
  return {
    target,
    ...(read.hasMember ? { member: memberAccess(own, choices) } : {}),
    ...(read.hasPeriod ? { period: periodAccess(own, choices) } : {}),
    ...(choices.below(5) < 2 ? {} : { condition: conditionOf(own, choices) }),
    isElse: choices.once(3),
  };
}

function memberAccess(own: Axes, choices: Choices): Access {
  const kinds: Access[] = [{ kind: "fixed", at: choices.below(members.length) }, { kind: "sum" }];
  if (own.hasMember) kinds.unshift({ kind: "current", offset: 0 }, { kind: "current", offset: 0 });
  return choices.pick(kinds);
}

function periodAccess(own: Axes, choices: Choices): Access {
  const kinds: Access[] = [{ kind: "fixed", at: choices.below(periods.length) }, { kind: "sum" }];
  if (own.hasPeriod) {
    kinds.unshift(...[0, -1, 0, 1, -2].map((offset): Access => ({ kind: "current", offset })));
  }
  return choices.pick(kinds);
}

function conditionOf(own: Axes, choices: Choices): Condition {
  const constant: Condition = choices.pick([
    { kind: "constant", isTrue: false, text: "1 > 2" },
    { kind: "constant", isTrue: true, text: "2 > 1" },
    { kind: "constant", isTrue: false, text: "FALSE" },
  ] as const);
  const kinds: Condition[] = [{ kind: "value" }, constant];
  if (own.hasPeriod) kinds.unshift({ kind: "period", text: choices.pick(["= 1", "> 2", "<= 2"]) });
  if (own.hasMember) kinds.unshift({ kind: "member", at: choices.below(members.length) });
  return choices.pick(kinds);
}

/** What a model with these attributes is called in a file; `cuts` get a `loop` line each. */
export function cellModelText({ attributes }: CellModel, cuts: readonly number[]): string {
  const lines = ["model m", "time month 2026-01..2026-04", `axis s = ${members.join(", ")}`];
  for (const [hasMember, hasPeriod] of [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ]) {
    const own = attributes.filter((one) => one.hasMember === hasMember && one.hasPeriod === hasPeriod);
    if (own.length === 0) continue;
    const axes = [...(hasMember === true ? ["s"] : []), ...(hasPeriod === true ? ["month"] : [])];
    lines.push(`block ${blockOf(own[0] as Axes)}${axes.length === 0 ? "" : ` by ${axes.join(", ")}`}`);
    if (axes.length === 0) lines.push("  input on = 1");
    for (const attribute of own) lines.push(`  ${attribute.name} = ${formulaText(attribute, attributes)}`);
    for (const attribute of own) {
      if (cuts.includes(attributes.indexOf(attribute)))
        lines.push(`  loop ${attribute.name}  tolerance 1e-13`);
    }
  }
  if (!lines.some((line) => line === "block n")) lines.push("block n", "  input on = 1");
  return `${lines.join("\n")}\n`;
}

function blockOf({ hasMember, hasPeriod }: Axes): string {
  if (hasMember) return hasPeriod ? "st" : "s_only";
  return hasPeriod ? "t" : "n";
}

export function idOf(model: CellModel, attribute: number): string {
  const one = model.attributes[attribute] as Attribute;
  return `${blockOf(one)}.${one.name}`;
}

function formulaText(own: Attribute, all: readonly Attribute[]): string {
  const texts = own.terms.map((term) => `${weight} * ${termText(term, all)}`);
  const reaches = own.terms.map(({ period }) => (period?.kind === "current" ? period.offset : 0));
  const clauses = [
    ...(reaches.some((offset) => offset < 0) ? ["start 2"] : []),
    ...(reaches.some((offset) => offset > 0) ? ["end 3"] : []),
  ];
  return [[1, ...texts].join(" + "), ...clauses].join("  ");
}

/** So small that every loop contracts. */
const weight = 0.01;

function termText({ target, member, period, condition, isElse }: Term, all: readonly Attribute[]): string {
  const index: string[] = [];
  const over: string[] = [];
  if (member?.kind === "fixed") index.push(members[member.at] as string);
  if (member?.kind === "sum") over.push("s");
  if (period?.kind === "fixed") index.push(periods[period.at] as string);
  if (period?.kind === "sum") over.push("month");
  if (period?.kind === "current" && period.offset !== 0) {
    index.push(`t${period.offset > 0 ? "+" : ""}${period.offset}`);
  }
  const read = all[target] as Attribute;
  const name = `${blockOf(read)}.${read.name}${index.length === 0 ? "" : `[${index.join(", ")}]`}`;
  const value = over.length === 0 ? name : `sum(${name} over ${over.join(", ")})`;
  if (condition === undefined) return value;
  return isElse
    ? `IF(${conditionText(condition)}, 5, ${value})`
    : `IF(${conditionText(condition)}, ${value}, 5)`;
}

function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case "member":
      return `MEMBER(s) = "${members[condition.at]}"`;
    case "period":
      return `PERIOD_INDEX() ${condition.text}`;
    case "constant":
      return condition.text;
    case "value":
      return "n.on > 0";
    default:
      return condition satisfies never;
  }
}

/** All cells of a model, attribute by attribute. */
export function cellsOf({ attributes }: CellModel): Cell[] {
  return attributes.flatMap(({ hasMember, hasPeriod }, attribute) =>
    (hasMember ? members : [""]).flatMap((_, member) =>
      (hasPeriod ? periods : [""]).map((__, period) => ({ attribute, member, period })),
    ),
  );
}

export function cellKey({ attribute, member, period }: Cell): string {
  return `${attribute} ${member} ${period}`;
}

/** Whether the condition lets the term be read; of a value nobody knows. */
function isTaken({ condition, isElse }: Term, { member, period }: Cell, isValueTrue: boolean): boolean {
  if (condition === undefined) return true;
  let holds = isValueTrue !== isElse;
  if (condition.kind === "member") holds = member === condition.at;
  else if (condition.kind === "constant") holds = condition.isTrue;
  else if (condition.kind === "period") {
    holds = condition.text === "= 1" ? period === 0 : condition.text === "> 2" ? period >= 2 : period < 2;
  } else return isValueTrue;
  return holds !== isElse;
}

/** The cells that a term reads; `null`: before the first period or after the last. */
function cellsOfTerm(term: Term, cell: Cell): (Cell | null)[] {
  const along = (access: Access | undefined, at: number, count: number): number[] => {
    if (access === undefined) return [0];
    if (access.kind === "sum") return Array.from({ length: count }, (_, i) => i);
    return [access.kind === "fixed" ? access.at : at + access.offset];
  };
  return along(term.member, cell.member, members.length).flatMap((member) =>
    along(term.period, cell.period, periods.length).map((period) =>
      period < 0 || period >= periods.length ? null : { attribute: term.target, member, period },
    ),
  );
}

/** The cells that a cell may read. */
function readsOf(model: CellModel, cell: Cell): Cell[] {
  const { terms } = model.attributes[cell.attribute] as Attribute;
  return terms
    .filter((term) => isTaken(term, cell, true))
    .flatMap((term) => cellsOfTerm(term, cell))
    .filter((read) => read !== null);
}

/** What the formula gives for a cell, given the values of others. */
export function formulaAt(model: CellModel, cell: Cell, valueAt: (cell: Cell) => number): number {
  const { terms } = model.attributes[cell.attribute] as Attribute;
  let sum = 1;
  for (const term of terms) {
    const isRead = isTaken(term, cell, !term.isElse);
    const read = isRead ? readValue(term, cell, valueAt) : 5;
    sum += weight * read;
  }
  return sum;
}

/** Outside of the periods the term as a whole is the start or the end. */
function readValue(term: Term, cell: Cell, valueAt: (cell: Cell) => number): number {
  if (term.period?.kind === "current") {
    const period = cell.period + term.period.offset;
    if (period < 0) return 2;
    if (period >= periods.length) return 3;
  }
  return cellsOfTerm(term, cell).reduce((sum, read) => sum + (read === null ? 0 : valueAt(read)), 0);
}

/** For each cell the cells it depends on, by key, however far. `left` are left out. */
export function dependencies(
  model: CellModel,
  isLeftOut: (cell: Cell) => boolean = () => false,
): Map<string, Set<string>> {
  const cells = cellsOf(model).filter((cell) => !isLeftOut(cell));
  const reads = new Map(
    cells.map((cell) => [
      cellKey(cell),
      readsOf(model, cell)
        .filter((read) => !isLeftOut(read))
        .map(cellKey),
    ]),
  );
  const found = new Map<string, Set<string>>();
  for (const cell of reads.keys()) {
    const seen = new Set<string>();
    const pending = [...(reads.get(cell) ?? [])];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      pending.push(...(reads.get(next) ?? []));
    }
    found.set(cell, seen);
  }
  return found;
}
