/** Formulas evaluated in a sheet without being part of it. */
import type { State } from "@reckon/engine";
import { checkFormula, evaluateCell, type ModuleLookup, parseFormula } from "@reckon/formula";
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
  readonly modules: ModuleLookup;
}

/** The value of `text` at the cell that `index` names. Cost: parsing, checking and one cell. */
export function evaluateIn({
  model,
  plan,
  state,
  text,
  index = {},
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
  const { formula, diagnostics } = checkFormula(parsed.expression, modelScope(model, { axes }), {
    source: "formula",
  });
  if (formula === undefined) return refused(...diagnostics);
  const columns = formula.references.map(({ attribute }) => {
    const node = plan.nodeOf(attribute);
    return node === undefined ? new Column({ outer: 1, periods: 1 }) : state.read(node);
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
