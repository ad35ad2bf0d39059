/**
 * What a model file declares, as plain data: the result of parsing, before anything is resolved. One declaration is
 * one logical line of the file (brackets continue a line). Spans are offsets into the text of the item that holds the
 * declaration, so that an edit elsewhere in the file changes nothing here; `spanInFile` gives the place in the file.
 */
import type {
  BoundFormula,
  Expression,
  FunctionDefinition,
  IndexItem,
  Span,
  UnitExpression,
} from "@reckon/formula";
import type { Axis, Column, Frequency, Scalar } from "@reckon/value";

/** A name with the place it was written at. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

export type ModelDeclaration =
  | ModelHeader
  | UseDeclaration
  | TimeDeclaration
  | AxisDeclaration
  | BlockDeclaration
  | InputDeclaration
  | FormulaDeclaration
  | CurveDeclaration
  | LoopLine
  | CheckDeclaration;

/** `model saas  "Subscription business"` */
export interface ModelHeader {
  readonly kind: "model";
  readonly name: Name;
  readonly label?: string;
  readonly span: Span;
}
/** `use "./opponent.ts" as matchup` */
export interface UseDeclaration {
  readonly kind: "use";
  readonly path: string;
  readonly name: Name;
  readonly span: Span;
}
/** `time month 2026-01..2028-12`, `time step 0..100`, `time year 1900..2100  dt 0.5  method rk4` */
export interface TimeDeclaration {
  readonly kind: "time";
  readonly frequency: Frequency;
  readonly from: Name;
  readonly to: Name;
  /** `dt 0.5`: how many steps of integration make a period; absent: one. */
  readonly stepsPerPeriod?: number;
  /** `method rk4`; absent: `euler`. */
  readonly method?: IntegrationMethod;
  readonly span: Span;
}
export type IntegrationMethod = "euler" | "rk4";
/** `axis segment = SMB, Mid, Ent` or `axis player = table("players.csv", key id)` */
export interface AxisDeclaration {
  readonly kind: "axis";
  readonly name: Name;
  readonly label?: string;
  readonly members?: readonly Name[];
  readonly table?: TableSource;
  readonly span: Span;
}
/** `block revenue by segment, month "Revenue"`: heads the declarations that follow it. */
export interface BlockDeclaration {
  readonly kind: "block";
  readonly name: Name;
  readonly axes: readonly Name[];
  readonly label?: string;
  readonly span: Span;
}
/** Parts that inputs and formulas share. */
interface AttributeParts {
  readonly name: Name;
  /** The name of the block it stands in; absent (with a diagnostic) when none. */
  readonly block?: string;
  readonly type?: AttributeType;
  /** Where the type is written. */
  readonly typeSpan?: Span;
  /** The right side of `=`, without the clauses behind it. */
  readonly valueSpan: Span;
  readonly label?: string;
  readonly format?: string;
  readonly span: Span;
}
/** A unit, or one of the words `number`, `text`, `boolean`, `date`. */
export type AttributeType =
  | { readonly kind: "unit"; readonly unit: UnitExpression }
  | { readonly kind: "word"; readonly word: "number" | "text" | "boolean" | "date"; readonly span: Span };

export interface InputDeclaration extends AttributeParts {
  readonly kind: "input";
  readonly value: InputValue;
  readonly min?: Expression;
  readonly max?: Expression;
}
/** The right side of an input. Expressions are constants (literals, arithmetic on them) or table axis columns. */
export type InputValue =
  | { readonly kind: "expression"; readonly expression: Expression }
  | {
      readonly kind: "members";
      readonly entries: readonly { readonly label: Name; readonly value: InputValue }[];
      readonly span: Span;
    }
  | { readonly kind: "list"; readonly values: readonly Expression[]; readonly span: Span } // [1, 2, 3] along time
  | { readonly kind: "table"; readonly table: TableSource };

/** `table("adds.csv", by segment, month, value adds)`, `table("players.csv", key id)` */
export interface TableSource {
  readonly path: string;
  readonly by: readonly Name[];
  readonly key?: Name;
  readonly valueColumn?: Name;
  readonly span: Span;
}
export interface FormulaDeclaration extends AttributeParts {
  readonly kind: "formula";
  readonly expression: Expression;
  readonly start?: Expression;
  readonly end?: Expression;
  readonly weight?: "heavy" | "light";
  readonly isManual?: boolean;
  readonly timeoutMs?: number;
  readonly retries?: number;
}
/** `curve demand = (0, 1) (10, 0.5)  "Demand by price"`: straight lines between the points, flat outside. */
export interface CurveDeclaration {
  readonly kind: "curve";
  readonly name: Name;
  readonly block?: string;
  readonly points: readonly CurvePoint[];
  readonly label?: string;
  readonly span: Span;
}
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** With its brackets. */
  readonly span: Span;
}
/** `loop closing start opening tolerance 0.01 USD limit 50` */
export interface LoopLine {
  readonly kind: "loop";
  readonly name: Name;
  readonly block?: string;
  readonly start?: Expression;
  readonly toleranceAbsolute?: number;
  readonly toleranceRelative?: number;
  readonly iterationsMax?: number;
  /** `method newton`; absent: `auto`. */
  readonly method?: LoopMethodName;
  /** `damping 0.5`: the part of a move that is taken. */
  readonly damping?: number;
  /** `cold` or `warm`: where a solve starts that had a solution before. */
  readonly begin?: "cold" | "warm";
  readonly span: Span;
}
export type LoopMethodName = "auto" | "plain" | "damped" | "aitken" | "anderson" | "newton";
/** `check debt.closing >= 0 USD  "Debt is never negative"` */
export interface CheckDeclaration {
  readonly kind: "check";
  readonly expression: Expression;
  /** The block it follows, whose short names it may use. */
  readonly block?: string;
  readonly label?: string;
  readonly span: Span;
}

/** `scenario downside of saas extends base "Churn up"` */
export interface ScenarioHeader {
  readonly kind: "scenario";
  readonly name: Name;
  readonly model: Name;
  readonly extends?: Name;
  readonly label?: string;
  readonly span: Span;
}
/** `revenue.adds[*, 2027-01..] *= 0.8`, `pin debt.sweep = 0 USD` */
export interface OverrideDeclaration {
  readonly kind: "override";
  readonly path: readonly Name[];
  readonly index?: readonly IndexItem[];
  readonly operator: "=" | "+=" | "-=" | "*=" | "/=";
  readonly value: InputValue;
  /** The path with its index; the operator; the value. */
  readonly targetSpan: Span;
  readonly operatorSpan: Span;
  readonly valueSpan: Span;
  readonly isPin: boolean;
  readonly span: Span;
}
export type ScenarioDeclaration = ScenarioHeader | OverrideDeclaration;

/* ------------------------------------------------------------------ after checking */

/** A model that holds together: names resolved, axes known, formulas bound, input values in columns. */
export interface CheckedModel {
  readonly name: string;
  readonly label?: string;
  readonly axes: readonly Axis[];
  readonly time?: Axis;
  /** How stocks are integrated. */
  readonly integration: Integration;
  readonly uses: readonly { readonly name: string; readonly path: string }[];
  /** In file order. */
  readonly blocks: readonly CheckedBlock[];
  /** By `block.attribute`, in file order. */
  readonly attributes: ReadonlyMap<string, CheckedAttribute>;
  readonly loops: readonly CheckedLoop[];
  readonly checks: readonly CheckedCheck[];
  readonly curves: readonly CheckedCurve[];
  /** The stocks and delays, and what is laid under SMOOTH, DELAY1 … (`partOf`), in file order. */
  readonly stocks: readonly CheckedFormula[];
}
/** A curve as the function that it is. */
export interface CheckedCurve {
  /** `block.curve`. */
  readonly id: string;
  readonly block: string;
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly definition: FunctionDefinition;
  readonly label?: string;
  readonly item: number;
  readonly span: Span;
}
/** The step and the method of all stocks of a model. */
export interface Integration {
  readonly method: IntegrationMethod;
  readonly stepsPerPeriod: number;
}
export interface CheckedBlock {
  readonly name: string;
  readonly label?: string;
  /** Time last, whatever the order written. */
  readonly axes: readonly Axis[];
  readonly attributes: readonly string[];
}
interface CheckedParts {
  /** `block.attribute`. Table axis columns are inputs too, as `player.minutes`, with `isReadOnly`. */
  readonly id: string;
  readonly block: string;
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly type?: AttributeType;
  readonly label?: string;
  readonly format?: string;
  /** The item that declares it and the place in that item's text; `spanInFile` gives the place in the file. */
  readonly item: number;
  readonly span: Span;
}
export interface CheckedInput extends CheckedParts {
  readonly kind: "input";
  readonly column: Column;
  readonly min?: number;
  readonly max?: number;
  readonly isReadOnly: boolean;
}
export interface CheckedFormula extends CheckedParts {
  readonly kind: "formula";
  readonly formula: BoundFormula;
  /** The formula's text as written, without the clauses behind it. */
  readonly text: string;
  readonly weight?: "heavy" | "light";
  readonly isManual: boolean;
  readonly timeoutMs?: number;
  readonly retries?: number;
  /** Present for stocks, delays and what is laid with them. */
  readonly integration?: Integration;
  /** The hidden stocks and delays that it reads, those that these read included. */
  readonly hidden?: readonly CheckedFormula[];
  /** Of a hidden one: the attribute whose formula it belongs to. */
  readonly partOf?: string;
  /** Of a hidden one that gives the value of a call: over how many periods it smooths or delays. */
  readonly time?: BoundFormula;
}
export type CheckedAttribute = CheckedInput | CheckedFormula;
export interface CheckedLoop {
  /** The attribute the loop is cut at. */
  readonly attribute: string;
  /** First guess, over the attribute's axes; absent: 0. */
  readonly start?: BoundFormula;
  readonly toleranceAbsolute: number;
  readonly toleranceRelative: number;
  readonly iterationsMax: number;
  readonly method?: LoopMethodName;
  readonly damping?: number;
  readonly begin?: "cold" | "warm";
  readonly item: number;
  readonly span: Span;
}
export interface CheckedCheck {
  /** `check 1`, or its label. */
  readonly name: string;
  /** Over the union of the axes it reads. */
  readonly formula: BoundFormula;
  readonly text: string;
  readonly item: number;
  readonly span: Span;
}

/** A scenario resolved against its model. */
export interface CheckedScenario {
  readonly name: string;
  readonly model: string;
  readonly extends?: string;
  readonly label?: string;
  readonly overrides: readonly CheckedOverride[];
}
export interface CheckedOverride {
  readonly attribute: string;
  /** Per axis of the attribute, the positions it acts on, ascending. */
  readonly positions: readonly (readonly number[])[];
  readonly operator: "=" | "+=" | "-=" | "*=" | "/=";
  /** One value, or one per cell of `positions` (row-major). */
  readonly values: readonly Scalar[];
  readonly isPin: boolean;
  readonly span: Span;
}
