/** Checks the inputs of a model: bounds, then the column of values. An input that did not change is kept. */
import type { Expression } from "@reckon/formula";
import { numberToText, sameColumn } from "@reckon/value";
import { sameType } from "./check-memory.ts";
import type { CheckReport } from "./check-report.ts";
import type { CheckedInput, CheckedModel, InputDeclaration } from "./declarations.ts";
import type { CheckNames, DeclaredAttribute } from "./declared-names.ts";
import { constantIn, type Filling } from "./filling.ts";
import { inputColumn } from "./input-column.ts";
import { presentFields } from "./present-fields.ts";

/** What an input's column was made from: its line, and the tables and columns that it read. */
interface InputMemory {
  readonly text: string;
  readonly reads: ReadonlyMap<unknown, unknown>;
}
const memories = new WeakMap<CheckedInput, InputMemory>();

export function checkInput(
  attribute: DeclaredAttribute,
  names: CheckNames,
  report: CheckReport,
  previous: CheckedModel | undefined,
): CheckedInput | undefined {
  const declaration = attribute.declaration as InputDeclaration;
  const old = previous?.attributes.get(attribute.id);
  const kept =
    old?.kind === "input" && old.item === attribute.item.id && old.axes === attribute.axes ? old : undefined;
  if (kept !== undefined && holds(kept, attribute, names)) return kept;
  const problems = report.diagnostics.length;
  const filling = fillingOf(attribute, names, report);
  const min = boundOf(declaration.min, filling);
  const max = boundOf(declaration.max, filling);
  if (min !== undefined && max !== undefined && min > max) {
    const span = (declaration.min as Expression).span;
    report.add(
      "model/bounds-order",
      { item: attribute.at, span },
      { min: numberToText(min), max: numberToText(max) },
    );
    return undefined;
  }
  if (attribute.isUncertain || attribute.item.diagnostics.length > 0) return undefined;
  const column = inputColumn(declaration.value, { ...filling, min, max });
  if (report.diagnostics.length > problems) return undefined;
  const made = presentFields<CheckedInput>({
    kind: "input",
    id: attribute.id,
    block: attribute.block,
    name: attribute.name,
    axes: attribute.axes,
    type: declaration.type,
    label: declaration.label,
    format: declaration.format,
    item: attribute.item.id,
    span: declaration.name.span,
    column,
    min,
    max,
    isReadOnly: false,
  });
  const checked = kept !== undefined && isSameInput(kept, made) ? kept : made;
  const reads = new Map([...filling.reads].map((read) => [read, columnOf(read)]));
  memories.set(checked, { text: attribute.item.text, reads });
  return checked;
}

function fillingOf(
  attribute: DeclaredAttribute,
  names: CheckNames,
  report: CheckReport,
): Omit<Filling, "set"> {
  return {
    id: attribute.id,
    axes: attribute.axes,
    type: attribute.declaration.type,
    item: attribute.at,
    text: attribute.item.text,
    report,
    tables: names.tables,
    tableColumn: (path) => readOnlyColumn(names, path),
    reads: new Set(),
  };
}

function readOnlyColumn(names: CheckNames, path: readonly string[]): CheckedInput | undefined {
  const found = names.attributes.get(path.join(".")) as CheckedInput | undefined;
  return found?.isReadOnly === true ? found : undefined;
}

/** A bound as a number; undefined, with a diagnostic, when it is none. */
function boundOf(expression: Expression | undefined, filling: Omit<Filling, "set">): number | undefined {
  if (expression === undefined || expression.kind === "broken") return undefined;
  const value = constantIn(expression, { ...filling, set: () => {} });
  if (typeof value === "number") return value;
  if (value !== undefined) {
    filling.report.add(
      "model/bad-clause",
      { item: filling.item, span: expression.span },
      { clause: "a bound", wanted: "a number" },
    );
  }
  return undefined;
}

function holds(kept: CheckedInput, attribute: DeclaredAttribute, names: CheckNames): boolean {
  const memory = memories.get(kept);
  if (memory === undefined || memory.text !== attribute.item.text) return false;
  if (attribute.item.diagnostics.length > 0) return false;
  const source = (attribute.declaration as InputDeclaration).value;
  if (source.kind === "table") return memory.reads.has(names.tables.peek(source.table));
  for (const [read, column] of memory.reads) {
    const { id } = read as CheckedInput;
    if (columnOf(names.attributes.get(id)) !== column) return false;
  }
  return true;
}

function columnOf(read: unknown): unknown {
  return (read as CheckedInput | undefined)?.column;
}

function isSameInput(a: CheckedInput, b: CheckedInput): boolean {
  return (
    a.min === b.min &&
    a.max === b.max &&
    a.label === b.label &&
    a.format === b.format &&
    a.span.start === b.span.start &&
    a.span.end === b.span.end &&
    sameType(a.type, b.type) &&
    sameColumn(a.column, b.column)
  );
}
