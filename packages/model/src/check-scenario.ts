/**
 * Checks a scenario against its model: each override finds its attribute and its cells, its values are allowed there,
 * and overrides of one attribute nest.
 *
 * Overlaps are decided by painting: each cell remembers the last override that covers it. An override is in order when
 * all its cells were last covered by the same one (or by none): then it lies inside that one, or apart from all. If not,
 * it either covers a narrower one that stands above it, or overlaps one in part. Cost: the cells overridden.
 */
import { nearestName } from "@reckon/formula";
import { isErrorValue, type Scalar } from "@reckon/value";
import type { CheckResult, ScenarioDocument } from "./api.ts";
import { cellCount, forEachCell, type Positions, shapeOf } from "./cell-grid.ts";
import { TableReader } from "./check-axes.ts";
import { CheckReport } from "./check-report.ts";
import type {
  CheckedAttribute,
  CheckedModel,
  CheckedOverride,
  CheckedScenario,
  InputValue,
  OverrideDeclaration,
  ScenarioHeader,
} from "./declarations.ts";
import { diagnosticsOf, listOf } from "./document.ts";
import { fillBox } from "./input-column.ts";
import { namesOf, suggestName } from "./model-scope.ts";
import { resolveIndex } from "./override-index.ts";
import { presentFields } from "./present-fields.ts";

/**
 * The scenario resolved against `model`, or what is wrong with it; `diagnostics` includes those of reading the file.
 * Whether the scenario it extends exists is for `checkExtends`.
 */
export function checkScenario(document: ScenarioDocument, model: CheckedModel): CheckResult<CheckedScenario> {
  const report = new CheckReport(document.source, listOf(document));
  for (const diagnostic of diagnosticsOf(document)) report.diagnostics.push(diagnostic);
  const painter = new OverlapPainter(report);
  const overrides: CheckedOverride[] = [];
  let header: ScenarioHeader | undefined;
  document.items.forEach(({ declaration, text, diagnostics }, item) => {
    if (declaration?.kind === "scenario") {
      header ??= declaration;
      if (declaration.model.text !== model.name && header === declaration) {
        const place = { item, span: declaration.model.span };
        report.add("scenario/other-model", place, { written: declaration.model.text, model: model.name });
      }
    } else if (declaration?.kind === "override") {
      const override = checkOverride(
        declaration,
        { item, text, isBroken: diagnostics.length > 0 },
        model,
        report,
      );
      if (override === undefined) return;
      overrides.push(override);
      const attribute = model.attributes.get(override.attribute) as CheckedAttribute;
      if (document.isPart !== true)
        painter.paint(attribute, override, { item, text: targetText(declaration, text) });
    }
  });
  const diagnostics = report.sorted();
  if (report.hasErrors() || header === undefined) return { diagnostics };
  const value = presentFields<CheckedScenario>({
    name: header.name.text,
    model: header.model.text,
    extends: header.extends?.text,
    label: header.label,
    overrides,
  });
  return { value, diagnostics };
}

function targetText(declaration: OverrideDeclaration, text: string): string {
  return text.slice(declaration.targetSpan.start, declaration.targetSpan.end).replace(/^["']|["']$/g, "");
}

function checkOverride(
  declaration: OverrideDeclaration,
  at: { readonly item: number; readonly text: string; readonly isBroken: boolean },
  model: CheckedModel,
  report: CheckReport,
): CheckedOverride | undefined {
  const attribute = attributeOf(declaration, at.item, model, report);
  if (attribute === undefined) return undefined;
  const before = report.diagnostics.length;
  checkKind(declaration, attribute, at.item, report);
  const positions = resolveIndex(declaration, attribute, at.item, report);
  if (positions === undefined || at.isBroken) return undefined;
  const values = valuesOf(declaration, attribute, positions, at, report);
  if (values === undefined || report.diagnostics.length > before) return undefined;
  return {
    attribute: attribute.id,
    positions: attribute.axes.map((axis, i) => positions[i] ?? axis.labels.map((_, position) => position)),
    operator: declaration.operator,
    values,
    isPin: declaration.isPin,
    span: declaration.span,
  };
}

function attributeOf(
  declaration: OverrideDeclaration,
  item: number,
  model: CheckedModel,
  report: CheckReport,
): CheckedAttribute | undefined {
  const { path } = declaration;
  const name = path.map((part) => part.text).join(".");
  const attribute = path.length === 2 ? model.attributes.get(name) : undefined;
  if (attribute !== undefined) return attribute;
  const suggestion = suggestName(
    namesOf(model),
    undefined,
    path.map((part) => part.text),
  );
  const span = { start: path[0]?.span.start ?? 0, end: path.at(-1)?.span.end ?? 0 };
  const code = path.length === 2 ? "scenario/unknown-attribute" : "scenario/unknown-block";
  // An axis is found by its name too.
  const other = suggestion === name ? undefined : suggestion;
  report.add(code, { item, span }, presentFields({ name, suggestion: other }));
  return undefined;
}

function checkKind(
  declaration: OverrideDeclaration,
  attribute: CheckedAttribute,
  item: number,
  report: CheckReport,
): void {
  const { id } = attribute;
  const place = { item, span: declaration.targetSpan };
  const { operator, isPin } = declaration;
  if (attribute.kind === "formula") {
    if (!isPin) report.add("scenario/needs-pin", place, { attribute: id });
    else if (operator !== "=") {
      report.add(
        "scenario/relative-pin",
        { item, span: declaration.operatorSpan },
        { attribute: id, operator },
      );
    }
    return;
  }
  if (attribute.isReadOnly) report.add("scenario/read-only", place, { attribute: id, axis: attribute.block });
  else if (isPin) report.add("scenario/needless-pin", place, { attribute: id });
}

function valuesOf(
  declaration: OverrideDeclaration,
  attribute: CheckedAttribute,
  positions: Positions,
  at: { readonly item: number; readonly text: string },
  report: CheckReport,
): readonly Scalar[] | undefined {
  const { value, operator } = declaration;
  const { axes, id } = attribute;
  if (holdsTable(value)) {
    report.add("scenario/no-table", { item: at.item, span: declaration.valueSpan }, { attribute: id });
    return undefined;
  }
  const numbers = new Map<number, number>();
  forEachCell(axes, positions, (index, number) => numbers.set(index, number));
  const cells: Scalar[] = new Array(numbers.size).fill(null);
  const before = report.diagnostics.length;
  const bounds =
    operator === "=" && attribute.kind === "input" ? { min: attribute.min, max: attribute.max } : {};
  fillBox(
    value,
    {
      id,
      axes,
      // A relative override changes by a number, whatever the unit; its result is known only in the running sheet.
      type: operator === "=" ? attribute.type : undefined,
      ...bounds,
      isOverride: true,
      item: at.item,
      text: at.text,
      report,
      tables: new TableReader(() => ({ problem: "not here" }), report),
      tableColumn: () => undefined,
      reads: new Set(),
      set: (index, scalar) => {
        cells[numbers.get(index) as number] = scalar;
      },
    },
    positions,
  );
  if (report.diagnostics.length > before) return undefined;
  const holdsNumbers = attribute.type?.kind !== "word" || !["text", "boolean"].includes(attribute.type.word);
  if (operator !== "=" && (!holdsNumbers || cells.some((cell) => typeof cell !== "number"))) {
    report.add(
      "scenario/relative-text",
      { item: at.item, span: declaration.valueSpan },
      { attribute: id, operator },
    );
    return undefined;
  }
  if (cells.some((cell) => isErrorValue(cell))) return undefined;
  return value.kind === "expression" ? cells.slice(0, 1) : cells;
}

function holdsTable(value: InputValue): boolean {
  const pending: InputValue[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "table") return true;
    if (next.kind === "members") pending.push(...next.entries.map((entry) => entry.value));
  }
  return false;
}

interface Painted {
  readonly item: number;
  readonly text: string;
  readonly span: OverrideDeclaration["span"];
  readonly cells: number;
}

/** Remembers per attribute which override covers each cell last. */
class OverlapPainter {
  private readonly report: CheckReport;
  private readonly byAttribute = new Map<string, { owners: Int32Array; painted: Painted[] }>();

  constructor(report: CheckReport) {
    this.report = report;
  }

  paint(attribute: CheckedAttribute, override: CheckedOverride, at: { item: number; text: string }): void {
    const { axes, id } = attribute;
    let table = this.byAttribute.get(id);
    if (table === undefined) {
      const { outer, periods } = shapeOf(axes);
      table = { owners: new Int32Array(outer * periods).fill(-1), painted: [] };
      this.byAttribute.set(id, table);
    }
    const { owners, painted } = table;
    const own = painted.length;
    const covered = new Map<number, number>();
    forEachCell(axes, override.positions, (index) => {
      const owner = owners[index] as number;
      covered.set(owner, (covered.get(owner) ?? 0) + 1);
      owners[index] = own;
    });
    const cells = cellCount(axes, override.positions);
    painted.push({ ...at, span: override.span, cells });
    this.judge([...covered], painted, at);
  }

  private judge(
    covered: readonly (readonly [number, number])[],
    painted: readonly Painted[],
    at: { item: number; text: string },
  ): void {
    const current = painted.at(-1) as Painted;
    const place = { item: at.item, span: current.span };
    const [only] = covered;
    if (covered.length <= 1) {
      const owner = only === undefined ? undefined : painted[only[0]];
      if (owner === undefined || owner.cells !== current.cells) return;
      const notes = [this.report.note("first here", owner)];
      this.report.add("scenario/repeated-override", place, { target: at.text }, { notes });
      return;
    }
    for (const [owner, count] of covered) {
      const other = painted[owner];
      if (other === undefined) continue;
      const notes = [this.report.note("the other one", other)];
      // A narrower one above keeps all its cells under this one; anything else overlaps in part.
      if (count === other.cells) {
        this.report.add(
          "scenario/narrow-before-wide",
          place,
          { narrow: other.text, wide: at.text },
          { notes },
        );
      } else if (other.cells <= current.cells || covered.length === 2) {
        this.report.add("scenario/overlap", place, { left: other.text, right: at.text }, { notes });
      } else continue;
      return;
    }
  }
}

/**
 * Checks that the scenarios extend each other in order: what each extends is among them or is `base`, and no scenario
 * extends itself. Give each scenario with its document.
 */
export function checkExtends(
  scenarios: readonly { readonly document: ScenarioDocument; readonly scenario: CheckedScenario }[],
): CheckResult<readonly CheckedScenario[]> {
  const byName = new Map<string, CheckedScenario>();
  const reports = scenarios.map(({ document }) => new CheckReport(document.source, listOf(document)));
  for (const { scenario } of scenarios) if (!byName.has(scenario.name)) byName.set(scenario.name, scenario);
  const ordered: CheckedScenario[] = [];
  scenarios.forEach(({ document, scenario }, i) => {
    const report = reports[i] as CheckReport;
    const item = document.items.findIndex(({ declaration }) => declaration?.kind === "scenario");
    const header = document.items[item]?.declaration as ScenarioHeader;
    if (byName.get(scenario.name) !== scenario) {
      report.add(
        "model/duplicate-name",
        { item, span: header.name.span },
        { what: "scenario", name: scenario.name },
      );
      return;
    }
    const span = header.extends?.span ?? header.name.span;
    const chain: CheckedScenario[] = [];
    for (let at: CheckedScenario | undefined = scenario; at !== undefined; ) {
      if (chain.includes(at)) {
        const path = [...chain, at].map((one) => one.name).join(" → ");
        report.add("scenario/extends-cycle", { item, span }, { path });
        return;
      }
      chain.push(at);
      const name: string | undefined = at.extends;
      const next: CheckedScenario | undefined = name === undefined ? undefined : byName.get(name);
      if (name !== undefined && name !== "base" && next === undefined && at === scenario) {
        const suggestion = nearestName(name, byName.keys());
        report.add("scenario/unknown-parent", { item, span }, presentFields({ name, suggestion }));
        return;
      }
      at = next;
    }
    for (const one of chain.reverse()) if (!ordered.includes(one)) ordered.push(one);
  });
  const diagnostics = reports.flatMap((report) => report.sorted());
  return diagnostics.length > 0 ? { diagnostics } : { value: ordered, diagnostics };
}
