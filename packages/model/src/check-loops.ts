/** Checks the cycles of a model against its `loop` lines. */
import { bind } from "./check-formulas.ts";
import { remember, stillHolds } from "./check-memory.ts";
import type { CheckReport } from "./check-report.ts";
import { LineFormula, readsOf } from "./checked-line.ts";
import { circularOf } from "./circular.ts";
import { mayHaveNewCycle } from "./coming-cycles.ts";
import { type Cycle, type CycleGraph, cycleGraph, findCycles, isLagReach, isStock } from "./cycles.ts";
import type { CheckedFormula, CheckedLoop, CheckedModel, LoopLine } from "./declarations.ts";
import { type DeclaredAttribute, type DeclaredNames, isInputLine } from "./declared-names.ts";
import { groupsOf, LoopGroups } from "./edited-cycles.ts";
import { waysOut } from "./loop-advice.ts";
import { LoopStarts } from "./loop-start.ts";
import { suggestName } from "./model-scope.ts";
import { presentFields } from "./present-fields.ts";

const toleranceDefault = 1e-9;
const iterationsDefault = 100;

/** `isOrdered` says of the formulas on plain lines that none reads what stands behind it. */
export function checkLoops(
  list: readonly CheckedFormula[],
  { names, isOrdered }: { readonly names: DeclaredNames; readonly isOrdered: boolean },
  report: CheckReport,
  previous: CheckedModel | undefined,
): { readonly loops: CheckedLoop[]; readonly groups: LoopGroups } {
  const none = { loops: [], groups: new LoopGroups(new Map()) };
  if (stayLoopless(list, names, previous)) return none;
  if (names.loops.length === 0 && isOrdered && areInFileOrder(list, names)) return none;
  const lines = knownLoops(names, report);
  const graph = cycleGraph(circularOf(list));
  const cuts = new Set<number>();
  for (const id of lines.keys()) {
    const index = graph.indexes.get(id);
    if (index !== undefined) cuts.add(index);
  }
  const found = findCycles(graph, cuts);
  for (const cycle of found.cycles) reportCycle(cycle, graph, names, report);
  // With broken formulas about, a loop may be broken only by their absence.
  const isComplete = lines.size > 0 && areAllThere(list, names);
  const loops: CheckedLoop[] = [];
  const formulas = new Map(lines.size === 0 ? [] : list.map((formula) => [formula.id, formula]));
  const starts = new LoopStarts(list, graph, found);
  const former = new Map((previous?.loops ?? []).map((loop) => [loop.item, loop]));
  for (const [id, line] of lines) {
    const index = graph.indexes.get(id) ?? -1;
    const formula = formulas.get(id);
    if (formula === undefined) continue;
    if (isStock(formula)) {
      report.add(
        "model/loop-on-stock",
        { item: line.at, span: line.declaration.name.span },
        { attribute: id },
      );
      continue;
    }
    if (!found.inLoop.has(index)) {
      if (isComplete) {
        const place = { item: line.at, span: line.declaration.span };
        report.add("model/needless-loop", place, { attribute: id }, { severity: "warning" });
      }
      continue;
    }
    const loop = checkLoop(line, formula, names, report, former.get(line.item.id));
    const name = loop?.start === undefined ? undefined : starts.readInLoop(loop.start, formula);
    if (name !== undefined) {
      const span = line.declaration.start?.span ?? line.declaration.span;
      report.add("model/loop-start-cycle", { item: line.at, span }, { attribute: formula.name, name });
    }
    if (loop !== undefined) loops.push(loop);
  }
  return { loops, groups: groupsOf(found, graph.formulas) };
}

/** Whether every formula that is declared was checked. */
function areAllThere(list: readonly CheckedFormula[], { declared }: DeclaredNames): boolean {
  const written = list.filter(({ partOf }) => partOf === undefined);
  return written.length === declared.filter((attribute) => !isInputLine(attribute)).length;
}

/** Whether all formulas but those on plain lines read only what stands before them: then there are no cycles. */
function areInFileOrder(list: readonly CheckedFormula[], { attributes }: DeclaredNames): boolean {
  const placeOf = (id: string): number =>
    (attributes.get(id) as Partial<DeclaredAttribute> | undefined)?.at ?? -1;
  return list.every((formula) => {
    if (formula instanceof LineFormula) return true;
    const own = placeOf(formula.id);
    return readsOf(formula).every((id) => placeOf(id) < own);
  });
}

/** With more formulas changed than this, the cycles of the whole model are searched. */
const changedMax = 100;

/** Whether no cycle can have come since a model without loops: it would run through a formula that changed. */
function stayLoopless(
  formulas: readonly CheckedFormula[],
  names: DeclaredNames,
  previous: CheckedModel | undefined,
): boolean {
  if (previous === undefined || previous.loops.length > 0 || names.loops.length > 0) return false;
  const changed: CheckedFormula[] = [];
  for (const formula of formulas) {
    if (previous.attributes.get(formula.id) === formula) continue;
    if (changed.length === changedMax) return false;
    changed.push(formula);
  }
  if (changed.length === 0) return true;
  const now = new Map(formulas.map((formula) => [formula.id, formula]));
  return !mayHaveNewCycle(changed, now);
}

type DeclaredLoop = DeclaredNames["loops"][number];

/** The loop lines by the attribute they name; wrong and repeated ones are reported. */
function knownLoops(names: DeclaredNames, report: CheckReport): Map<string, DeclaredLoop> {
  const lines = new Map<string, DeclaredLoop>();
  for (const line of names.loops) {
    const { declaration, at } = line;
    const id = `${declaration.block}.${declaration.name.text}`;
    const place = { item: at, span: declaration.name.span };
    const attribute = names.attributes.get(id) as DeclaredAttribute | undefined;
    const first = lines.get(id);
    if (attribute === undefined) {
      const suggestion = suggestName(names, declaration.block, [declaration.name.text]);
      report.add("model/unknown-attribute", place, presentFields({ name: id, suggestion }));
    } else if (attribute.declaration?.kind !== "formula") {
      report.add("model/loop-on-input", place, { attribute: id });
    } else if (first !== undefined) {
      const notes = [report.note("first here", { item: first.at, span: first.declaration.name.span })];
      report.add("model/duplicate-name", place, { what: "loop", name: id }, { notes });
    } else lines.set(id, line);
  }
  return lines;
}

function checkLoop(
  line: DeclaredLoop,
  formula: CheckedFormula,
  names: DeclaredNames,
  report: CheckReport,
  former: CheckedLoop | undefined,
): CheckedLoop | undefined {
  const { declaration, item, at } = line;
  const old = former?.attribute === formula.id ? former : undefined;
  const block = formula.block;
  if (old !== undefined && item.diagnostics.length === 0) {
    if (stillHolds(old, { text: item.text, block, axes: formula.axes, names }) !== undefined) return old;
  }
  const bound = bindStart(declaration, { at, text: item.text, block, axes: formula.axes }, names, report);
  if (declaration.start !== undefined && bound?.formula === undefined) return undefined;
  const hasOne = declaration.toleranceAbsolute !== undefined || declaration.toleranceRelative !== undefined;
  const loop = presentFields<CheckedLoop>({
    attribute: formula.id,
    start: bound?.formula,
    toleranceAbsolute: declaration.toleranceAbsolute ?? (hasOne ? 0 : toleranceDefault),
    toleranceRelative: declaration.toleranceRelative ?? toleranceDefault,
    iterationsMax: declaration.iterationsMax ?? iterationsDefault,
    method: declaration.method ?? (declaration.damping === undefined ? undefined : "damped"),
    damping: declaration.damping,
    begin: declaration.begin,
    item: item.id,
    span: declaration.span,
  });
  remember(
    loop,
    bound?.memory ?? { text: item.text, block, axes: formula.axes, resolved: [], diagnostics: [] },
  );
  return loop;
}

function bindStart(
  declaration: LoopLine,
  place: { at: number; text: string; block: string; axes: CheckedFormula["axes"] },
  names: DeclaredNames,
  report: CheckReport,
): ReturnType<typeof bind> | undefined {
  if (declaration.start === undefined) return undefined;
  return bind(declaration.start, { ...place, isUncertain: false }, names, report);
}

function reportCycle(cycle: Cycle, graph: CycleGraph, names: DeclaredNames, report: CheckReport): void {
  const members = cycle.path.map((i) => graph.formulas[i] as CheckedFormula);
  const first = members[0] as CheckedFormula;
  // A loop is not cut at a stock.
  const cuttable = members.find((member) => !isStock(member)) ?? first;
  const declared = names.attributes.get(first.partOf ?? first.id) as DeclaredAttribute;
  const place = { item: declared.at, span: first.span };
  const ids = members.map((member, i) => {
    const name = member.partOf === undefined ? member.id : member.name;
    const labels = cycle.labels?.[i] ?? [];
    return labels.length === 0 ? name : `${name}[${labels.join(", ")}]`;
  });
  const path = pathOf(ids);
  switch (cycle.kind) {
    case "undeclared": {
      // At no lag a stock reads what its first value is made of, and nothing else.
      if (members.some((member) => isStock(member))) {
        report.add("model/initial-cycle", place, { path });
        return;
      }
      const second = members[1] as CheckedFormula;
      const frequency = second.axes.find((axis) => axis.time !== undefined)?.name;
      const formulaOf = (id: string): CheckedFormula | undefined => {
        const index = graph.indexes.get(id);
        return index === undefined ? undefined : graph.formulas[index];
      };
      const { method, stepsPerPeriod: steps } = names.integration;
      const isBetween = isBetweenStocks(members, graph);
      const ways = waysOut(first, second, {
        formulaOf,
        stepsPerPeriod: isBetween ? steps : 1,
        areMembersTogether: isBetween && (steps > 1 || method === "rk4"),
      });
      report.add("model/undeclared-loop", place, presentFields({ path, within: frequency, ways }), {
        showsSource: false,
      });
      return;
    }
    case "stock":
      report.add("model/stock-cycle", place, { path, isByMoving: cycle.isByMoving });
      return;
    case "across":
      report.add("model/loop-across-periods", place, { path, name: cuttable.name });
      return;
    case "mixed":
      report.add("model/mixed-lags", place, {
        path:
          members.length === 2 || (ids.length === 3 && members[0] === members[1]) ? `\`${first.id}\`` : path,
        name: cuttable.name,
        reads: [writtenReach(graph, cycle.lagFrom, "lag"), writtenReach(graph, cycle.leadFrom, "lead")],
      });
  }
}

/** Whether a stock flows by what the members say, or they read one. */
function isBetweenStocks(members: readonly CheckedFormula[], graph: CycleGraph): boolean {
  const stocks = new Set(graph.formulas.filter(isStock).map(({ id }) => id));
  if (stocks.size === 0) return false;
  const ids = new Set(members.map(({ id }) => id));
  const reads = ({ formula }: CheckedFormula, of: ReadonlySet<string>): boolean =>
    formula.references.some(({ attribute }) => of.has(attribute));
  return (
    members.some((each) => reads(each, stocks)) ||
    graph.formulas.some((each) => stocks.has(each.id) && reads(each, ids))
  );
}

/** Of a longer path both ends are told. */
const idsToldMax = 10;

function pathOf(ids: readonly string[]): string {
  if (ids.length <= idsToldMax) return ids.join(" → ");
  const half = idsToldMax / 2;
  const between = `… ${ids.length - idsToldMax} more …`;
  return [...ids.slice(0, half), between, ...ids.slice(-half)].join(" → ");
}

/** The first lag or lead of a formula as it is written: `stock.level[t-1]`. */
function writtenReach(graph: CycleGraph, from: number, kind: "lag" | "lead"): string {
  const { formula } = graph.formulas[from] as CheckedFormula;
  for (const reference of formula.references) {
    if (!graph.indexes.has(reference.attribute) || !isLagReach(reference, kind)) continue;
    const access = reference.access[reference.axes.findIndex((axis) => axis.time !== undefined)];
    if (access?.kind === "current")
      return `${reference.attribute}[t${access.offset < 0 ? "" : "+"}${access.offset}]`;
    return `${reference.attribute}[…]`;
  }
  return "…";
}
