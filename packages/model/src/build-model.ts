/**
 * Builds a model in code: the same declarations as a file, typed. `toDocument` gives what reading the file would give.
 */
import type { Frequency } from "@reckon/value";
import type { CheckResult, ModelDocument } from "./api.ts";
import { printDocument } from "./document.ts";
import { modelFromJson } from "./model-from-json.ts";
import type {
  AxisJson,
  BlockJson,
  CheckJson,
  CurveJson,
  FormulaJson,
  InputJson,
  LineJson,
  LoopJson,
  ModelJson,
  TableJson,
  TimeJson,
  ValueJson,
} from "./model-json.ts";
import { presentFields } from "./present-fields.ts";

/** A constant (`0.025`, `"2.5%"`, `TRUE`), a list along time, values by member, or a table. */
export type BuiltValue =
  | number
  | boolean
  | string
  | readonly (number | string)[]
  | {
      readonly table: string;
      readonly by?: readonly string[];
      readonly key?: string;
      readonly value?: string;
    }
  | { readonly [label: string]: BuiltValue };

type Text = string | number;

interface InputOptions extends Omit<InputJson, "input" | "value" | "min" | "max"> {
  readonly min?: Text;
  readonly max?: Text;
}
interface FormulaOptions extends Omit<FormulaJson, "formula" | "expression" | "start" | "end"> {
  readonly start?: Text;
  readonly end?: Text;
}

export interface BlockBuilder {
  readonly input: (name: string, value: BuiltValue, options?: InputOptions) => BlockBuilder;
  readonly formula: (name: string, expression: string, options?: FormulaOptions) => BlockBuilder;
  readonly curve: (name: string, points: CurveJson["points"], label?: string) => BlockBuilder;
  readonly loop: (attribute: string, options?: Omit<LoopJson, "loop">) => BlockBuilder;
  readonly check: (condition: string, label?: string) => BlockBuilder;
}

export interface ModelBuilder {
  readonly use: (path: string, name: string) => ModelBuilder;
  readonly time: (
    frequency: Frequency,
    from: Text,
    to: Text,
    integration?: Pick<TimeJson, "steps" | "method">,
  ) => ModelBuilder;
  readonly axis: (
    name: string,
    members: readonly string[] | { readonly table: string; readonly key: string },
    label?: string,
  ) => ModelBuilder;
  readonly block: (
    name: string,
    by: readonly string[],
    fill: (block: BlockBuilder) => unknown,
    label?: string,
  ) => ModelBuilder;
  readonly check: (condition: string, label?: string) => ModelBuilder;
  readonly toJson: () => ModelJson;
  readonly toDocument: (source?: string) => CheckResult<ModelDocument>;
  /** The canonical text; empty when the model has problems, which `toDocument` gives. */
  readonly toText: () => string;
}

/**
 * A builder for the model `name`.
 *
 * @example
 * ```ts
 * const built = buildModel("shop").block("sales", [], (block) => block.input("price", 12).formula("revenue", "price * 3"));
 * built.toText(); // "model shop\n\nblock sales\n  input price = 12\n  revenue = price * 3\n"
 * ```
 */
export function buildModel(name: string, label?: string): ModelBuilder {
  const uses: { name: string; path: string }[] = [];
  const axes: AxisJson[] = [];
  const checks: CheckJson[] = [];
  const blocks: BlockJson[] = [];
  let time: ModelJson["time"];
  const filled = <T>(list: readonly T[]): readonly T[] | undefined =>
    list.length > 0 ? [...list] : undefined;
  const builder: ModelBuilder = {
    use: (path, as) => {
      uses.push({ name: as, path });
      return builder;
    },
    time: (frequency, from, to, integration = {}) => {
      time = { frequency, from: String(from), to: String(to), ...integration };
      return builder;
    },
    axis: (axis, members, axisLabel) => {
      const parts = "table" in members ? { table: { path: members.table, key: members.key } } : { members };
      axes.push(presentFields<AxisJson>({ name: axis, label: axisLabel, ...parts } as never));
      return builder;
    },
    block: (block, by, fill, blockLabel) => {
      const lines: LineJson[] = [];
      fill(blockBuilder(lines));
      blocks.push(presentFields<BlockJson>({ name: block, label: blockLabel, by: filled(by), lines }));
      return builder;
    },
    check: (check, checkLabel) => {
      checks.push(presentFields<CheckJson>({ check, label: checkLabel }));
      return builder;
    },
    toJson: () =>
      presentFields<ModelJson>({
        model: name,
        label,
        uses: filled(uses),
        time,
        axes: filled(axes),
        checks: filled(checks),
        blocks: filled(blocks),
      }),
    toDocument: (source = `${name}.reckon`) => modelFromJson(builder.toJson(), source),
    toText: () => {
      const { value } = builder.toDocument();
      return value === undefined ? "" : printDocument(value);
    },
  };
  return builder;
}

function blockBuilder(lines: LineJson[]): BlockBuilder {
  const optional = (text: Text | undefined): string | undefined =>
    text === undefined ? undefined : String(text);
  const builder: BlockBuilder = {
    input: (input, value, options = {}) => {
      const bounds = { min: optional(options.min), max: optional(options.max) };
      lines.push(
        presentFields<InputJson>({ input, ...options, ...bounds, value: builtValue(value) } as never),
      );
      return builder;
    },
    formula: (formula, expression, options = {}) => {
      const clauses = { start: optional(options.start), end: optional(options.end) };
      lines.push(presentFields<FormulaJson>({ formula, expression, ...options, ...clauses } as never));
      return builder;
    },
    curve: (curve, points, label) => {
      lines.push(presentFields<CurveJson>({ curve, points, label }));
      return builder;
    },
    loop: (loop, options = {}) => {
      lines.push({ loop, ...options });
      return builder;
    },
    check: (check, label) => {
      lines.push(presentFields<CheckJson>({ check, label }));
      return builder;
    },
  };
  return builder;
}

function builtValue(value: BuiltValue): ValueJson {
  if (typeof value === "number") return String(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(String);
  const record = value as { readonly [label: string]: BuiltValue };
  if (
    typeof record.table === "string" &&
    Object.keys(record).every((key) => ["table", "by", "key", "value"].includes(key))
  ) {
    const { table, ...rest } = record as { table: string } & Omit<TableJson, "path">;
    return { table: { path: table, ...rest } };
  }
  return { members: Object.entries(record).map(([label, inner]) => [label, builtValue(inner)] as const) };
}
