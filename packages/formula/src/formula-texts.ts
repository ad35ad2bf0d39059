/**
 * Many formula texts at once: a text is scanned to its template, its references and its numbers, without a tree.
 *
 *   =A17*B17+1.5     template  #0 * #1 + ?     references A17, B17     numbers 1.5
 *   =C2*A9+20        the same template         references C2, A9       numbers 20
 *
 * How it stays true to the parser: the scanner knows only plain characters (see `scan`), cells, names, ranges, numbers and
 * texts; anything else it refuses, and the caller reads the text with the parser. The first text of a template is not
 * trusted either: a probe of it, with other cells and numbers at each place, is parsed and checked, and must bind to just
 * these references and numbers in just this order. A template whose probe does not is refused for good. What a template
 * means depends on kinds of tokens alone, so what holds for the probe holds for every text of the template.
 *
 * A template is found by hash and then compared code by code, so equal hashes do no harm. Cost: a pass over the
 * characters; nothing is allocated for a text whose template is known.
 */
import { type CellFamily, cellFamilyOf } from "./cell-family.ts";
import { checkFormula } from "./check.ts";
import { parseFormula } from "./parser.ts";
import type { Scope } from "./scope.ts";
import { codeNumber, codeSlot, TextScanner } from "./text-scanner.ts";

/** What texts have in common that differ in their references and numbers. */
export interface FormulaTemplate {
  /** Counts up from 0 in the order of first use. */
  readonly index: number;
  readonly referenceCount: number;
  readonly constantCount: number;
  readonly family: CellFamily;
}

interface KnownTemplate {
  readonly hash: number;
  readonly codes: Uint16Array;
  /** Undefined: texts like this are for the parser. */
  readonly template: FormulaTemplate | undefined;
}

/**
 * A scanner of many texts. `scan` answers the template of a text; what stood in it is then in the scanner's tables, until
 * the next call.
 *
 * @example
 * ```ts
 * const texts = new FormulaTexts();
 * const template = texts.scan("=A17*B17+1.5");
 * template?.family?.name; // "#0*#1+?"
 * texts.rows[0]; // 17
 * texts.constants[0]; // 1.5
 * texts.scan("=C2*A9+20") === template; // true
 * ```
 */
export class FormulaTexts extends TextScanner {
  private readonly known = new Map<number, KnownTemplate[]>();
  private readonly made: FormulaTemplate[] = [];
  private last: KnownTemplate | undefined;

  /** All templates met so far, by index. */
  get templates(): readonly FormulaTemplate[] {
    return this.made;
  }

  /**
   * The template of a text that may begin with `=`; undefined when the text is for the parser, because it has a mistake or
   * is written in a way that is not for the scanner.
   */
  scan(text: string): FormulaTemplate | undefined {
    if (!this.read(text)) return undefined;
    if (this.last !== undefined && this.isSame(this.last)) return this.last.template;
    const alike = this.known.get(this.hash);
    const found = alike?.find((one) => this.isSame(one)) ?? this.learn(text, alike);
    this.last = found;
    return found.template;
  }

  private isSame({ hash, codes }: KnownTemplate): boolean {
    if (hash !== this.hash || codes.length !== this.codeCount) return false;
    for (let i = 0; i < codes.length; i++) if (codes[i] !== this.codes[i]) return false;
    return true;
  }

  private learn(text: string, alike: KnownTemplate[] | undefined): KnownTemplate {
    this.isRecording = true;
    this.read(text);
    this.isRecording = false;
    const template = this.probe(text);
    if (template !== undefined) this.made.push(template);
    const known = { hash: this.hash, codes: this.codes.slice(0, this.codeCount), template };
    if (alike === undefined) this.known.set(this.hash, [known]);
    else alike.push(known);
    return known;
  }

  /** Parses the text with other cells and numbers in its places, and sees whether they come out where they went in. */
  private probe(text: string): FormulaTemplate | undefined {
    const numbers = Array.from({ length: this.constantCount }, (_, i) => 1_000_003 + 2 * i);
    const { expression, diagnostics } = parseFormula(this.probeText(text, numbers));
    if (diagnostics.length > 0) return undefined;
    const checked = checkFormula(expression, probeScope);
    const { formula } = checked;
    if (formula === undefined || checked.diagnostics.length > 0) return undefined;
    const { references } = formula;
    if (references.length !== this.referenceCount) return undefined;
    if (references.some(({ attribute }, slot) => attribute !== probeName(slot))) return undefined;
    const index = this.made.length;
    const counts = { referenceCount: references.length, constantCount: this.constantCount };
    const member = cellFamilyOf(formula);
    if (member === undefined) return undefined;
    const isInOrder =
      member.constants.length === numbers.length && numbers.every((n, i) => n === member.constants[i]);
    return isInOrder ? { index, ...counts, family: member.family } : undefined;
  }

  /** The text with the cell `A1` for slot 0, `A2` for slot 1 and so on, and the given numbers. */
  private probeText(text: string, numbers: readonly number[]): string {
    const pieces: string[] = [];
    let end = 0;
    let number = 0;
    for (let i = 0; i < this.pieceCount; i++) {
      pieces.push(text.slice(end, this.pieceStarts[i]));
      const code = this.pieceCodes[i] as number;
      if (code === codeNumber) pieces.push(String(numbers[number++]));
      else pieces.push(probeName(code - codeSlot));
      end = this.pieceEnds[i] as number;
    }
    pieces.push(text.slice(end));
    return pieces.join("");
  }
}

function probeName(slot: number): string {
  return `A${slot + 1}`;
}

/** Cells A1, A2 … as attributes of one value. */
const probeScope: Scope = {
  resolve: ([name, ...more]) =>
    more.length === 0 && /^A\d+$/.test(name ?? "")
      ? { kind: "attribute", id: name as string, axes: [] }
      : undefined,
  suggest: () => undefined,
  currentAxes: [],
  allowA1: false,
  isStrict: false,
};
