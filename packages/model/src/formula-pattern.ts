/**
 * The bound formula of a plain line from that of another line of its template, by putting in its own names, numbers and
 * places: without parsing and binding.
 *
 * The pattern is the formula of a line with numbers that occur nowhere else, so each of them shows where a number of the
 * line goes. A pattern counts only when it gives just what the checker bound for the first line and for others like it.
 *
 * Cost: a scan of the line, and the nodes above its numbers; all other nodes are shared.
 */
import type { BoundExpression, BoundFormula, Reference } from "@reckon/formula";
import { LineScanner } from "./line-scanner.ts";
import type { LineItem } from "./line-template.ts";

/** What a line has of its own: its numbers, and the attribute of each reference. */
export interface LineParts {
  readonly constantAt: (index: number) => number;
  readonly readAt: (reference: number) => string;
}

export class FormulaPattern {
  readonly #formula: BoundFormula;
  /** Numbers of the pattern, with their place in the line. */
  readonly #places: ReadonlyMap<number, number>;
  /** Which of the names read, from the first to the last, each reference stands at. */
  readonly #reads: readonly number[];

  constructor(formula: BoundFormula, places: ReadonlyMap<number, number>, reads: readonly number[]) {
    this.#formula = formula;
    this.#places = places;
    this.#reads = reads;
  }

  /** The formula of a line; undefined where the line is not what it was when it was checked. */
  formulaOf(line: LineItem, parts: LineParts): BoundFormula | undefined {
    if (!bindScanner.scan(line.file.text, line.start)) return undefined;
    return this.#with(line, bindScanner, parts);
  }

  /** Whether it gives just the formula that was bound for the line that `scanner` has read. */
  gives(formula: BoundFormula, line: LineItem, scanner: LineScanner): boolean {
    const made = this.#with(line, scanner, {
      constantAt: (index) => scanner.numbers[index] as number,
      readAt: (reference) => formula.references[reference]?.attribute ?? "",
    });
    return shown(made) === shown(formula);
  }

  /** Whether it gives just what was bound with these numbers, wherever its names stand. */
  givesWith(formula: BoundFormula, numbers: readonly number[]): boolean {
    const put = (value: number): number | undefined => {
      const place = this.#places.get(value);
      return place === undefined ? undefined : numbers[place];
    };
    const { root, start, end } = this.#formula;
    const made: BoundFormula = {
      ...formula,
      root: withNumbers(root, put),
      ...(start === undefined ? {} : { start: withNumbers(start, put) }),
      ...(end === undefined ? {} : { end: withNumbers(end, put) }),
    };
    return shown(made) === shown(formula);
  }

  #with({ start }: LineItem, scanner: LineScanner, { constantAt, readAt }: LineParts): BoundFormula {
    const pattern = this.#formula;
    const { readStarts, readEnds } = scanner;
    const references = pattern.references.map((reference, i): Reference => {
      const read = this.#reads[i] as number;
      const span = { start: (readStarts[read] as number) - start, end: (readEnds[read] as number) - start };
      const { axes, access, layout } = reference;
      const parts = { attribute: readAt(i), axes, access, span };
      return layout === undefined ? parts : { ...parts, layout };
    });
    const put = (value: number): number | undefined => {
      const place = this.#places.get(value);
      return place === undefined ? undefined : constantAt(place);
    };
    const { axes, callsModule } = pattern;
    const formula: BoundFormula = { root: withNumbers(pattern.root, put), references, axes, callsModule };
    if (pattern.start === undefined && pattern.end === undefined) return formula;
    return {
      ...formula,
      ...(pattern.start === undefined ? {} : { start: withNumbers(pattern.start, put) }),
      ...(pattern.end === undefined ? {} : { end: withNumbers(pattern.end, put) }),
    };
  }
}

const bindScanner: LineScanner = new LineScanner();

/** The pattern of lines like the one that `scanner` has read, from its formula with other numbers. */
export function patternOf(
  line: LineItem,
  scanner: LineScanner,
  formula: BoundFormula,
  numbers: readonly number[],
): FormulaPattern | undefined {
  // Its names stand elsewhere in the text with other numbers, in the same order: they are found by a scan of that text.
  const reads = formula.references.map(({ span }) => readAtPlace(line, scanner, span.start, numbers));
  if (reads.includes(-1)) return undefined;
  return new FormulaPattern(formula, new Map(numbers.map((number, i) => [number, i])), reads);
}

/** Which of the names read begins at `offset` of the line once its numbers are written as `numbers`; -1: none. */
function readAtPlace(
  line: LineItem,
  { readCount, readStarts, numberStarts, numberEnds }: LineScanner,
  offset: number,
  numbers: readonly number[],
): number {
  for (let read = 0; read < readCount; read++) {
    const start = readStarts[read] as number;
    let moved = start - line.start;
    numbers.forEach((number, i) => {
      const [from, to] = [numberStarts[i] as number, numberEnds[i] as number];
      if (from < start) moved += String(number).length - (to - from);
    });
    if (moved === offset) return read;
  }
  return -1;
}

/** The expression with other numbers. As deep as the parser lets brackets be. */
function withNumbers(
  expression: BoundExpression,
  put: (value: number) => number | undefined,
): BoundExpression {
  switch (expression.kind) {
    case "literal": {
      const value = typeof expression.value === "number" ? put(expression.value) : undefined;
      return value === undefined ? expression : { kind: "literal", value };
    }
    case "unary":
    case "percent": {
      const operand = withNumbers(expression.operand, put);
      return operand === expression.operand ? expression : { ...expression, operand };
    }
    case "binary": {
      const left = withNumbers(expression.left, put);
      const right = withNumbers(expression.right, put);
      return left === expression.left && right === expression.right
        ? expression
        : { kind: "binary", operator: expression.operator, left, right };
    }
    case "call": {
      const list = expression.arguments.map((argument) => withNumbers(argument, put));
      const isSame = list.every((argument, i) => argument === expression.arguments[i]);
      return isSame ? expression : { kind: "call", definition: expression.definition, arguments: list };
    }
    // Numbers inside of these stay those of the pattern, which `gives` finds.
    case "missing":
    case "read":
    case "local":
    case "array":
    case "let":
    case "lambda":
    case "apply":
    case "module-call":
    case "current":
      return expression;
  }
}

/** A formula as a text: equal texts are formulas that mean the same and stand at the same places. */
function shown(formula: BoundFormula): string {
  const { root, references, start, end, callsModule } = formula;
  const parts = references.map(({ attribute, axes, access, layout, span }) => [
    attribute,
    axes.map(({ name }) => name),
    access,
    layout ?? null,
    span.start,
    span.end,
  ]);
  return JSON.stringify([root, start ?? null, end ?? null, callsModule, parts], (key, value: unknown) => {
    if (Object.is(value, -0)) return "-0";
    return key === "definition" ? (value as { readonly name: string }).name : value;
  });
}
