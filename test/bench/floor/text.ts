/**
 * The floor of building from text: each text is parsed by a small parser for numbers, addresses, + - * / and brackets,
 * formulas alike but for what they read are recognised, and the graph is linked both ways.
 *
 * The parser keeps a stack of operators (Dijkstra's shunting yard). What it gives is the formula's template in postfix
 * order, `rr*r+` for `=A1*A4+A6`, with the addresses and numbers beside it; templates stand for operations.
 */
import { rowsPerColumn } from "../graph/address.ts";
import type { Batch } from "../graph/description.ts";
import { type Operation, operations } from "../graph/operations.ts";
import type { Texts } from "../graph/texts.ts";
import { FlatGraph } from "./flat-graph.ts";

const precedences: Readonly<Record<string, number>> = { "+": 1, "-": 1, "*": 2, "/": 2, "(": 0 };

/** What one text was parsed to; used again for the next. */
interface Parsed {
  template: string;
  readonly reads: number[];
  readonly constants: number[];
  readonly waiting: string[];
}

export function flatGraphOf({ texts, inputCount }: Texts): FlatGraph {
  const inputs = new Float64Array(inputCount);
  for (let i = 0; i < inputCount; i++) inputs[i] = Number(texts[i]);
  const templates = knownTemplates();
  const batches: Gathered[] = [];
  const parsed: Parsed = { template: "", reads: [], constants: [], waiting: [] };
  for (let i = inputCount; i < texts.length; i++) {
    parse(texts[i] as string, parsed);
    const operation = templates.get(parsed.template);
    if (operation === undefined) throw new SyntaxError(`the floor does not know ${texts[i]}`);
    let batch = batches.at(-1);
    if (batch?.operation !== operation) {
      batch = new Gathered(operation, texts.length - i);
      batches.push(batch);
    }
    batch.add(parsed);
  }
  const graph = new FlatGraph({ inputs, batches: batches.map((batch) => batch.taken()) });
  graph.link();
  return graph;
}

/** Formulas of one operation, in tables with room for all that can follow. */
class Gathered {
  readonly operation: Operation;
  readonly #reads: Int32Array;
  readonly #constants: Float64Array;
  #count = 0;

  constructor(operation: Operation, countMax: number) {
    const { arity, constantCount } = operations[operation];
    this.operation = operation;
    this.#reads = new Int32Array(countMax * arity);
    this.#constants = new Float64Array(countMax * constantCount);
  }

  add({ reads, constants }: Parsed): void {
    for (let k = 0; k < reads.length; k++) this.#reads[this.#count * reads.length + k] = reads[k]!;
    for (let k = 0; k < constants.length; k++) {
      this.#constants[this.#count * constants.length + k] = constants[k]!;
    }
    this.#count++;
  }

  taken(): Batch {
    const { arity, constantCount } = operations[this.operation];
    const reads = this.#reads.subarray(0, this.#count * arity);
    const constants = this.#constants.subarray(0, this.#count * constantCount);
    return { operation: this.operation, count: this.#count, reads, constants };
  }
}

function knownTemplates(): Map<string, Operation> {
  const found = new Map<string, Operation>();
  const parsed: Parsed = { template: "", reads: [], constants: [], waiting: [] };
  for (const [name, { arity, text }] of Object.entries(operations)) {
    const written = text(["A1", "A2", "A3", "A4"].slice(0, arity), [2, 3]);
    if (written.includes("IF(")) continue;
    parse(written, parsed);
    found.set(parsed.template, name as Operation);
  }
  return found;
}

function parse(text: string, into: Parsed): void {
  const { reads, constants, waiting } = into;
  reads.length = 0;
  constants.length = 0;
  waiting.length = 0;
  let template = "";
  for (let i = 1; i < text.length; ) {
    const code = text.charCodeAt(i);
    if (isLetter(code)) {
      let column = 0;
      for (let c = code; isLetter(c); c = text.charCodeAt(++i)) column = column * 26 + c - 64;
      let row = 0;
      for (let c = text.charCodeAt(i); isDigit(c); c = text.charCodeAt(++i)) row = row * 10 + c - 48;
      reads.push((column - 1) * rowsPerColumn + row - 1);
      template += "r";
    } else if (isDigit(code)) {
      const start = i;
      while (isDigit(text.charCodeAt(i)) || text[i] === ".") i++;
      constants.push(Number(text.slice(start, i)));
      template += "n";
    } else {
      const sign = text[i++] as string;
      if (sign === "(") waiting.push(sign);
      else template += released(waiting, sign === ")" ? 1 : precedences[sign]!);
      if (sign === ")") waiting.pop();
      else if (sign !== "(") waiting.push(sign);
    }
  }
  into.template = template + released(waiting, 0);
}

/** The operators that bind at least as strongly, last first. */
function released(waiting: string[], precedence: number): string {
  let signs = "";
  while (waiting.length > 0 && precedences[waiting.at(-1)!]! >= precedence) signs += waiting.pop();
  return signs;
}

function isLetter(code: number): boolean {
  return code >= 65 && code <= 90;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
