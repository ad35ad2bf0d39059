/**
 * Templates: what plain lines have in common that differ only in names and numbers (see `LineScanner`).
 *
 * The scanner is not trusted. The first line of a template is read by the parser as well, and must give just the parts
 * that the scanner found, without a problem; else all lines of the template are left to the parser. What a line means
 * depends on the kinds of its tokens alone, so what holds for the first line holds for every other.
 */
import type { Diagnostic } from "@reckon/formula";
import type { Item } from "./api.ts";
import { constantOf } from "./constant.ts";
import type {
  AttributeType,
  FormulaDeclaration,
  InputDeclaration,
  ModelDeclaration,
} from "./declarations.ts";
import { LineScanner } from "./line-scanner.ts";
import { logicalLineAt } from "./logical-line.ts";
import { readModelLine } from "./read-model-line.ts";

/** What lines have in common; one object for all lines of a template. */
export interface LineTemplate {
  readonly hash: number;
  readonly codes: Uint16Array;
  readonly isInput: boolean;
  /** The type as text, equal where it means the same; a unit or `number`. Absent where none is written. */
  readonly typeText: string | undefined;
  /** How many texts stand behind the value: a label, a format. */
  readonly textCount: number;
  /** Whether such lines may be taken by the scanner. */
  readonly isKnown: boolean;
}

/** With more templates than this, the oldest are forgotten: lines that are all different gain nothing. */
const templatesMax = 20_000;

/** A file as it was read: lines are places in it. */
export interface FileText {
  readonly source: string;
  readonly text: string;
}

const noDiagnostics: readonly Diagnostic[] = [];

/**
 * An item over a plain line: text and declaration are made when somebody asks. It keeps the scanner's finding, so that
 * such a line is checked without its syntax tree.
 */
export class LineItem implements Item<ModelDeclaration> {
  readonly id: number;
  readonly file: FileText;
  readonly start: number;
  readonly end: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly block: string;
  readonly template: LineTemplate;
  #declaration: InputDeclaration | FormulaDeclaration | undefined;

  /** The line that `scanner` has just read. */
  constructor(
    id: number,
    file: FileText,
    start: number,
    scanner: LineScanner,
    block: string,
    template: LineTemplate,
  ) {
    this.id = id;
    this.file = file;
    this.start = start;
    this.end = scanner.end;
    this.nameStart = scanner.nameStart;
    this.nameEnd = scanner.nameEnd;
    this.block = block;
    this.template = template;
  }

  get name(): string {
    return this.file.text.slice(this.nameStart, this.nameEnd);
  }

  get text(): string {
    return this.file.text.slice(this.start, this.end);
  }

  get diagnostics(): readonly Diagnostic[] {
    return noDiagnostics;
  }

  get declaration(): InputDeclaration | FormulaDeclaration {
    this.#declaration ??= declarationOf(this.file.source, this.text, this.block);
    return this.#declaration as InputDeclaration | FormulaDeclaration;
  }
}

export function declarationOf(
  source: string,
  text: string,
  block: string,
): InputDeclaration | FormulaDeclaration | undefined {
  const { contentStart, contentEnd } = logicalLineAt(text, 0);
  const { declaration, diagnostics } = readModelLine(source, text, contentStart, contentEnd, block);
  if (diagnostics.length > 0 || (declaration?.kind !== "input" && declaration?.kind !== "formula"))
    return undefined;
  return declaration;
}

const templates = new Map<number, LineTemplate[]>();
let templateCount = 0;
let last: LineTemplate | undefined;

/** The template of the line that was scanned last; undefined when the line is for the parser. */
export function templateOf(
  scanner: LineScanner,
  file: FileText,
  start: number,
  block: string,
): LineTemplate | undefined {
  let found = last;
  if (found === undefined || !isSame(found, scanner)) {
    const alike = templates.get(scanner.hash);
    found = alike?.find((one) => isSame(one, scanner)) ?? learn(scanner, file, start, block);
    last = found;
  }
  return found.isKnown ? found : undefined;
}

function isSame({ hash, codes }: LineTemplate, scanner: LineScanner): boolean {
  if (hash !== scanner.hash || codes.length !== scanner.codeCount) return false;
  for (let i = 0; i < codes.length; i++) if (codes[i] !== scanner.codes[i]) return false;
  return true;
}

function learn(scanner: LineScanner, file: FileText, start: number, block: string): LineTemplate {
  const declaration = declarationOf(file.source, file.text.slice(start, scanner.end), block);
  const type = declaration?.type;
  const hasNumbers = type === undefined || type.kind === "unit" || type.word === "number";
  const template: LineTemplate = {
    hash: scanner.hash,
    codes: scanner.codes.slice(0, scanner.codeCount),
    isInput: scanner.isInput,
    typeText: typeText(type),
    textCount: scanner.textCount,
    isKnown: declaration !== undefined && hasNumbers && isAsScanned(declaration, scanner, file, start),
  };
  if (templateCount >= templatesMax) {
    templates.clear();
    templateCount = 0;
  }
  const alike = templates.get(template.hash);
  if (alike === undefined) templates.set(template.hash, [template]);
  else alike.push(template);
  templateCount++;
  return template;
}

/** A type as a text: equal texts are the same type. */
export function typeText(type: AttributeType | undefined): string | undefined {
  if (type === undefined || type.kind === "word") return type?.word;
  return `unit ${type.unit.factors.map(({ name, exponent }) => `${name}^${exponent}`).join("*")}`;
}

/** Whether the parser found the name and the value where the scanner did, and nothing else. */
function isAsScanned(
  declaration: InputDeclaration | FormulaDeclaration,
  scanner: LineScanner,
  file: FileText,
  start: number,
): boolean {
  const { name, valueSpan, span } = declaration;
  const ends = [name.span.start, name.span.end, valueSpan.start, valueSpan.end, span.end];
  const { nameStart, nameEnd, valueStart, valueEnd, contentEnd } = scanner;
  const found = [nameStart, nameEnd, valueStart, valueEnd, contentEnd].map((offset) => offset - start);
  if (ends.some((end, i) => end !== found[i])) return false;
  if ((declaration.kind === "input") !== scanner.isInput) return false;
  const textCount = Number(declaration.label !== undefined) + Number(declaration.format !== undefined);
  if (textCount !== scanner.textCount) return false;
  if (declaration.kind === "formula") return declaration.expression.kind !== "broken";
  const { value, type } = declaration;
  if (value.kind !== "expression") return false;
  const written = file.text.slice(valueStart, valueEnd);
  const constant = constantOf(value.expression, { source: file.source, written, type });
  const scanned = inputNumber(scanner);
  return constant.kind === "value" && scanned !== undefined && Object.is(constant.value, scanned);
}

/** A plain line of an input with another number, written as `written` says from the old text; undefined if that is none. */
export function withInputNumber(
  item: LineItem,
  written: (like: string) => string | undefined,
): LineItem | undefined {
  const { text } = item.file;
  const scanner = editScanner;
  if (!scanner.scan(text, item.start)) return undefined;
  const { valueStart, valueEnd } = scanner;
  const number = written(text.slice(valueStart, valueEnd));
  if (number === undefined) return undefined;
  const line = text.slice(item.start, valueStart) + number + text.slice(valueEnd, item.end);
  const file: FileText = { source: item.file.source, text: line };
  if (!scanner.scan(line, 0) || scanner.end !== line.length || inputNumber(scanner) === undefined)
    return undefined;
  const template = templateOf(scanner, file, 0, item.block);
  return template === undefined ? undefined : new LineItem(item.id, file, 0, scanner, item.block, template);
}

const editScanner: LineScanner = new LineScanner();

/** The value of a scanned input: a number with or without a sign. */
export function inputNumber(scanner: LineScanner): number | undefined {
  if (scanner.slotCount > 0 || scanner.numberCount !== 1) return undefined;
  const number = scanner.numbers[0] as number;
  const { codes, valueCodeCount: codeCount } = scanner;
  const isNegative = codes[codeCount - 2] === 45;
  const before = codes[codeCount - (isNegative ? 3 : 2)];
  return codes[codeCount - 1] === 0x7fff && before === 61 ? (isNegative ? -number : number) : undefined;
}
