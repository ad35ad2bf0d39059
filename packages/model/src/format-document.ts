/**
 * The canonical layout of model and scenario files.
 *
 *   - Two spaces of indentation in a block; one blank line at most; no spaces at line ends; a final line end.
 *   - Neighbouring inputs, neighbouring formulas and neighbouring overrides stand in columns: name, type, `=`, value, clauses.
 *   - Tokens are spaced as `token-spacing` says; clauses are two spaces apart; comments stay where they are.
 *   - A declaration over several lines keeps its lines and their relative indentation.
 *   - A line with a problem stays as it is. Line ends, the byte order mark and every token of a formula stay.
 *
 * Formatting what is formatted changes nothing, and formatting never changes what the file means. JSON and YAML
 * scenarios are left as they are. Cost: linear.
 */
import { lexToken, type Span, tokenize } from "@reckon/formula";
import type { Item, ModelDocument, ScenarioDocument } from "./api.ts";
import type { ModelDeclaration, ScenarioDeclaration } from "./declarations.ts";
import { parseModel, parseScenario } from "./document.ts";
import { lineEndOf } from "./document-edit.ts";
import { logicalLines } from "./logical-line.ts";
import { addClauses, addDeclaration, noParts, withSpacing } from "./token-spacing.ts";

/** Values longer than this do not push the clauses of their neighbours to the right. */
const alignedValueMax = 48;

type AnyDeclaration = ModelDeclaration | ScenarioDeclaration;

/** One line before it is aligned: cells of the columns it shares with its group, and what stands behind them. */
interface Row {
  readonly indentation: string;
  /** Rows of the same group next to each other are aligned; without a group a row stands alone. */
  readonly group?: string;
  readonly cells: readonly string[];
  readonly clauses: string;
  readonly comment: string;
}

/** The document in canonical layout; declarations keep their ids. */
export function formatDocument<T extends ModelDocument | ScenarioDocument>(document: T): T {
  if ("format" in document && document.format !== "reckon") return document;
  const text = formattedText(document);
  return ("format" in document
    ? parseScenario(document.source, text, document)
    : parseModel(document.source, text, document as ModelDocument)) as unknown as T;
}

function formattedText(document: ModelDocument | ScenarioDocument): string {
  const rows: (Row | string)[] = [];
  let isInBlock = "format" in document;
  let indentationMax = 2;
  for (const item of document.items as readonly Item<AnyDeclaration>[]) {
    const text = item.text.replace(/^\uFEFF/, "");
    if (item.declaration?.kind === "block") isInBlock = true;
    if (
      item.diagnostics.length > 0 ||
      (item.declaration === undefined && text.trim() !== "" && !isTrivia(text))
    ) {
      // Blanks at a line end are part of a text that is not closed.
      const trimmed = linesOf(text).map((line) => line.trimEnd());
      rows.push(...(hasSameTokens(text, trimmed) ? trimmed : linesOf(text)));
    } else if (item.declaration === undefined) {
      for (const line of linesOf(text)) rows.push(triviaLine(line, isInBlock));
    } else {
      // Places in the declaration count a byte order mark.
      const laid = rowsOf(item.declaration, item.text, indentationMax);
      rows.push(...(hasSameTokens(item.text, laid) ? laid : linesOf(text)));
    }
    // What follows an unclosed bracket is no part of it because it is indented no deeper.
    indentationMax = item.diagnostics.length > 0 ? text.length - text.trimStart().length : 2;
  }
  const lines = oneBlankLine(aligned(rows));
  const end = lineEndOf(document);
  const mark = (document.items[0]?.text ?? "").startsWith("\uFEFF") ? "\uFEFF" : "";
  return mark + lines.map((line) => line + end).join("");
}

/**
 * Whether the rows hold the tokens of the text they were made of. Layout puts a line together from the parts that were
 * read; should a part ever be left out, the line stays as it is rather than lose it.
 */
function hasSameTokens(text: string, rows: readonly (Row | string)[]): boolean {
  const lines = rows.map((row) =>
    typeof row === "string" ? row : [...row.cells, row.clauses, row.comment].join(" "),
  );
  return tokensOf(lines.join("\n")) === tokensOf(text);
}

function tokensOf(text: string): string {
  return tokenize(text)
    .tokens.map((token) => token.text)
    .join("\n");
}

function isTrivia(text: string): boolean {
  return logicalLines(text).every((line) => line.kind === "trivia");
}

/** The lines of a text without their ends; an end at the very end makes no further line. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function triviaLine(line: string, isInBlock: boolean): string {
  const comment = line.trim();
  if (comment === "") return "";
  return isInBlock && /^\s/.test(line) ? `  ${comment}` : comment;
}

function oneBlankLine(lines: readonly string[]): string[] {
  const kept: string[] = [];
  for (const line of lines) {
    if (line === "" && (kept.length === 0 || kept.at(-1) === "")) continue;
    kept.push(line);
  }
  while (kept.at(-1) === "") kept.pop();
  return kept;
}

/* ------------------------------------------------------------------ one declaration */

function rowsOf(declaration: AnyDeclaration, text: string, indentationMax: number): (Row | string)[] {
  const line = logicalLines(text)[0];
  if (line === undefined) return [];
  const { contentStart, contentEnd } = line;
  const content = text.slice(contentStart, contentEnd);
  const comment = text.slice(contentEnd).trim();
  const indentation = indentationOf(declaration, text).slice(0, indentationMax);
  const parts = noParts();
  addDeclaration(parts, text, declaration);
  addClauses(parts, text, clausesStart(declaration, contentStart, content), contentEnd);
  if (/[\r\n]/.test(content))
    return severalLines(withSpacing(text, contentStart, contentEnd, parts), comment, indentation);
  const inText = (span: Span): string => withSpacing(text, span.start, span.end, parts);
  const behind = (from: number): string => withSpacing(text, from, contentEnd, parts);
  const row = (cells: readonly string[], clauses: string, group?: string): Row[] => [
    group === undefined
      ? { indentation, cells, clauses, comment }
      : { indentation, cells, clauses, comment, group },
  ];
  switch (declaration.kind) {
    case "input":
    case "formula": {
      const type = declaration.typeSpan === undefined ? "" : inText(declaration.typeSpan);
      const name = `${declaration.kind === "input" ? "input " : ""}${declaration.name.text}${type === "" ? "" : ":"}`;
      const cells = [name, type, `= ${inText(declaration.valueSpan)}`];
      return row(cells, behind(declaration.valueSpan.end), declaration.kind);
    }
    case "override": {
      const target = `${declaration.isPin ? "pin " : ""}${inText(declaration.targetSpan)}`;
      const cells = [target, `${declaration.operator} ${inText(declaration.valueSpan)}`];
      return row(cells, behind(declaration.valueSpan.end), "override");
    }
    case "time":
      return row(
        [`time ${declaration.frequency} ${declaration.from.text}..${declaration.to.text}`],
        behind(declaration.to.span.end),
      );
    case "curve": {
      const [first, last] = [declaration.points[0], declaration.points.at(-1)];
      const points = inText({ start: first?.span.start ?? 0, end: last?.span.end ?? 0 });
      return row([`curve ${declaration.name.text}`, `= ${points}`], behind(last?.span.end ?? 0), "curve");
    }
    case "check":
      return row([`check ${inText(declaration.expression.span)}`], behind(declaration.expression.span.end));
    case "loop":
      return row([`loop ${declaration.name.text}`], behind(declaration.name.span.end));
    case "model":
    case "block":
    case "axis":
    case "use":
    case "scenario":
      return row([behind(contentStart)], "");
  }
}

/** Where the clauses of a line begin, or its label where it can have nothing else. */
function clausesStart(declaration: AnyDeclaration, contentStart: number, content: string): number {
  switch (declaration.kind) {
    case "input":
    case "formula":
    case "override":
      return declaration.valueSpan.end;
    case "check":
      return declaration.expression.span.end;
    case "loop":
      return declaration.name.span.end;
    case "time":
      return declaration.to.span.end;
    case "curve":
      return declaration.points.at(-1)?.span.end ?? contentStart;
    default:
      return contentStart + labelStart(declaration, content);
  }
}

function indentationOf(declaration: AnyDeclaration, text: string): string {
  switch (declaration.kind) {
    case "input":
    case "formula":
    case "curve":
    case "loop":
    case "override":
      return "  ";
    case "check":
      return /^[ \t]/.test(text) ? "  " : "";
    default:
      return "";
  }
}

/** Where the label of a header line begins: its last text in quotes. */
function labelStart(declaration: AnyDeclaration, content: string): number {
  if (!("label" in declaration) || declaration.label === undefined) return content.length;
  let start = content.length;
  for (let at = 0; ; ) {
    const token = lexToken(content, at, content.length);
    if (token.kind === "end") return start;
    if (token.kind === "text") start = token.start;
    at = token.end;
  }
}

/** A declaration over several lines: its lines moved as one, the first to its indentation. */
function severalLines(content: string, comment: string, indentation: string): string[] {
  const [first = "", ...rest] = linesOf(content).map((line) => spacesFirst(line.trimEnd()));
  const widths = rest.filter((line) => line !== "").map((line) => line.length - line.trimStart().length);
  const least = widths.reduce((smallest, width) => Math.min(smallest, width), Number.POSITIVE_INFINITY);
  const closes = rest.some(
    (line) => line.length - line.trimStart().length === least && /^\s*[)\]}]/.test(line),
  );
  const to = indentation.length + (closes ? 0 : 4);
  const moved = rest.map((line) =>
    line === "" ? "" : " ".repeat(line.length - line.trimStart().length - least + to) + line.trimStart(),
  );
  const lines = [indentation + first, ...moved];
  if (comment !== "") lines[lines.length - 1] += `  ${comment}`;
  return lines;
}

/** The line with its indentation in spaces. */
function spacesFirst(line: string): string {
  return line.replace(/^\s+/, (indentation) => indentation.replaceAll("\t", "  "));
}

/* ------------------------------------------------------------------ columns */

function aligned(rows: readonly (Row | string)[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < rows.length; ) {
    const row = rows[i] as Row | string;
    if (typeof row === "string" || row.group === undefined) {
      lines.push(typeof row === "string" ? row : written(row, [], 0));
      i += 1;
      continue;
    }
    const group: Row[] = [];
    for (
      let next = rows[i];
      typeof next === "object" && next.group === row.group;
      next = rows[i + group.length]
    ) {
      group.push(next);
    }
    for (const line of alignedGroup(group)) lines.push(line);
    i += group.length;
  }
  return lines;
}

function alignedGroup(group: readonly Row[]): string[] {
  const columns = (group[0]?.cells.length ?? 1) - 1;
  const widths: number[] = [];
  for (let c = 0; c < columns; c++)
    widths.push(widest(group.map((row) => columnsOf(row.cells[c] as string))));
  const values = group
    .filter((row) => row.clauses !== "")
    .map((row) => columnsOf(row.cells.at(-1) as string))
    .filter((width) => width <= alignedValueMax);
  const valueWidth = widest(values);
  return group.map((row) => written(row, widths, valueWidth));
}

function widest(widths: readonly number[]): number {
  return widths.reduce((most, width) => Math.max(most, width), 0);
}

function written(row: Row, widths: readonly number[], valueWidth: number): string {
  const head = widths
    .map((width, c) => (width === 0 ? "" : `${padded(row.cells[c] as string, width)} `))
    .join("");
  const value = row.cells.at(-1) as string;
  const clauses = row.clauses === "" ? value : `${padded(value, valueWidth)}  ${row.clauses}`;
  const comment = row.comment === "" ? "" : `  ${row.comment}`;
  return `${row.indentation}${head}${clauses}${comment}`.trimEnd();
}

/** How many characters a person counts; good enough for aligning names and values. */
function columnsOf(text: string): number {
  return [...text].length;
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - columnsOf(text)));
}
