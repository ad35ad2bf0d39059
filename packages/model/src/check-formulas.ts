/** Checks formulas, loops' starts and checks against the model's names; what did not change is kept. */
import {
  type BoundExpression,
  type BoundFormula,
  checkFormula,
  type Diagnostic,
  type Expression,
  type HiddenStock,
  type Resolution,
} from "@reckon/formula";
import type { Axis } from "@reckon/value";
import { cellCount, cellsMax } from "./cell-grid.ts";
import { type Memory, remember, stillHolds } from "./check-memory.ts";
import type { CheckReport } from "./check-report.ts";
import type { CheckedCheck, CheckedFormula, CheckedModel, FormulaDeclaration } from "./declarations.ts";
import type { CheckNames, DeclaredAttribute, DeclaredNames } from "./declared-names.ts";
import { scopeOver } from "./model-scope.ts";
import { presentFields } from "./present-fields.ts";

/** Diagnostics that follow from an axis that is wrong elsewhere; not told of formulas that depend on it. */
const axisCodes: ReadonlySet<string> = new Set([
  "formula/missing-axis",
  "formula/unknown-axis",
  "formula/unused-over",
  "formula/no-time",
  "formula/target-no-time",
  "formula/not-indexable",
  "formula/too-many-indexes",
  "formula/unknown-label",
  "formula/ambiguous-index",
  "formula/range-order",
  "formula/axis-as-value",
  "formula/stock-no-time",
]);

export interface Bound {
  readonly formula?: BoundFormula;
  /** The stocks that it stands on. */
  readonly hidden?: readonly HiddenStock[];
  readonly memory: Memory;
}

/** Binds an expression and reports what is wrong with it. */
export function bind(
  expression: Expression,
  place: {
    readonly at: number;
    readonly text: string;
    readonly block: string | undefined;
    readonly axes: readonly Axis[];
    readonly isUncertain: boolean;
    /** What reading the line has told already. */
    readonly told?: readonly Diagnostic[];
    readonly start?: Expression | undefined;
    readonly end?: Expression | undefined;
    /** What the formula defines. */
    readonly attribute?: string;
  },
  names: CheckNames,
  report: CheckReport,
): Bound {
  const resolved: { path: readonly string[]; resolution: Resolution | undefined }[] = [];
  let isUncertain = place.isUncertain;
  const seen = (path: readonly string[], resolution: Resolution | undefined): void => {
    resolved.push({ path, resolution });
    if (resolution?.kind !== "attribute") return;
    const attribute = names.attributes.get(resolution.id) as DeclaredAttribute | undefined;
    if (attribute?.isUncertain === true) isUncertain = true;
  };
  const scope = scopeOver(names, place.block, place.axes, seen, place.attribute);
  const checked = checkFormula(
    expression,
    scope,
    presentFields<{ source: string; start?: Expression; end?: Expression }>({
      source: report.source,
      start: place.start,
      end: place.end,
    }),
  );
  const diagnostics = checked.diagnostics.filter(
    (diagnostic) => !(isUncertain && axisCodes.has(diagnostic.code)) && !isTold(diagnostic, place.told ?? []),
  );
  report.addMoved(place.at, diagnostics);
  return presentFields<Bound>({
    formula: isUncertain ? undefined : checked.formula,
    hidden: checked.hidden,
    memory: { text: place.text, block: place.block, axes: place.axes, resolved, diagnostics },
  });
}

/** Whether a problem was told at the same place when the line was read. */
function isTold(diagnostic: Diagnostic, told: readonly Diagnostic[]): boolean {
  return told.some(({ span }) => span.start === diagnostic.span.start && span.end > span.start);
}

export function checkAttributeFormula(
  attribute: DeclaredAttribute,
  names: CheckNames,
  report: CheckReport,
  previous: CheckedModel | undefined,
): CheckedFormula | undefined {
  const declaration = attribute.declaration as FormulaDeclaration;
  const { item, axes, block, at } = attribute;
  const old = previous?.attributes.get(attribute.id);
  if (
    old?.kind === "formula" &&
    old.item === item.id &&
    item.diagnostics.length === 0 &&
    !attribute.isUncertain
  ) {
    const memory = stillHolds(old, { text: item.text, block, axes, names });
    if (memory !== undefined && isIntegratedAlike(old, names)) {
      report.addMoved(at, memory.diagnostics);
      return old;
    }
  }
  const { formula, memory, hidden } = bind(
    declaration.expression,
    {
      at,
      text: item.text,
      block,
      axes,
      isUncertain: attribute.isUncertain,
      told: item.diagnostics,
      start: declaration.start,
      end: declaration.end,
      attribute: attribute.id,
    },
    names,
    report,
  );
  if (formula === undefined || item.diagnostics.some((problem) => problem.severity === "error"))
    return undefined;
  const checked = presentFields<CheckedFormula>({
    kind: "formula",
    id: attribute.id,
    block,
    name: attribute.name,
    axes,
    type: declaration.type,
    label: declaration.label,
    format: declaration.format,
    item: item.id,
    span: declaration.name.span,
    formula,
    text: item.text.slice(declaration.valueSpan.start, declaration.valueSpan.end),
    weight: declaration.weight,
    isManual: declaration.isManual ?? false,
    timeoutMs: declaration.timeoutMs,
    retries: declaration.retries,
    integration: formula.integral === undefined ? undefined : names.integration,
    hidden: hidden?.map((stock) => hiddenFormula(stock, attribute, names)),
  });
  remember(checked, memory);
  return checked;
}

/** Whether the stocks of a formula are stepped as they were. */
function isIntegratedAlike({ integration, hidden }: CheckedFormula, names: CheckNames): boolean {
  const used = integration ?? hidden?.[0]?.integration;
  return used === undefined || used === names.integration;
}

/** The formula of a stock that another formula stands on. */
function hiddenFormula(
  { id, call, formula, time }: HiddenStock,
  { id: partOf, block, axes, item }: DeclaredAttribute,
  names: CheckNames,
): CheckedFormula {
  const text = item.text.slice(call.span.start, call.span.end).replace(/\s+/g, " ");
  const stage = /\.(\d)$/.exec(id)?.[1];
  return {
    kind: "formula",
    id,
    block,
    name: stage === undefined ? text : `${text} stage ${stage}`,
    axes,
    item: item.id,
    span: call.span,
    formula,
    text,
    isManual: false,
    integration: names.integration,
    partOf,
    ...(time === undefined ? {} : { time }),
  };
}

/** The checks of a model; each over the union of the axes it reads cell by cell. */
export function checkChecks(
  names: DeclaredNames,
  report: CheckReport,
  previous: CheckedModel | undefined,
): CheckedCheck[] {
  const checks: CheckedCheck[] = [];
  const allAxes = [...names.axes.values()].sort(
    (a, b) => Number(a.time !== undefined) - Number(b.time !== undefined),
  );
  const olds = new Map(previous?.checks.map((check) => [check.item, check]));
  names.checks.forEach(({ declaration, item, at }, i) => {
    const name = declaration.label ?? `check ${i + 1}`;
    const block = declaration.block;
    const old = olds.get(item.id);
    if (old !== undefined && old.name === name && item.diagnostics.length === 0) {
      const memory = stillHolds(old, { text: item.text, block, names });
      if (memory !== undefined) {
        checks.push(old);
        return;
      }
    }
    const place = { at, text: item.text, block, isUncertain: false };
    const wide = bind(declaration.expression, { ...place, axes: allAxes }, names, report);
    if (wide.formula === undefined) return;
    const used = allAxes.filter((axis) => readsAxis(wide.formula as BoundFormula, axis));
    const cells = cellCount(used, []);
    if (cells > cellsMax) {
      const span = declaration.expression.span;
      report.add("model/too-many-cells", { item: at, span }, { what: "the check", cells, cellsMax });
      return;
    }
    const narrow =
      used.length === allAxes.length
        ? wide
        : bind(declaration.expression, { ...place, axes: used }, names, report);
    if (narrow.formula === undefined || item.diagnostics.some((problem) => problem.severity === "error"))
      return;
    const checked: CheckedCheck = {
      name,
      formula: narrow.formula,
      text: item.text.slice(declaration.expression.span.start, declaration.expression.span.end),
      item: item.id,
      span: declaration.span,
    };
    remember(checked, narrow.memory);
    checks.push(checked);
  });
  return checks;
}

/** Whether the formula's result depends on where it stands along the axis. */
function readsAxis(formula: BoundFormula, axis: Axis): boolean {
  for (const reference of formula.references) {
    const at = reference.axes.indexOf(axis);
    const access = reference.access[at]?.kind;
    if (access === "current" || access === "window") return true;
  }
  return mentionsAxis(formula.root, axis.name);
}

/** Whether `PERIOD()`, `MEMBER(axis)` and the like ask for the position along the axis. */
function mentionsAxis(root: BoundExpression, axis: string): boolean {
  const pending: BoundExpression[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    switch (next.kind) {
      case "current":
        if (next.axis === axis) return true;
        break;
      case "unary":
      case "percent":
        pending.push(next.operand);
        break;
      case "binary":
        pending.push(next.left, next.right);
        break;
      case "call":
      case "module-call":
        pending.push(...next.arguments);
        break;
      case "array":
        for (const row of next.rows) pending.push(...row);
        break;
      case "let":
        pending.push(...next.values, next.body);
        break;
      case "lambda":
        pending.push(next.body);
        break;
      case "apply":
        pending.push(next.callee, ...next.arguments);
        break;
      case "literal":
      case "missing":
      case "read":
      case "local":
        break;
    }
  }
  return false;
}
