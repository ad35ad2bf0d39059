/**
 * Conditions that are known before anything is computed: those that hold nothing but what is written and facts about
 * the current cell (`MEMBER(segment) = "SMB"`, `PERIOD_INDEX() = 1`, `1 > 2`).
 *
 * They are decided by the evaluator itself, so as the kernel decides them. Answers are kept for each combination of
 * positions along the axes that the expression asks about. Cost: the expression, once for each of those.
 */
import type { Axis } from "@reckon/value";
import type { BoundExpression } from "./bound.ts";
import { eachPart } from "./bound-parts.ts";
import { Evaluation } from "./evaluate.ts";
import type { Value } from "./functions/definition.ts";
import { type FormulaPlan, planOf, positionAlong } from "./slot-plan.ts";

/** Names bound by `LET` to expressions that are known, innermost first. */
export interface KnownNames {
  readonly names: readonly string[];
  readonly values: readonly BoundExpression[];
}

export const noNames: KnownNames = { names: [], values: [] };

/** The value of an expression at each cell, for expressions that `isKnown` accepts. */
export class CellCondition {
  readonly #evaluation: Evaluation;
  readonly #plan: FormulaPlan;
  /** Indexes of the axes asked about. */
  readonly #asked: readonly number[];
  readonly #sizes: readonly number[];
  readonly #kept: Map<number, Value> = new Map();

  constructor(expression: BoundExpression, axes: readonly Axis[], known: KnownNames) {
    const root: BoundExpression =
      known.names.length === 0 ? expression : { kind: "let", ...known, body: expression };
    const formula = { root, references: [], axes, callsModule: false };
    this.#evaluation = new Evaluation(formula, [], { outer: 0, period: 0 }, undefined);
    this.#plan = planOf(formula);
    const asked = new Set<number>();
    eachPart(root, (part) => {
      if (part.kind === "current") asked.add(axes.findIndex(({ name }) => name === part.axis));
    });
    asked.delete(-1);
    this.#asked = [...asked];
    this.#sizes = this.#asked.map((axis) => (axes[axis] as Axis).labels.length);
  }

  /** Whether it is the same in every cell. */
  get isConstant(): boolean {
    return this.#asked.length === 0;
  }

  /** Whether it may differ between periods, the axis at `time` of the formula. */
  asks(time: number): boolean {
    return this.#asked.includes(time);
  }

  at(outer: number, period: number): Value {
    let key = 0;
    for (let i = 0; i < this.#asked.length; i++) {
      const position = positionAlong(this.#plan, this.#asked[i] as number, { outer, period });
      key = key * (this.#sizes[i] as number) + position;
    }
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    this.#evaluation.moveTo(outer, period);
    const value = this.#evaluation.result();
    this.#kept.set(key, value);
    return value;
  }
}

/** Whether an expression reads nothing, calls no module, and gives the same each time. */
export function isKnown(expression: BoundExpression, known: KnownNames): boolean {
  const names = new Set(known.names);
  let isFixed = true;
  eachPart(expression, (part) => {
    switch (part.kind) {
      case "read":
      case "module-call":
      case "lambda":
      case "apply":
        isFixed = false;
        return;
      case "call":
        if (part.definition.isVolatile === true) isFixed = false;
        return;
      case "let":
        for (const name of part.names) names.add(name);
        return;
      case "local":
        if (!names.has(part.name)) isFixed = false;
        return;
      default:
    }
  });
  return isFixed;
}

const choosing = new Set(["IF", "IFS", "SWITCH", "CHOOSE"]);

/** Whether something in an expression chooses by a known condition: then not every cell reads all of it. */
export function choosesKnown(root: BoundExpression): boolean {
  let isChosen = false;
  eachPart(root, (part) => {
    if (isChosen || part.kind !== "call" || !choosing.has(part.definition.name)) return;
    // A name of LET may stand for something known.
    isChosen = part.arguments.some((one, i) => isCondition(part.definition.name, i) && isKnownOrLocal(one));
  });
  return isChosen;
}

function isCondition(name: string, index: number): boolean {
  return name === "IFS" ? index % 2 === 0 : index === 0;
}

function isKnownOrLocal(expression: BoundExpression): boolean {
  const locals: string[] = [];
  eachPart(expression, (part) => {
    if (part.kind === "local") locals.push(part.name);
  });
  return isKnown(expression, { names: locals, values: [] });
}
