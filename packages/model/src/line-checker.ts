/**
 * Checks plain lines without their syntax trees.
 *
 * A formula's line is scanned once more for the names it reads and its numbers. What it means is known by its template and
 * the kinds of attributes that its names are (axes and type): the first line of such a pair is checked as every formula is,
 * and also with other numbers in its places, so that nothing depends on these. If a problem is found, if names are not read
 * in the order written, or if anything else is out of the ordinary, all lines of the pair are left to the ordinary check,
 * which then tells what is wrong.
 *
 * Cost: a pass over the characters and a look-up a name.
 */
import {
  type BoundFormula,
  type CellFamily,
  cellFamilyOf,
  checkFormula,
  type Reference,
} from "@reckon/formula";
import type { Axis } from "@reckon/value";
import { type AttributeNumbers, numberFor } from "./attribute-table.ts";
import { sameResolution } from "./check-memory.ts";
import { checkOptionsOf, LineFormula, LineInput, type LineMeaning, LinePool } from "./checked-line.ts";
import { readsBefore } from "./cycles.ts";
import type { CheckedAttribute, CheckedModel, FormulaDeclaration } from "./declarations.ts";
import { type DeclaredAttribute, type DeclaredNames, PlainAttribute } from "./declared-names.ts";
import { type FormulaPattern, patternOf } from "./formula-pattern.ts";
import { LineScanner } from "./line-scanner.ts";
import { declarationOf, inputNumber, type LineItem, type LineTemplate, typeText } from "./line-template.ts";
import { attributeResolution, type NamedAttribute, scopeOver } from "./model-scope.ts";

/** What templates mean over which kinds of attributes; kept from one check of a model to the next. */
export class LineMeanings {
  readonly #byTemplate: WeakMap<LineTemplate, Map<string, LineMeaning | null>> = new WeakMap();
  readonly #axes: Map<Axis, number> = new Map();
  /** Lists of axes, and types, as texts. */
  readonly #lists: Map<string, number> = new Map();
  readonly #types: Map<string, number> = new Map();

  find(template: LineTemplate, kinds: string): LineMeaning | null | undefined {
    return this.#byTemplate.get(template)?.get(kinds);
  }

  note(template: LineTemplate, kinds: string, meaning: LineMeaning | null): void {
    const known = this.#byTemplate.get(template);
    if (known === undefined) this.#byTemplate.set(template, new Map([[kinds, meaning]]));
    else known.set(kinds, meaning);
  }

  /** A number for a list of axes; equal lists have one. */
  numberOf(axes: readonly Axis[]): number {
    const key = axes.map((axis) => this.#axisNumber(axis)).join(" ");
    let number = this.#lists.get(key);
    if (number === undefined) {
      number = this.#lists.size;
      this.#lists.set(key, number);
    }
    return number;
  }

  numberOfType(type: string | undefined): number {
    if (type === undefined) return 0;
    let number = this.#types.get(type);
    if (number === undefined) {
      number = this.#types.size + 1;
      this.#types.set(type, number);
    }
    return number;
  }

  /** Whether all axes that it knows are among these: others, of tables that were read again, would be kept for ever. */
  isFor(axes: ReadonlyMap<string, Axis>, time: Axis | undefined): boolean {
    for (const axis of this.#axes.keys()) if (axis !== time && axes.get(axis.name) !== axis) return false;
    return true;
  }

  /** Whether there are more kinds than can be told apart. */
  get isFull(): boolean {
    return Math.max(this.#types.size, this.#lists.size) >= kindNumberMax - 1;
  }

  #axisNumber(axis: Axis): number {
    let number = this.#axes.get(axis);
    if (number === undefined) {
      number = this.#axes.size;
      this.#axes.set(axis, number);
    }
    return number;
  }
}

/** A kind is two characters: a list of axes and a type. */
const kindNumberMax = 0xffff;

export class LineChecker {
  readonly #names: DeclaredNames;
  readonly #numbers: AttributeNumbers;
  readonly #previous: CheckedModel | undefined;
  readonly #meanings: LineMeanings;
  readonly #scanner: LineScanner = new LineScanner();
  readonly #pool: LinePool;
  readonly #axesNumbers: Map<readonly Axis[], number> = new Map();
  readonly #slots: NamedAttribute[] = [];
  #isInFileOrder = true;
  #readsItself = false;
  #lastTemplate: LineTemplate | undefined;
  #lastKinds = "";
  #lastMeaning: LineMeaning | null | undefined;

  constructor(
    names: DeclaredNames,
    numbers: AttributeNumbers,
    previous: CheckedModel | undefined,
    meanings: LineMeanings,
  ) {
    this.#names = names;
    this.#numbers = numbers;
    this.#previous = previous;
    this.#meanings = meanings;
    this.#pool = new LinePool(numbers.names);
  }

  /** The checked attribute of a plain line; undefined where it is for the ordinary check. */
  check(declared: DeclaredAttribute): CheckedAttribute | undefined {
    if (!(declared instanceof PlainAttribute) || declared.isUncertain) return undefined;
    const { item } = declared;
    const old = this.#previous?.attributes.get(declared.id);
    // An attribute that was checked from its tree is looked at again in the same way, so that it may stay what it is.
    if (old !== undefined && !(old instanceof LineInput || old instanceof LineFormula)) return undefined;
    if (!this.#scanner.scan(item.file.text, item.start)) return undefined;
    if (item.template.isInput) return this.#input(declared, old);
    return this.#formula(declared, old !== undefined && isSameLine(old.line, item) ? old : undefined);
  }

  finish(): void {
    this.#pool.trim();
  }

  /** Whether no formula on a plain line reads one that stands behind it, or itself. */
  get isInFileOrder(): boolean {
    return this.#isInFileOrder;
  }

  #input(
    { id, axes, item }: PlainAttribute,
    old: CheckedAttribute | undefined,
  ): CheckedAttribute | undefined {
    const number = inputNumber(this.#scanner);
    if (number === undefined) return undefined;
    if (old instanceof LineInput) {
      // One whose value was typed stands on a line of its own.
      const before: LineInput = old;
      const isAlike = before.item === item.id && before.line.template === item.template;
      if (isAlike && before.axes === axes && before.isAll(number) && areSaidAlike(before.line, item))
        return old;
    }
    const pool = this.#pool;
    const input = new LineInput(item, id, { axes, pool, constantsAt: pool.constantCount });
    pool.addConstant(number);
    return input as unknown as CheckedAttribute;
  }

  #formula(declared: PlainAttribute, old: CheckedAttribute | undefined): CheckedAttribute | undefined {
    const kinds = this.#resolve(declared);
    if (kinds === undefined) return undefined;
    const { template } = declared.item;
    const isLast = template === this.#lastTemplate && kinds === this.#lastKinds;
    let meaning = isLast ? this.#lastMeaning : this.#meanings.find(template, kinds);
    if (meaning === undefined) {
      meaning = this.#learn(declared);
      this.#meanings.note(template, kinds, meaning);
    }
    this.#lastTemplate = template;
    this.#lastKinds = kinds;
    this.#lastMeaning = meaning;
    if (meaning === null) return undefined;
    if (this.#readsItself && !readsBeforeOnly(meaning, this.#slots.indexOf(declared)))
      this.#isInFileOrder = false;
    if (old instanceof LineFormula && this.#isAsBefore(old as unknown as LineFormula, meaning, declared))
      return old;
    const pool = this.#pool;
    const place = {
      axes: declared.axes,
      pool,
      constantsAt: pool.constantCount,
      readsAt: pool.readCount,
      meaning,
    };
    for (let slot = 0; slot < this.#scanner.slotCount; slot++)
      pool.addRead(this.#numberOf(this.#slots[slot] as NamedAttribute));
    for (let i = 0; i < this.#scanner.numberCount; i++) pool.addConstant(this.#scanner.numbers[i] as number);
    return new LineFormula(declared.item, declared.id, place) as unknown as CheckedAttribute;
  }

  #isAsBefore(old: LineFormula, meaning: LineMeaning, declared: PlainAttribute): boolean {
    if (old.axes !== declared.axes) return false;
    if (old.meaning !== meaning && !areSameKinds(old.meaning, meaning)) return false;
    for (let slot = 0; slot < old.readCount; slot++)
      if (old.readAt(slot) !== (this.#slots[slot] as NamedAttribute).id) return false;
    return true;
  }

  #numberOf(attribute: NamedAttribute): number {
    return attribute instanceof PlainAttribute ? attribute.number : numberFor(this.#numbers, attribute.id);
  }

  /** Finds the attributes read and gives their kinds; undefined where a name is none, or two names are one. */
  #resolve(declared: PlainAttribute): string | undefined {
    const { slotCount, slotStarts, slotEnds } = this.#scanner;
    const { text } = declared.item.file;
    const { attributes } = this.#names;
    if (this.#meanings.isFull || this.#isAxisHidden(declared)) return undefined;
    this.#readsItself = false;
    let kinds = String.fromCharCode(this.#axesNumber(declared.axes));
    for (let slot = 0; slot < slotCount; slot++) {
      const name = text.slice(slotStarts[slot], slotEnds[slot]);
      const attribute = attributes.get(name.includes(".") ? name : `${declared.owner.name}.${name}`);
      if (attribute === undefined || (attribute as Partial<DeclaredAttribute>).isUncertain === true)
        return undefined;
      for (let other = 0; other < slot; other++) if (this.#slots[other] === attribute) return undefined;
      this.#slots[slot] = attribute;
      if ((attribute as NamedAttribute) === declared) this.#readsItself = true;
      else if (((attribute as Partial<DeclaredAttribute>).at ?? -1) > declared.at)
        this.#isInFileOrder = false;
      const type = this.#meanings.numberOfType(typeTextOf(attribute));
      kinds += String.fromCharCode(this.#axesNumber(attribute.axes), type);
    }
    return kinds;
  }

  /** Whether a name behind `over` is that of an attribute, too. */
  #isAxisHidden({ item, owner }: PlainAttribute): boolean {
    const { overCount, overStarts, overEnds } = this.#scanner;
    for (let i = 0; i < overCount; i++) {
      const name = item.file.text.slice(overStarts[i], overEnds[i]);
      if (this.#names.attributes.has(`${owner.name}.${name}`)) return true;
    }
    return false;
  }

  #axesNumber(axes: readonly Axis[]): number {
    let number = this.#axesNumbers.get(axes);
    if (number === undefined) {
      number = this.#meanings.numberOf(axes);
      this.#axesNumbers.set(axes, number);
    }
    return number;
  }

  /** Checks the line as every formula is, and with other numbers; null where such lines are for the ordinary check. */
  #learn(declared: PlainAttribute): LineMeaning | null {
    const { item } = declared;
    const ids = this.#slots.slice(0, this.#scanner.slotCount).map(({ id }) => id);
    const count = this.#scanner.numberCount;
    const own = this.#bind(declared, item.declaration as FormulaDeclaration);
    const probes = [
      new Array<number>(count).fill(0),
      new Array<number>(count).fill(1),
      new Array<number>(count).fill(0.5),
      Array.from({ length: count }, (_, i) => 1_000_003 + 2 * i),
    ];
    const bound = probes.map((numbers) => this.#probe(declared, numbers));
    const all = [own, ...bound];
    if (!all.every((formula) => formula !== undefined && readsAll(formula, ids))) return null;
    const { references } = own as BoundFormula;
    if (!bound.every((formula) => areReadAlike(references, (formula as BoundFormula).references)))
      return null;
    const isDirect = all.every((formula) => readsJust(formula as BoundFormula, ids));
    const pattern = this.#pattern(item, own as BoundFormula, bound as BoundFormula[], probes);
    const meaning = {
      slots: this.#slots.slice(0, ids.length).map((slot) => attributeResolution(slot)),
      axes: declared.axes,
      family: isDirect ? familyOf(bound as BoundFormula[], probes) : undefined,
      constantCount: count,
      references,
      slotOf: references.map(({ attribute }) => ids.indexOf(attribute)),
    };
    return pattern === undefined ? meaning : { ...meaning, pattern };
  }

  /** The pattern of such lines, if it gives all that was bound. */
  #pattern(
    item: LineItem,
    own: BoundFormula,
    bound: readonly BoundFormula[],
    probes: readonly (readonly number[])[],
  ): FormulaPattern | undefined {
    const pattern = patternOf(item, this.#scanner, bound.at(-1) as BoundFormula, probes.at(-1) ?? []);
    if (pattern?.gives(own, item, this.#scanner) !== true) return undefined;
    return bound.every((formula, i) => pattern.givesWith(formula, probes[i] ?? [])) ? pattern : undefined;
  }

  #probe(declared: PlainAttribute, numbers: readonly number[]): BoundFormula | undefined {
    const { item, block } = declared;
    const text = withNumbers(item, this.#scanner, numbers);
    const declaration = declarationOf(item.file.source, text, block);
    return declaration?.kind === "formula" ? this.#bind(declared, declaration) : undefined;
  }

  #bind({ block, axes, item }: PlainAttribute, declaration: FormulaDeclaration): BoundFormula | undefined {
    let isCurve = false;
    // Stocks are no plain lines: where a formula may not have them, they are a problem of it.
    const scope = scopeOver(this.#names, block, axes, (_, resolution) => {
      if (resolution?.kind === "curve") isCurve = true;
    });
    const options = checkOptionsOf(declaration, item.file.source);
    const { formula, diagnostics } = checkFormula(declaration.expression, scope, options);
    return diagnostics.length > 0 || isCurve || formula?.callsModule === true ? undefined : formula;
  }
}

/** Whether what a slot names is read in periods before the current one only: no circle comes of that alone. */
function readsBeforeOnly({ references, slotOf, axes }: LineMeaning, slot: number): boolean {
  const hasTime = axes.some((axis) => axis.time !== undefined);
  return references.every((reference, i) => slotOf[i] !== slot || readsBefore(reference, hasTime));
}

/** Whether two meanings of one template are of attributes of the same kinds. */
function areSameKinds(a: LineMeaning, b: LineMeaning): boolean {
  return a.slots.every((slot, i) => {
    const other = b.slots[i];
    return other !== undefined && sameResolution({ ...slot, id: "" }, { ...other, id: "" });
  });
}

/** Whether a line of a file that was read again is the line it was. */
function isSameLine(before: LineItem, now: LineItem): boolean {
  if (before === now) return true;
  return before.id === now.id && before.template === now.template && before.text === now.text;
}

/** Whether two lines of one template say the same beside the value. */
function areSaidAlike(before: LineItem, now: LineItem): boolean {
  if (before === now) return true;
  if (before.nameStart - before.start !== now.nameStart - now.start) return false;
  if (now.template.textCount === 0) return true;
  const [a, b] = [before.declaration, now.declaration];
  return a.label === b.label && a.format === b.format;
}

function typeTextOf(attribute: NamedAttribute): string | undefined {
  return attribute instanceof PlainAttribute ? attribute.item.template.typeText : typeText(attribute.type);
}

/** Whether the formula reads all these attributes and no others. */
function readsAll({ references }: BoundFormula, ids: readonly string[]): boolean {
  const read = new Set(references.map(({ attribute }) => attribute));
  return read.size === ids.length && ids.every((id) => read.has(id));
}

/** Whether two formulas read the same attributes in the same ways; computed keys are never alike. */
function areReadAlike(a: readonly Reference[], b: readonly Reference[]): boolean {
  const ways = ({ attribute, access, layout }: Reference): string =>
    JSON.stringify([attribute, access, layout]);
  const isKeyed = a.some(({ access }) => access.some(({ kind }) => kind === "key"));
  return !isKeyed && a.length === b.length && a.every((one, i) => ways(one) === ways(b[i] as Reference));
}

/** Whether the formula reads each attribute once, at the current cell, in that order. */
function readsJust({ references }: BoundFormula, ids: readonly string[]): boolean {
  return (
    references.length === ids.length &&
    references.every(
      ({ attribute, access }, i) =>
        attribute === ids[i] && access.every((one) => one.kind === "current" && one.offset === 0),
    )
  );
}

/** The family of a template's cells, if the numbers written are its constants, in their order. */
function familyOf(
  bound: readonly BoundFormula[],
  probes: readonly (readonly number[])[],
): CellFamily | undefined {
  const members = bound.map((formula) => cellFamilyOf(formula));
  const family = members[0]?.family;
  const isInOrder = members.every(
    (member, p) =>
      member !== undefined &&
      member.family === family &&
      member.constants.length === probes[p]?.length &&
      member.constants.every((constant, i) => Object.is(constant, probes[p]?.[i])),
  );
  return isInOrder ? family : undefined;
}

/** The line's text with other numbers in their places. */
function withNumbers(item: LineItem, scanner: LineScanner, numbers: readonly number[]): string {
  const { text } = item.file;
  let result = "";
  let from = item.start;
  numbers.forEach((number, i) => {
    result += text.slice(from, scanner.numberStarts[i]) + String(number);
    from = scanner.numberEnds[i] as number;
  });
  return result + text.slice(from, item.end);
}
