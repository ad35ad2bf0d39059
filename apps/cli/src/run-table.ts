/**
 * Results for reading: a section a block, then the checks and loops.
 *
 * Over time, periods run to the right and attributes with their members downwards; without time, members run downwards
 * and attributes to the right; a block without axes is a list. Several scenarios stand side by side: as columns in a
 * list, else as lines under each other (over time) or columns beside each other (without).
 */
import type { CheckedAttribute } from "@reckon/model";
import {
  type CellRange,
  type CheckOutcome,
  type LoopOutcome,
  roundText,
  type ScenarioName,
  type Sheet,
  verdictText,
} from "@reckon/sheet";
import { type Axis, type Column, isErrorValue, type Scalar } from "@reckon/value";
import { cellName, labelsAt } from "./cell-labels.ts";
import { patternOf } from "./display-pattern.ts";
import { groupedLoops, loopTitle } from "./loop-warnings.ts";
import type { Output } from "./output.ts";
import { alignedCells, alignedTexts } from "./scalar-text.ts";
import {
  type CellTexts,
  cutTo,
  foldCandidates,
  foldRows,
  givenCells,
  type LazyLine,
  type LazyTable,
  tablePieces,
  widestOf,
} from "./text-table.ts";
import { unitText } from "./unit-text.ts";

export interface TableRequest {
  readonly sheet: Sheet;
  readonly scenarios: readonly ScenarioName[];
  readonly ids: readonly string[];
  readonly output: Output;
  /** Folds nothing, in either direction. */
  readonly isFull: boolean;
}

/** What a section needs: the request, and which cells of a scenario's attribute are not to be trusted. */
interface TableFacts extends TableRequest {
  readonly unconverged: ReadonlyMap<ScenarioName, ReadonlyMap<string, readonly CellRange[]>>;
  /** Set as soon as a sign is written, which then needs a line that says what it means. */
  readonly told: { hasSigns: boolean };
}

/** Before a number that is in, or behind, a loop that has not converged. */
const unconvergedSign = "~";

const membersShownMax = 12;
const rowsShownMax = 24;
const failingCellsShownMax = 3;

/** The text of all sections in pieces, with a line end behind each line. Cost: the cells that are shown, twice. */
export function* runTable(request: TableRequest): Generator<string> {
  const { sheet, scenarios, output } = request;
  const { model } = sheet;
  const title = model.label === undefined ? model.name : `${model.name}  ${model.label}`;
  const named = scenarios.filter((name) => name !== "base" || scenarios.length > 1);
  const heading = named.length === 0 ? title : `${title} · ${named.join(", ")}`;
  yield `${(request.isFull ? heading : cutTo(heading, output.width)).trimEnd()}\n`;
  const unconverged = new Map(scenarios.map((scenario) => [scenario, sheet.unconverged(scenario)]));
  const facts = { ...request, unconverged, told: { hasSigns: false } };
  for (const group of groupsOf(request)) {
    yield "\n";
    yield* section(facts, group);
  }
  const endings = scenarios.flatMap((scenario) => ending(sheet, scenario, scenarios.length > 1, output));
  if (facts.told.hasSigns) {
    endings.push(`${unconvergedSign} in or behind a loop that has not converged`);
  }
  if (endings.length > 0) yield "\n";
  for (const line of endings) yield `${line.trimEnd()}\n`;
}

interface Group {
  readonly block: string;
  readonly axes: readonly Axis[];
  readonly attributes: readonly CheckedAttribute[];
}

/** Neighbours of one block over the same axes. */
function groupsOf({ sheet, ids }: TableRequest): Group[] {
  const groups: { block: string; axes: readonly Axis[]; attributes: CheckedAttribute[] }[] = [];
  for (const id of ids) {
    const attribute = sheet.attribute(id);
    if (attribute === undefined) continue;
    const last = groups.at(-1);
    const isSame =
      last?.block === attribute.block &&
      last.axes.length === attribute.axes.length &&
      last.axes.every((axis, i) => axis.name === attribute.axes[i]?.name);
    if (isSame) last.attributes.push(attribute);
    else groups.push({ block: attribute.block, axes: attribute.axes, attributes: [attribute] });
  }
  return groups;
}

function* section(request: TableFacts, group: Group): Generator<string> {
  const { output, sheet } = request;
  const label = sheet.model.blocks.find((block) => block.name === group.block)?.label;
  const by = group.axes.length === 0 ? "" : `  by ${group.axes.map((axis) => axis.name).join(", ")}`;
  const heading = output.style("bold", group.block) + by + (label === undefined ? "" : `  ${label}`);
  yield `${heading.trimEnd()}\n`;
  const width = request.isFull ? Number.POSITIVE_INFINITY : output.width;
  const isTimed = group.axes.at(-1)?.time !== undefined;
  const tables =
    group.axes.length === 0
      ? [listTable(request, group)]
      : isTimed
        ? [timeTable(request, group, width)]
        : memberTables(request, group, width);
  for (const table of tables)
    for (const piece of tablePieces(table, width)) yield colourErrors(piece, output);
}

const noCells: CellTexts = givenCells([]);

/** One attribute a line, one scenario a column. */
function listTable(facts: TableFacts, group: Group): LazyTable {
  const { sheet, scenarios } = facts;
  const lines = group.attributes.map((attribute) => {
    const values = scenarios.map((scenario) => sheet.column(attribute.id, scenario).get(0));
    const texts = alignedTexts(values, patternOf(attribute)).map((text, i) => {
      const isMarked = markedIn(facts, scenarios[i] as string, attribute.id);
      if (isMarked === undefined || !isMarkable(values[i] as Scalar) || !isMarked(0)) return text;
      facts.told.hasSigns = true;
      return unconvergedSign + text;
    });
    return { label: `  ${titleOf(attribute)}`, cells: givenCells(texts) };
  });
  const header = givenCells(scenarios.map((name) => (scenarios.length > 1 ? name : "")));
  return { header, lines: () => lines };
}

/** Which flat cells of an attribute are marked; undefined where none is. Cost: a search among its ranges for each. */
function markedIn(
  { unconverged }: TableFacts,
  scenario: ScenarioName,
  id: string,
): ((cell: number) => boolean) | undefined {
  const ranges = unconverged.get(scenario)?.get(id);
  if (ranges === undefined) return undefined;
  return (cell) => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ranges[middle] as CellRange).to <= cell) low = middle + 1;
      else high = middle;
    }
    return low < ranges.length && (ranges[low] as CellRange).from <= cell;
  };
}

function isMarkable(value: Scalar): boolean {
  return value !== null && !isErrorValue(value);
}

/** The same cells, with the sign before those that are marked. */
function markedCells(
  { told }: TableFacts,
  cells: CellTexts,
  isMarked: ((at: number) => boolean) | undefined,
  valueAt: (at: number) => Scalar,
): CellTexts {
  if (isMarked === undefined) return cells;
  const hasSign = (at: number): boolean => isMarked(at) && isMarkable(valueAt(at));
  return {
    length: cells.length,
    textAt: (at) => {
      if (!hasSign(at)) return cells.textAt(at);
      told.hasSigns = true;
      return unconvergedSign + cells.textAt(at);
    },
    widthAt: (at) => (hasSign(at) ? unconvergedSign.length : 0) + cells.widthAt(at),
  };
}

/**
 * One attribute and member a line (and scenario), one period a column. Of a million periods only those get texts that
 * might fit; what is left out here would be folded away.
 */
function timeTable(request: TableFacts, group: Group, width: number): LazyTable {
  const periods = (group.axes.at(-1) as Axis).labels;
  const candidates = foldCandidates(periods.length, width);
  const header = givenCells(candidates.map((t) => periods[t] as string));
  return { header, lines: () => timeLines(request, group, periods.length, candidates) };
}

function* timeLines(
  facts: TableFacts,
  group: Group,
  periods: number,
  candidates: readonly number[],
): Generator<LazyLine> {
  const { sheet, scenarios, isFull } = facts;
  const outer = group.axes.slice(0, -1);
  const members = outer.reduce((count, axis) => count * axis.labels.length, 1);
  const { shown } = foldRows(members, isFull ? Number.POSITIVE_INFINITY : membersShownMax);
  const hasHeading = outer.length > 0 || scenarios.length > 1;
  for (const attribute of group.attributes) {
    const columns = scenarios.map((scenario) => sheet.column(attribute.id, scenario));
    if (hasHeading) yield { label: `  ${titleOf(attribute)}`, cells: noCells };
    for (const member of shown) {
      if (member === null) {
        yield { label: `    … ${members - shown.length + 1} more`, cells: noCells };
        continue;
      }
      for (const [i, scenario] of scenarios.entries()) {
        const column = columns[i] as Column;
        const name = [...labelsAt(outer, member), ...(scenarios.length > 1 ? [scenario] : [])].join(" · ");
        const label = hasHeading ? `    ${name}` : `  ${titleOf(attribute)}`;
        const first = member * periods;
        const valueAt = (t: number): Scalar => column.get(first + t);
        const isMarked = markedIn(facts, scenario, attribute.id);
        const all = alignedCells(valueAt, periods, patternOf(attribute));
        const marked = markedCells(facts, all, isMarked && ((t) => isMarked(first + t)), valueAt);
        yield { label, cells: cellsAmong(marked, candidates) };
      }
    }
  }
}

/** Those at certain places. */
function cellsAmong({ textAt, widthAt }: CellTexts, places: readonly number[]): CellTexts {
  return {
    length: places.length,
    textAt: (at) => textAt(places[at] as number),
    widthAt: (at) => widthAt(places[at] as number),
  };
}

interface MemberColumn {
  readonly attribute: string;
  readonly unit: string;
  readonly scenario: string;
  readonly cells: CellTexts;
}

/** One member a line, one attribute (and scenario) a column; as many tables under each other as the width asks. */
function* memberTables(request: TableFacts, group: Group, width: number): Generator<LazyTable> {
  const { sheet, scenarios } = request;
  const members = group.axes.reduce((count, axis) => count * axis.labels.length, 1);
  const { shown } = foldRows(members, request.isFull ? Number.POSITIVE_INFINITY : rowsShownMax);
  const positions = shown.filter((position) => position !== null);
  const columns = group.attributes.flatMap((attribute) =>
    scenarios.map((scenario): MemberColumn => {
      const column = sheet.column(attribute.id, scenario);
      const valueAt = (row: number): Scalar => column.get(positions[row] as number);
      const isMarked = markedIn(request, scenario, attribute.id);
      const aligned = alignedCells(valueAt, positions.length, patternOf(attribute));
      const cells = markedCells(
        request,
        aligned,
        isMarked && ((row) => isMarked(positions[row] as number)),
        valueAt,
      );
      return { attribute: attribute.name, unit: unitText(attribute.type) ?? "", scenario, cells };
    }),
  );
  const labelOf = (position: number): string => `  ${labelsAt(group.axes, position).join(" · ")}`;
  for (const chunk of request.isFull ? [columns] : chunksOf(columns, positions.map(labelOf), width))
    yield {
      header: givenCells(chunk.map((column) => column.attribute)),
      lines: function* () {
        const cellsOf = (texts: readonly string[]): LazyLine => ({ label: "", cells: givenCells(texts) });
        if (scenarios.length > 1) yield cellsOf(chunk.map((column) => column.scenario));
        if (chunk.some((column) => column.unit !== "")) yield cellsOf(chunk.map((each) => each.unit));
        let row = 0;
        for (const position of shown) {
          if (position === null) {
            yield { label: `  … ${members - positions.length} more`, cells: noCells };
            continue;
          }
          yield { label: labelOf(position), cells: rowOf(chunk, row) };
          row += 1;
        }
      },
    };
}

function rowOf(chunk: readonly MemberColumn[], row: number): CellTexts {
  return {
    length: chunk.length,
    textAt: (at) => (chunk[at] as MemberColumn).cells.textAt(row),
    widthAt: (at) => (chunk[at] as MemberColumn).cells.widthAt(row),
  };
}

/** As many columns beside each other as fit, one at least. */
function* chunksOf(
  columns: readonly MemberColumn[],
  labels: readonly string[],
  width: number,
): Generator<MemberColumn[]> {
  const labelWidth = widestOf(labels);
  let at = 0;
  while (at < columns.length) {
    const chunk: MemberColumn[] = [];
    for (let room = width - labelWidth; at < columns.length; at++) {
      const column = columns[at] as MemberColumn;
      const { attribute, unit, scenario, cells } = column;
      const texts = labels.map((_, row) => cells.textAt(row));
      const needed = widestOf([attribute, unit, scenario, ...texts]) + 2;
      if (chunk.length > 0 && needed > room) break;
      room -= needed;
      chunk.push(column);
    }
    yield chunk;
  }
}

function titleOf(attribute: CheckedAttribute): string {
  const unit = unitText(attribute.type);
  return unit === undefined ? attribute.name : `${attribute.name}  ${unit}`;
}

function colourErrors(line: string, output: Output): string {
  return line.replaceAll(
    /#(?:NULL!|DIV\/0!|VALUE!|REF!|NAME\?|NUM!|N\/A|CALC!|SPILL!|CYCLE!|BUSY!)/g,
    (code) => output.style("red", code),
  );
}

/** Checks and loops of one scenario. */
function ending(sheet: Sheet, scenario: ScenarioName, isNamed: boolean, output: Output): string[] {
  const prefix = isNamed ? `${scenario}: ` : "";
  const checks = sheet.checks(scenario).map((check) => prefix + checkLine(check, output));
  return [...checks, ...loopLines(sheet.loops(scenario)).map((line) => prefix + line)];
}

/** `✓ Debt is never negative`, or which cells fail. */
export function checkLine(check: CheckOutcome, output: Output): string {
  const name = nameOfCheck(check);
  if (check.state === "pass") return `${output.style("green", "✓")} ${name}`;
  const word = check.state === "fail" ? "fails" : "has errors";
  const cells = check.cells.slice(0, failingCellsShownMax).map((cell) => cell.at.join(", "));
  const rest = check.cells.length - cells.length;
  const places = `${cells.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`;
  const what = name === check.text ? name : `${name}: ${check.text}`;
  return `${output.style("red", "✗")} ${what} ${word}${places === "" ? "" : ` in ${places}`}`;
}

/** A check without a name is called by its formula: its number says nothing to a reader. */
function nameOfCheck({ name, text }: CheckOutcome): string {
  return /^check \d+$/.test(name) ? text : name;
}

function iterationsText(count: number): string {
  return `${count} iteration${count === 1 ? "" : "s"}`;
}

function lastChange({ lastDelta }: LoopOutcome): string {
  return Number.isFinite(lastDelta) ? `, last change ${roundText(lastDelta)}` : "";
}

/** One line a loop: in how many periods it converged, and where it did not. */
function loopLines(records: readonly LoopOutcome[]): string[] {
  return groupedLoops(records).map(({ loop, outcomes }) => {
    const most = outcomes.reduce((max, record) => Math.max(max, record.iterations), 0);
    const open = outcomes.filter((record) => record.verdict !== "converged");
    const first = open[0];
    if (first === undefined)
      return `loop ${loopTitle(loop)}: converged ${outcomes.length === 1 ? "in" : `${outcomes.length} times, at most`} ${iterationsText(most)}`;
    const where = cellName(loop, first.at);
    const how =
      first.verdict === "error"
        ? "an error value"
        : `${iterationsText(first.iterations)}, ${verdictText(first.verdict)}${lastChange(first)}`;
    if (outcomes.length === 1) return `loop ${loopTitle(loop)}: not converged, ${how}`;
    return `loop ${loopTitle(loop)}: ${open.length} of ${outcomes.length} not converged, first ${where}: ${how}`;
  });
}
