/** What is being filled with values, one constant read, and one value accepted or refused: shared by inputs, tables and overrides. */
import type { Expression, Span } from "@reckon/formula";
import { type Axis, isErrorValue, type Scalar } from "@reckon/value";
import { cellName, labelsAt } from "./cell-grid.ts";
import type { TableReader } from "./check-axes.ts";
import type { CheckReport } from "./check-report.ts";
import { constantOf } from "./constant.ts";
import type { AttributeType, CheckedInput } from "./declarations.ts";
import { type ValueRule, valueProblem } from "./input-value.ts";
import { presentFields } from "./present-fields.ts";

/** What is being filled, and where to say what is wrong. */
export interface Filling {
  readonly id: string;
  readonly axes: readonly Axis[];
  readonly type?: AttributeType | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly item: number;
  readonly text: string;
  readonly report: CheckReport;
  readonly tables: TableReader;
  /** A read-only column of a table axis by its name. */
  readonly tableColumn: (path: readonly string[]) => CheckedInput | undefined;
  /** Which read-only columns and tables it reads are noted here, for reuse. */
  readonly reads: Set<unknown>;
  /** An override of a scenario rather than an input's own value. */
  readonly isOverride?: boolean;
  readonly set: (index: number, value: Scalar) => void;
}

/** The value of a constant, or a diagnostic and `undefined`. */
export function constantIn(expression: Expression, filling: Filling): Scalar | undefined {
  const { id, item, report, text, type } = filling;
  const written = text.slice(expression.span.start, expression.span.end);
  const constant = constantOf(expression, { source: report.source, written, type });
  if (constant.kind === "problem") {
    report.addMoved(item, constant.diagnostics);
    return undefined;
  }
  if (constant.kind === "not-constant") {
    report.add(
      "model/not-constant",
      { item, span: expression.span },
      presentFields({
        attribute: id,
        isOverride: filling.isOverride === true,
        word: meantText(expression, filling),
      }),
    );
    return undefined;
  }
  return constant.value;
}

/** A single word where a text is wanted, or in a scenario, which cannot mean an attribute by it. */
function meantText(expression: Expression, { isOverride, type }: Filling): string | undefined {
  if (expression.kind !== "name" || expression.path.length > 1 || expression.index !== undefined)
    return undefined;
  return isOverride === true || (type?.kind === "word" && type.word === "text")
    ? expression.path[0]
    : undefined;
}

/**
 * Whether `value` may stand in the cell, given by its index or by the name of a box; reports when not. `row` gives the file and
 * the line that it comes from.
 */
export function accept(
  value: Scalar,
  filling: Filling,
  cell: number | string,
  span: Span,
  row?: () => string,
): boolean {
  const { report, item, id, axes } = filling;
  if (isErrorValue(value) && row === undefined) {
    report.add(
      "model/value-error",
      { item, span },
      presentFields({ attribute: id, code: value.code, detail: value.detail }),
    );
    return false;
  }
  const rule: ValueRule = filling;
  // Most values are as they should be, and then nobody asks for the name of their cell.
  const nameOf = (): string => (typeof cell === "string" ? cell : cellName(id, axes, cell));
  const problem = valueProblem(value, rule, nameOf, row);
  if (problem === undefined) return true;
  const more = typeof cell === "string" ? {} : { cells: [labelled(axes, cell)] };
  report.add(problem.code, { item, span }, problem.facts as never, more);
  return false;
}

/** The labels of a cell by axis. */
export function labelled(axes: readonly Axis[], cell: number): Readonly<Record<string, string>> {
  return Object.fromEntries(labelsAt(axes, cell).map((label, i) => [axes[i]?.name, label]));
}
