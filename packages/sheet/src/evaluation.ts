/** Formulas evaluated in a sheet without being part of it. */
import type { State } from "@reckon/engine";
import {
  type BoundFormula,
  type CheckedExpression,
  checkFormula,
  type Diagnostic,
  type Expression,
  evaluateCell,
  type ModuleLookup,
  parseFormula,
  type Scope,
} from "@reckon/formula";
import { type CheckedModel, modelScope } from "@reckon/model";
import { cellAt, type Plan, timeOf } from "@reckon/plan";
import { type Axis, Column, type Scalar } from "@reckon/value";
import type { CellIndex, SheetResult } from "./api.ts";
import { accepted, problem, refused } from "./problem.ts";

export interface Evaluation {
  readonly model: CheckedModel;
  readonly plan: Plan;
  readonly state: State;
  readonly text: string;
  /** The current member or period along each axis that names in the formula may lean on. */
  readonly index?: CellIndex;
  /** The block whose short names the formula uses; absent: only names in full. */
  readonly block?: string;
  readonly modules: ModuleLookup;
}

/** The value of `text` at the cell that `index` names. Cost: parsing, checking and one cell. */
export function evaluateIn({
  model,
  plan,
  state,
  text,
  index = {},
  block,
  modules,
}: Evaluation): SheetResult<Scalar> {
  const parsed = parseFormula(text, { source: "formula" });
  if (parsed.diagnostics.length > 0) return refused(...parsed.diagnostics);
  const known = [...model.axes.filter((axis) => axis.time === undefined), ...timeAxes(model)];
  const axes = known.filter(({ name }) => index[name] !== undefined);
  const unknown = Object.keys(index).find((name) => !known.some((axis) => axis.name === name));
  if (unknown !== undefined) return refused(noSuch("axis", unknown));
  const positions = axes.map((axis) => axis.positions.get(index[axis.name] as string));
  const missing = positions.indexOf(undefined);
  if (missing >= 0) return refused(noSuch("member", index[axes[missing]?.name as string] as string));
  if (block !== undefined && !model.blocks.some(({ name }) => name === block)) {
    return refused(noSuch("block", block));
  }
  const scope = modelScope(model, { axes, ...(block === undefined ? {} : { block }) });
  const { formula, diagnostics } = checkedAt(parsed.expression, scope, positions as number[], text);
  if (formula === undefined) return refused(...diagnostics);
  const columns = formula.references.map(({ attribute }) => {
    const node = plan.demand(attribute);
    return node === undefined ? new Column({ outer: 1, periods: 1 }) : state.view(node);
  });
  const cell = cellAt(axes, positions as number[]);
  const periods = timeOf(axes)?.labels.length ?? 1;
  const value = evaluateCell(
    formula,
    columns,
    { outer: Math.floor(cell / periods), period: cell % periods },
    modules,
  );
  return accepted(value, diagnostics);
}

/**
 * The formula checked for one cell. A formula of a model needs a `start` to reach before the first period, because it
 * holds in every period; here it need only not do so from this one.
 */
function checkedAt(
  expression: Expression,
  scope: Scope,
  positions: readonly number[],
  text: string,
): CheckedExpression {
  const outside: Expression = { kind: "missing", span: { start: 0, end: 0 } };
  const checked = checkFormula(expression, scope, { source: "formula", start: outside, end: outside });
  if (checked.formula === undefined) return checked;
  const beyond = readsBeyond(checked.formula, positions, text);
  return beyond.length === 0 ? checked : { diagnostics: [...checked.diagnostics, ...beyond] };
}

/** References that lead before the first or behind the last period, seen from the cell at `positions`. */
function readsBeyond(formula: BoundFormula, positions: readonly number[], text: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { axes, access, span } of formula.references) {
    for (const [i, along] of access.entries()) {
      if (along.kind !== "current" && (along.kind !== "window" || along.clip)) continue;
      const at = formula.axes.findIndex(({ name }) => name === axes[i]?.name);
      const labels = formula.axes[at]?.labels ?? [];
      const position = positions[at] ?? 0;
      const [from, to] = along.kind === "current" ? [along.offset, along.offset] : [along.from, along.to];
      const isBefore = position + from < 0;
      if (!isBefore && position + to < labels.length) continue;
      const least = labels[-from];
      const most = labels[labels.length - 1 - to];
      const period = isBefore ? least : most;
      found.push({
        code: isBefore ? "sheet/before-first-period" : "sheet/behind-last-period",
        severity: "error",
        source: "formula",
        span,
        message: `at ${labels[position]} \`${text.slice(span.start, span.end)}\` reaches ${
          isBefore ? `before the first period, ${labels[0]}` : `behind the last period, ${labels.at(-1)}`
        }`,
        ...(period === undefined
          ? {}
          : { hint: `evaluate it at ${period} or ${isBefore ? "later" : "before"}` }),
      });
    }
  }
  return found;
}

function timeAxes(model: CheckedModel): readonly Axis[] {
  return model.axes.filter((axis) => axis.time !== undefined);
}

function noSuch(what: string, name: string) {
  return problem({
    code: `sheet/unknown-${what}`,
    message: `the model has no ${what} \`${name}\``,
    text: name,
  });
}
