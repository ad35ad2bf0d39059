/**
 * Everything a model declares, by name, before values and formulas are looked at.
 *
 * Axes, blocks and modules share one space of names, because `a.b` must mean one thing; attributes are named within
 * their block. The first declaration of a name holds, the others are reported with a note at the first. A block whose
 * axes are not known is `isUncertain`: what depends on its axes is not judged, so one wrong axis is one message.
 */
import { nearestName } from "@reckon/formula";
import type { Axis } from "@reckon/value";
import type { Item, ModelDocument, TableLookup } from "./api.ts";
import { type AttributeNumbers, numberFor } from "./attribute-table.ts";
import { cellCount, cellsMax } from "./cell-grid.ts";
import { listed, memberAxisOf, TableReader, tableColumns, timeAxisOf } from "./check-axes.ts";
import { checkCurve } from "./check-curves.ts";
import { sameType } from "./check-memory.ts";
import type { CheckReport } from "./check-report.ts";
import { CheckedLine } from "./checked-line.ts";
import type {
  AttributeType,
  AxisDeclaration,
  BlockDeclaration,
  CheckDeclaration,
  CheckedCurve,
  CheckedInput,
  CheckedModel,
  CurveDeclaration,
  FormulaDeclaration,
  InputDeclaration,
  Integration,
  LoopLine,
  ModelDeclaration,
  ModelHeader,
  Name,
} from "./declarations.ts";
import { listOf } from "./document.ts";
import { LineItem } from "./line-template.ts";
import type { ModelNames, NamedAttribute } from "./model-scope.ts";
import { presentFields } from "./present-fields.ts";

/** In a file full of unknown names, only so many get a suggestion: each costs a walk over the names. */
const searchesMax = 100;

export interface DeclaredAttribute extends NamedAttribute {
  readonly declaration: InputDeclaration | FormulaDeclaration;
  /** Index of the item, and the item. */
  readonly at: number;
  readonly item: Item<ModelDeclaration>;
  readonly isUncertain: boolean;
}

/** An attribute on a plain line; everything is read off the line when somebody asks. */
export class PlainAttribute implements DeclaredAttribute {
  readonly id: string;
  readonly at: number;
  readonly item: LineItem;
  /** In the table of attributes. */
  readonly number: number;
  readonly owner: DeclaredBlock;

  constructor(item: LineItem, at: number, owner: DeclaredBlock, id: string, number: number) {
    this.id = id;
    this.at = at;
    this.item = item;
    this.number = number;
    this.owner = owner;
  }

  get name(): string {
    return this.id.slice(this.owner.name.length + 1);
  }

  get block(): string {
    return this.owner.name;
  }

  get axes(): readonly Axis[] {
    return this.owner.axes;
  }

  get isUncertain(): boolean {
    return this.owner.isUncertain;
  }

  get declaration(): InputDeclaration | FormulaDeclaration {
    return this.item.declaration;
  }

  get type(): AttributeType {
    // Read as absent where none is written; the interface has no other word for a getter.
    return this.item.template.typeText !== undefined
      ? (this.item.declaration.type as AttributeType)
      : (undefined as never);
  }
}

/** Whether the line declares an input, without reading it. */
export function isInputLine(declared: DeclaredAttribute): boolean {
  return declared instanceof PlainAttribute
    ? declared.item.template.isInput
    : declared.declaration.kind === "input";
}

export interface DeclaredBlock {
  readonly name: string;
  readonly label: string | undefined;
  readonly axes: readonly Axis[];
  readonly isUncertain: boolean;
  readonly attributes: string[];
}

interface DeclaredLine<D> {
  readonly declaration: D;
  readonly at: number;
  readonly item: Item<ModelDeclaration>;
}

/** The names that lines are checked with. */
export interface CheckNames extends ModelNames {
  readonly tables: TableReader;
  /** Every name means what it meant in the previous model: nothing came, went, or changed its axes, type or unit. */
  readonly isAsBefore: boolean;
  readonly integration: Integration;
}

export interface DeclaredNames extends CheckNames {
  readonly header: ModelHeader | undefined;
  readonly time: Axis | undefined;
  readonly axes: ReadonlyMap<string, Axis>;
  readonly uses: readonly { readonly name: string; readonly path: string }[];
  readonly blockList: readonly DeclaredBlock[];
  /** Inputs and formulas in file order. */
  readonly declared: readonly DeclaredAttribute[];
  readonly columns: readonly CheckedInput[];
  readonly loops: readonly DeclaredLine<LoopLine>[];
  readonly checks: readonly DeclaredLine<CheckDeclaration>[];
}

export function collectNames(
  document: ModelDocument,
  lookup: TableLookup,
  report: CheckReport,
  previous: CheckedModel | undefined,
  numbers: AttributeNumbers,
): DeclaredNames {
  return new NameCollector(document, lookup, report, previous, numbers).collect();
}

class NameCollector {
  private readonly document: ModelDocument;
  private readonly report: CheckReport;
  private readonly previous: CheckedModel | undefined;
  private readonly numbers: AttributeNumbers;
  private readonly tables: TableReader;
  /** First place of each axis, block and module, and what it is. */
  private readonly places = new Map<string, { what: string; name: Name; at: number }>();
  private readonly axes = new Map<string, Axis>();
  /** Axes that are declared but could not be made. */
  private readonly brokenAxes = new Set<string>();
  private readonly columns: CheckedInput[] = [];
  private readonly uses: { name: string; path: string }[] = [];
  private readonly blocks = new Map<string, DeclaredBlock>();
  private readonly attributes = new Map<string, NamedAttribute>();
  private readonly declared: DeclaredAttribute[] = [];
  private readonly loops: DeclaredLine<LoopLine>[] = [];
  private readonly checks: DeclaredLine<CheckDeclaration>[] = [];
  private readonly curves = new Map<string, CheckedCurve>();
  private integration: Integration = { method: "euler", stepsPerPeriod: 1 };
  private lastBlock: DeclaredBlock | undefined;
  private header: ModelHeader | undefined;
  private time: Axis | undefined;
  private timeAt: number | undefined;

  constructor(
    document: ModelDocument,
    lookup: TableLookup,
    report: CheckReport,
    previous: CheckedModel | undefined,
    numbers: AttributeNumbers,
  ) {
    this.numbers = numbers;
    this.document = document;
    this.report = report;
    this.previous = previous;
    this.tables = new TableReader(lookup, report);
  }

  collect(): DeclaredNames {
    this.forEachItem((item, at) => {
      if (!(item instanceof LineItem)) this.collectAxes(item, at);
    });
    const old = this.previous?.integration;
    const { method, stepsPerPeriod } = this.integration;
    if (old?.method === method && old.stepsPerPeriod === stepsPerPeriod) this.integration = old;
    for (const column of this.columns) this.attributes.set(column.id, column);
    this.forEachItem((item, at) => {
      if (item instanceof LineItem) this.collectPlainLine(item, at);
      else this.collectLines(item, at);
    });
    return {
      header: this.header,
      time: this.time,
      axes: this.axes,
      modules: new Set(this.uses.map((use) => use.name)),
      uses: this.uses,
      attributes: this.attributes,
      curves: this.curves,
      integration: this.integration,
      blocks: new Map([...this.blocks].map(([name, block]) => [name, block.attributes])),
      blockList: [...this.blocks.values()],
      declared: this.declared,
      columns: this.columns,
      loops: this.loops,
      checks: this.checks,
      tables: this.tables,
      searches: { left: searchesMax },
      isAsBefore: this.isAsBefore(),
    };
  }

  private forEachItem(visit: (item: Item<ModelDeclaration>, at: number) => void): void {
    let at = 0;
    for (const { items } of listOf(this.document).chunks) for (const item of items) visit(item, at++);
  }

  private collectAxes(item: Item<ModelDeclaration>, at: number): void {
    const { declaration } = item;
    switch (declaration?.kind) {
      case "model":
        this.header ??= declaration;
        return;
      case "use":
        if (this.claim("module", declaration.name, at)) {
          this.uses.push({ name: declaration.name.text, path: declaration.path });
        }
        return;
      case "time":
        this.collectTime(item, at);
        return;
      case "axis":
        this.collectAxis(declaration, item, at);
        return;
      case undefined:
        this.collectBroken(item);
        return;
      default:
    }
  }

  private collectTime(item: Item<ModelDeclaration>, at: number): void {
    const declaration = item.declaration;
    if (declaration?.kind !== "time") return;
    const place = { item: at, span: declaration.span };
    if (this.timeAt !== undefined) {
      const first = this.document.items[this.timeAt] as Item<ModelDeclaration>;
      const notes = [
        this.report.note("first here", {
          item: this.timeAt,
          span: first.declaration?.span ?? declaration.span,
        }),
      ];
      this.report.add("model/duplicate-line", place, { what: "time" }, { notes });
      return;
    }
    this.timeAt = at;
    const name = { text: declaration.frequency, span: declaration.span };
    if (!this.claim("axis", name, at)) return;
    const { method = "euler", stepsPerPeriod = 1 } = declaration;
    this.integration = { method, stepsPerPeriod };
    this.time = timeAxisOf(declaration, at, this.report, this.previous);
    if (this.time === undefined) this.brokenAxes.add(declaration.frequency);
    else this.axes.set(this.time.name, this.time);
  }

  private collectAxis(declaration: AxisDeclaration, item: Item<ModelDeclaration>, at: number): void {
    if (!this.claim("axis", declaration.name, at)) return;
    const made = memberAxisOf(declaration, at, this.tables, this.report, this.previous);
    // An axis without members has had its diagnostic when it was read.
    if (made === undefined || (made.axis.labels.length === 0 && made.members === undefined)) {
      this.brokenAxes.add(declaration.name.text);
      return;
    }
    this.axes.set(declaration.name.text, made.axis);
    if (made.members !== undefined) {
      for (const column of tableColumns(made.axis, made.members, declaration, item.id, this.previous)) {
        this.columns.push(column);
      }
    }
  }

  /** A line that could not be read still takes its name out of the unknown ones. */
  private collectBroken(item: Item<ModelDeclaration>): void {
    if (item.diagnostics.length === 0) return;
    const axis = /^\s*axis\s+([\p{L}_][\p{L}\p{N}_]*)/u.exec(item.text)?.[1];
    if (axis !== undefined) this.brokenAxes.add(axis);
    if (/^\s*time\b/.test(item.text)) {
      for (const frequency of ["day", "week", "month", "quarter", "year", "step"])
        this.brokenAxes.add(frequency);
    }
  }

  private collectLines(item: Item<ModelDeclaration>, at: number): void {
    const { declaration } = item;
    switch (declaration?.kind) {
      case "block":
        this.collectBlock(declaration, at);
        return;
      case "input":
      case "formula":
        this.collectAttribute(declaration, item, at);
        return;
      case "curve":
        this.collectCurve(declaration, item, at);
        return;
      case "loop":
        if (declaration.block !== undefined) this.loops.push({ declaration, item, at });
        return;
      case "check":
        this.checks.push({ declaration, item, at });
        return;
      default:
    }
  }

  private collectBlock(declaration: BlockDeclaration, at: number): void {
    const { name } = declaration;
    const isFirst = this.claim("block", name, at);
    const axes: Axis[] = [];
    let isUncertain = false;
    for (const written of declaration.axes) {
      const axis = this.axisNamed(written, at);
      if (axis === undefined) isUncertain = true;
      else if (axes.includes(axis)) {
        this.report.add(
          "model/repeated-axis",
          { item: at, span: written.span },
          { name: written.text, block: name.text },
        );
      } else axes.push(axis);
    }
    const cells = cellCount(axes, []);
    if (cells > cellsMax) {
      isUncertain = true;
      const what = `an attribute of block \`${name.text}\``;
      this.report.add("model/too-many-cells", { item: at, span: name.span }, { what, cells, cellsMax });
    }
    if (!isFirst) return;
    const timeLast = [
      ...axes.filter((axis) => axis.time === undefined),
      ...axes.filter((axis) => axis.time !== undefined),
    ];
    const old = this.previous?.blocks.find((block) => block.name === name.text)?.axes;
    const isSame = old?.length === timeLast.length && old.every((axis, i) => axis === timeLast[i]);
    this.blocks.set(name.text, {
      name: name.text,
      label: declaration.label,
      axes: isSame ? (old as readonly Axis[]) : timeLast,
      isUncertain,
      attributes: [],
    });
  }

  /** The axis called so; a near one after a diagnostic, so that the rest is judged as it was meant. */
  private axisNamed(written: Name, at: number): Axis | undefined {
    const axis = this.axes.get(written.text);
    if (axis !== undefined || this.brokenAxes.has(written.text)) return axis;
    const known = [...this.axes.keys(), ...this.brokenAxes];
    const suggestion = nearestName(written.text, known);
    const facts = { name: written.text, suggestion, declared: listed([...this.axes.keys()]) };
    this.report.add("model/unknown-axis", { item: at, span: written.span }, presentFields(facts));
    return suggestion === undefined ? undefined : this.axes.get(suggestion);
  }

  /** As `collectAttribute`, without looking at what the line declares beside its name. */
  private collectPlainLine(item: LineItem, at: number): void {
    let block = this.lastBlock;
    if (block?.name !== item.block) {
      block = this.blocks.get(item.block);
      this.lastBlock = block;
    }
    if (block === undefined) return;
    const id = `${item.block}.${item.name}`;
    if (this.attributes.has(id) || this.curves.has(id)) {
      this.collectAttribute(item.declaration, item, at);
      return;
    }
    const declared = new PlainAttribute(item, at, block, id, numberFor(this.numbers, id));
    this.attributes.set(id, declared);
    this.declared.push(declared);
    block.attributes.push(id);
  }

  private collectAttribute(
    declaration: InputDeclaration | FormulaDeclaration,
    item: Item<ModelDeclaration>,
    at: number,
  ): void {
    const block = declaration.block === undefined ? undefined : this.blocks.get(declaration.block);
    if (block === undefined) return;
    const name = declaration.name.text;
    const id = `${block.name}.${name}`;
    const first = this.attributes.get(id) as DeclaredAttribute | undefined;
    if (this.curves.has(id)) {
      const place = { item: at, span: declaration.name.span };
      this.report.add("model/duplicate-name", place, { what: "attribute", name: id });
      return;
    }
    if (first !== undefined) {
      const notes =
        first.declaration === undefined
          ? []
          : [this.report.note("first here", { item: first.at, span: first.declaration.name.span })];
      const place = { item: at, span: declaration.name.span };
      this.report.add("model/duplicate-name", place, { what: "attribute", name: id }, { notes });
      return;
    }
    // One of these is made for each attribute, so the optional field is not filtered out but written apart.
    const parts = { id, name, block: block.name, axes: block.axes, declaration, at, item };
    const { type } = declaration;
    const { isUncertain } = block;
    const attribute: DeclaredAttribute =
      type === undefined ? { ...parts, isUncertain } : { ...parts, type, isUncertain };
    this.attributes.set(id, attribute);
    this.declared.push(attribute);
    block.attributes.push(id);
  }

  private collectCurve(declaration: CurveDeclaration, item: Item<ModelDeclaration>, at: number): void {
    const block = declaration.block === undefined ? undefined : this.blocks.get(declaration.block);
    if (block === undefined) return;
    const id = `${block.name}.${declaration.name.text}`;
    const place = { item: at, span: declaration.name.span };
    if (this.curves.has(id) || this.attributes.has(id)) {
      this.report.add("model/duplicate-name", place, { what: "curve", name: id });
      return;
    }
    this.curves.set(id, checkCurve(declaration, { item: item.id, at }, this.report, this.previous));
  }

  private isAsBefore(): boolean {
    const { previous } = this;
    if (previous === undefined || previous.attributes.size !== this.attributes.size) return false;
    if (previous.axes.length !== this.axes.size || previous.uses.length !== this.uses.length) return false;
    if (previous.axes.some((axis) => this.axes.get(axis.name) !== axis)) return false;
    if (this.uses.some((use, i) => use.name !== previous.uses[i]?.name)) return false;
    if (this.curves.size !== previous.curves.length) return false;
    if (previous.curves.some(({ id, definition }) => this.curves.get(id)?.definition !== definition))
      return false;
    for (const [id, attribute] of this.attributes) {
      const old = previous.attributes.get(id);
      if (attribute instanceof PlainAttribute && old instanceof CheckedLine && old.line === attribute.item) {
        if (old.axes !== attribute.axes) return false;
        continue;
      }
      if (old === undefined || old.axes !== attribute.axes || !sameType(old.type, attribute.type))
        return false;
    }
    return true;
  }

  /** Takes a name of the common space; false, with a diagnostic, when it is taken. */
  private claim(what: string, name: Name, at: number): boolean {
    const first = this.places.get(name.text);
    if (first === undefined) {
      this.places.set(name.text, { what, name, at });
      return true;
    }
    const text = first.what === what ? "first here" : `the ${first.what} of that name is here`;
    const notes = [this.report.note(text, { item: first.at, span: first.name.span })];
    this.report.add(
      "model/duplicate-name",
      { item: at, span: name.span },
      { what, name: name.text },
      { notes },
    );
    return false;
  }
}
