/**
 * Binding: the state of checking one formula, shared by the files that bind its parts (`check.ts`, `check-calls.ts`,
 * `check-references.ts`, `check-indexes.ts`).
 *
 * A frame stands for one call with `over`: inside its arguments the named axes are ranges. Local names (`LET`,
 * `LAMBDA`) are renamed so that every one is unique within the formula.
 */
import type { Axis } from "@reckon/value";
import type { BoundExpression, Reference } from "./bound.ts";
import type { Diagnostic, Severity, Span } from "./diagnostic.ts";
import { HiddenStocks } from "./hidden-stocks.ts";
import { type FactsByCode, formulaDiagnostic } from "./message.ts";
import type { Resolution, Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";

export interface Frame {
  /** The function with `over`, for messages. */
  readonly name: string;
  /** In the order written. */
  readonly axes: readonly Axis[];
  /** Names of the axes that some reference has used. */
  readonly used: Set<string>;
  /** Some axis written was unknown and has been reported: whatever axis a reference lacks may have been meant by it. */
  readonly isIncomplete: boolean;
  readonly outside: Frame | undefined;
}

/** Local names in force, innermost first, lower-cased, each with its unique name. */
export interface Locals {
  readonly name: string;
  readonly unique: string;
  /** Its value holds a range made by the `over` around it. */
  readonly isFramed: boolean;
  readonly outside: Locals | undefined;
}

/** Where in the formula binding stands. */
export interface Place {
  readonly frame: Frame | undefined;
  readonly locals: Locals | undefined;
}

export class Binding {
  readonly scope: Scope;
  readonly source: string;
  readonly diagnostics: Diagnostic[] = [];
  readonly references: Reference[] = [];
  /** Slot by what it reads, in formulas with many reads. */
  slots: Map<string, number> | undefined;
  /** What each slot's attribute resolved to: for type checks. */
  readonly resolutions: Extract<Resolution, { kind: "attribute" }>[] = [];
  hasStart = false;
  hasEnd = false;
  /** Set while the flow of a stock or the input of a delay is bound: its function. */
  stock: string | undefined;
  /** Nothing is reported: what is bound has been bound, and told, before. */
  isSilent = false;
  readonly hidden: HiddenStocks;
  /** Set while a `start` or `end` clause is bound. */
  clause: "start" | "end" | undefined;
  callsModule = false;
  /** How many references were made ranges by a frame, and how many by a span, a range or `*`. */
  frameRanges = 0;
  spans = 0;
  private localsMade = 0;
  readonly bind: (binding: Binding, expression: Expression, place: Place) => BoundExpression;

  constructor(
    scope: Scope,
    source: string,
    bind: (binding: Binding, expression: Expression, place: Place) => BoundExpression,
    hidden: HiddenStocks = new HiddenStocks(),
  ) {
    this.hidden = hidden;
    this.scope = scope;
    this.source = source;
    this.bind = bind;
  }

  report<C extends keyof FactsByCode>(
    code: C,
    span: Span,
    facts: FactsByCode[C],
    severity: Severity = "error",
  ): void {
    if (this.isSilent) return;
    this.diagnostics.push(formulaDiagnostic(code, { source: this.source, span, severity }, facts));
  }

  /** A local name put in force, and its unique name. */
  addLocal(name: string, outside: Locals | undefined, isFramed = false): Locals {
    this.localsMade++;
    const lower = name.toLowerCase();
    return { name: lower, unique: `${lower}#${this.localsMade}`, isFramed, outside };
  }

  /** Runs `bind` and drops what it adds to the formula's references, keeping its diagnostics. */
  withoutReferences(bind: () => void): void {
    const { length } = this.references;
    const callsModule = this.callsModule;
    const hidden = this.hidden.list.length;
    bind();
    this.hidden.list.length = hidden;
    this.references.length = length;
    this.resolutions.length = length;
    this.slots = undefined;
    this.callsModule = callsModule;
  }
}

/** The local of that name, if it is one. */
export function localNamed(locals: Locals | undefined, name: string): Locals | undefined {
  const lower = name.toLowerCase();
  for (let local = locals; local !== undefined; local = local.outside) {
    if (local.name === lower) return local;
  }
  return undefined;
}
