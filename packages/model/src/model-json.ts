/**
 * The canonical JSON form of models and scenarios: the declarations as data, expressions as canonical formula text.
 *
 * Text, JSON and builder give the same model: text to JSON to text reads back as the same declarations, in the same
 * blocks and order. Comments, layout and the position of `time`, `axis` and `use` lines are not part of it.
 */
import { type Expression, printExpression, printIndexItem, printUnit } from "@reckon/formula";
import type { CheckResult, ModelDocument, ScenarioDocument } from "./api.ts";
import type {
  AttributeType,
  InputValue,
  LoopMethodName,
  ModelDeclaration,
  OverrideDeclaration,
  TableSource,
} from "./declarations.ts";
import { diagnosticsOf } from "./document.ts";
import { presentFields } from "./present-fields.ts";

export interface ModelJson {
  readonly model: string;
  readonly label?: string;
  readonly uses?: readonly { readonly name: string; readonly path: string }[];
  readonly time?: TimeJson;
  readonly axes?: readonly AxisJson[];
  /** Checks that stand before the first block. */
  readonly checks?: readonly CheckJson[];
  readonly blocks?: readonly BlockJson[];
}
export interface AxisJson {
  readonly name: string;
  readonly label?: string;
  readonly members?: readonly string[];
  readonly table?: TableJson;
}
export interface TableJson {
  readonly path: string;
  readonly by?: readonly string[];
  readonly key?: string;
  readonly value?: string;
}
export interface BlockJson {
  readonly name: string;
  readonly label?: string;
  readonly by?: readonly string[];
  /** In order. */
  readonly lines: readonly LineJson[];
}
export type LineJson = InputJson | FormulaJson | CurveJson | LoopJson | CheckJson;
export interface InputJson {
  readonly input: string;
  readonly type?: string;
  readonly value: ValueJson;
  readonly min?: string;
  readonly max?: string;
  readonly label?: string;
  readonly format?: string;
}
export interface TimeJson {
  readonly frequency: string;
  readonly from: string;
  readonly to: string;
  /** Steps of integration a period. */
  readonly steps?: number;
  readonly method?: "euler" | "rk4";
}
/** A constant's text; a list along time; members with their values in order; a table. */
export type ValueJson =
  | string
  | readonly string[]
  | { readonly members: readonly (readonly [label: string, value: ValueJson])[] }
  | { readonly table: TableJson };
export interface FormulaJson {
  readonly formula: string;
  readonly type?: string;
  readonly expression: string;
  readonly start?: string;
  readonly end?: string;
  readonly weight?: "heavy" | "light";
  readonly manual?: true;
  readonly timeoutMs?: number;
  readonly retries?: number;
  readonly label?: string;
  readonly format?: string;
}
export interface LoopJson {
  readonly loop: string;
  readonly start?: string;
  readonly tolerance?: number;
  readonly relative?: number;
  readonly limit?: number;
  readonly method?: LoopMethodName;
  readonly damping?: number;
  readonly begin?: "cold" | "warm";
}
export interface CurveJson {
  readonly curve: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly label?: string;
}
export interface CheckJson {
  readonly check: string;
  readonly label?: string;
}
/** The record that JSON and YAML scenario files hold. */
export interface ScenarioJson {
  readonly scenario: string;
  readonly model: string;
  readonly extends?: string;
  readonly label?: string;
  readonly overrides?: Readonly<Record<string, ScenarioValueJson>>;
  readonly pins?: Readonly<Record<string, ScenarioValueJson>>;
}
type ScenarioValueJson = string | readonly string[] | { readonly [label: string]: ScenarioValueJson };

/**
 * The model as data; diagnostics instead when the file has problems.
 *
 * @example
 * ```ts
 * modelToJson(parseModel("a.reckon", "model a\nblock b\n  x = 1+2\n")).value.blocks[0].lines; // [{ formula: "x", expression: "1 + 2" }]
 * ```
 */
export function modelToJson(document: ModelDocument): CheckResult<ModelJson> {
  const diagnostics = diagnosticsOf(document);
  if (diagnostics.length > 0) return { diagnostics };
  const uses: { name: string; path: string }[] = [];
  const axes: AxisJson[] = [];
  const checks: CheckJson[] = [];
  const blocks: (BlockJson & { lines: LineJson[] })[] = [];
  let head: Pick<ModelJson, "model" | "label"> = { model: "" };
  let time: ModelJson["time"];
  for (const { declaration } of document.items) {
    if (declaration === undefined) continue;
    switch (declaration.kind) {
      case "model":
        head = presentFields<typeof head>({ model: declaration.name.text, label: declaration.label });
        break;
      case "use":
        uses.push({ name: declaration.name.text, path: declaration.path });
        break;
      case "time":
        time = presentFields<TimeJson>({
          frequency: declaration.frequency,
          from: declaration.from.text,
          to: declaration.to.text,
          steps: declaration.stepsPerPeriod,
          method: declaration.method,
        });
        break;
      case "axis": {
        const { name, label, members, table } = declaration;
        const axis = {
          name: name.text,
          label,
          members: members?.map((member) => member.text),
          table: table && tableJson(table),
        };
        axes.push(presentFields<AxisJson>(axis));
        break;
      }
      case "block": {
        const by = declaration.axes.length > 0 ? declaration.axes.map((axis) => axis.text) : undefined;
        blocks.push(
          presentFields<BlockJson & { lines: LineJson[] }>({
            name: declaration.name.text,
            label: declaration.label,
            by,
            lines: [],
          }),
        );
        break;
      }
      default:
        (blocks.at(-1)?.lines ?? (checks as LineJson[])).push(lineJson(declaration));
    }
  }
  const list = <T>(items: readonly T[]): readonly T[] | undefined => (items.length > 0 ? items : undefined);
  const value = presentFields<ModelJson>({
    model: head.model,
    label: head.label,
    uses: list(uses),
    time,
    axes: list(axes),
    checks: list(checks),
    blocks: list(blocks),
  });
  return { value, diagnostics };
}

type LineDeclaration = Extract<ModelDeclaration, { kind: "input" | "formula" | "curve" | "loop" | "check" }>;

function lineJson(declaration: LineDeclaration): LineJson {
  switch (declaration.kind) {
    case "input":
      return presentFields<InputJson>({
        input: declaration.name.text,
        type: typeJson(declaration.type),
        value: valueJson(declaration.value),
        min: optionalText(declaration.min),
        max: optionalText(declaration.max),
        label: declaration.label,
        format: declaration.format,
      });
    case "formula":
      return presentFields<FormulaJson>({
        formula: declaration.name.text,
        type: typeJson(declaration.type),
        expression: printExpression(declaration.expression),
        start: optionalText(declaration.start),
        end: optionalText(declaration.end),
        weight: declaration.weight,
        manual: declaration.isManual === true ? true : undefined,
        timeoutMs: declaration.timeoutMs,
        retries: declaration.retries,
        label: declaration.label,
        format: declaration.format,
      });
    case "curve":
      return presentFields<CurveJson>({
        curve: declaration.name.text,
        points: declaration.points.map(({ x, y }) => [x, y] as const),
        label: declaration.label,
      });
    case "loop":
      return presentFields<LoopJson>({
        loop: declaration.name.text,
        start: optionalText(declaration.start),
        tolerance: declaration.toleranceAbsolute,
        relative: declaration.toleranceRelative,
        limit: declaration.iterationsMax,
        method: declaration.method,
        damping: declaration.damping,
        begin: declaration.begin,
      });
    case "check":
      return presentFields<CheckJson>({
        check: printExpression(declaration.expression),
        label: declaration.label,
      });
  }
}

function optionalText(expression: Expression | undefined): string | undefined {
  return expression === undefined ? undefined : printExpression(expression);
}

function typeJson(type: AttributeType | undefined): string | undefined {
  if (type === undefined) return undefined;
  return type.kind === "word" ? type.word : printUnit(type.unit);
}

function tableJson(table: TableSource): TableJson {
  return presentFields<TableJson>({
    path: table.path,
    by: table.by.length > 0 ? table.by.map((name) => name.text) : undefined,
    key: table.key?.text,
    value: table.valueColumn?.text,
  });
}

function valueJson(value: InputValue): ValueJson {
  switch (value.kind) {
    case "expression":
      return printExpression(value.expression);
    case "list":
      return value.values.map((expression) => printExpression(expression));
    case "members":
      return {
        members: value.entries.map(({ label, value: inner }) => [label.text, valueJson(inner)] as const),
      };
    case "table":
      return { table: tableJson(value.table) };
  }
}

/** The scenario as the record that JSON and YAML files hold; diagnostics instead when the file has problems. */
export function scenarioToJson(document: ScenarioDocument): CheckResult<ScenarioJson> {
  const diagnostics = diagnosticsOf(document);
  if (diagnostics.length > 0) return { diagnostics };
  const overrides: Record<string, ScenarioValueJson> = {};
  const pins: Record<string, ScenarioValueJson> = {};
  let head: Omit<ScenarioJson, "overrides" | "pins"> = { scenario: "", model: "" };
  for (const { declaration } of document.items) {
    if (declaration?.kind === "scenario") {
      head = presentFields<typeof head>({
        scenario: declaration.name.text,
        model: declaration.model.text,
        extends: declaration.extends?.text,
        label: declaration.label,
      });
    } else if (declaration?.kind === "override") {
      (declaration.isPin ? pins : overrides)[targetJson(declaration)] = overrideJson(declaration);
    }
  }
  const filled = <T extends object>(record: T): T | undefined =>
    Object.keys(record).length > 0 ? record : undefined;
  const value = presentFields<ScenarioJson>({
    ...head,
    overrides: filled(overrides),
    pins: filled(pins),
  } as never);
  return { value, diagnostics };
}

function targetJson({ path, index }: OverrideDeclaration): string {
  const name = path.map((part) => part.text).join(".");
  return index === undefined ? name : `${name}[${index.map(printIndexItem).join(", ")}]`;
}

function overrideJson({ operator, value }: OverrideDeclaration): ScenarioValueJson {
  const nested = scenarioValue(value);
  return operator === "=" || typeof nested !== "string" ? nested : `${operator} ${nested}`;
}

function scenarioValue(value: InputValue): ScenarioValueJson {
  switch (value.kind) {
    case "expression":
      return printExpression(value.expression);
    case "list":
      return value.values.map((expression) => printExpression(expression));
    case "members":
      return Object.fromEntries(
        value.entries.map(({ label, value: inner }) => [label.text, scenarioValue(inner)]),
      );
    case "table":
      return "";
  }
}
