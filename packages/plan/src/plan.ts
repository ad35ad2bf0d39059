/**
 * The plan: a checked model laid into an engine, and kept in step with it.
 *
 * One input node an input, one formula node a formula, hidden nodes for first guesses and checks, the loops declared. An
 * update compares the table of attributes with the one laid and touches only those that are other objects; it is one
 * transaction of the engine, so one recalculation.
 *
 * Invariants:
 * - a unit keeps its engine node for as long as the model has it, whatever its formula or shape becomes;
 * - precedent i of a formula node is slot i of its formula as it is laid; a unit that copies reads its source last;
 * - every node that the plan made is in its placement, and none after `dispose`.
 *
 * Laying order: a node can only name precedents that exist, and formulas may read themselves and each other. So
 * units are laid depth first with an explicit stack, precedents first; a unit that is met again while it waits for
 * its precedents is reserved as an input of zeros and replaced when its turn comes.
 *
 * Cost: building is linear in cells and references; an update is the work for what changed, and a look at each check and
 * loop.
 */
import type { CellNode, Engine, FormulaNode, InputNode, Kernel, NodeId, Precedent } from "@reckon/engine";
import type { BoundFormula, ModuleLookup } from "@reckon/formula";
import {
  type AttributeTable,
  readsOf as attributesRead,
  type CheckedAttribute,
  type CheckedFormula,
  type CheckedInput,
  type CheckedLoop,
  type CheckedModel,
} from "@reckon/model";
import { type Axis, Column, type Shape } from "@reckon/value";
import type { CallRunner } from "./call-runner.ts";
import { bulkCellsOf, cellNodeOf, layBulk } from "./cell-laying.ts";
import { labelsAt, shapeOf, wholeBox } from "./cells.ts";
import { formulaModules } from "./formula-modules.ts";
import { Given, type GivenColumns } from "./given.ts";
import { moduleCallsOf } from "./module-calls.ts";
import type { Timer } from "./module-policy.ts";
import { copyKernel } from "./optimise/copy-kernel.ts";
import { Optimiser } from "./optimise/optimiser.ts";
import type { Rewrite } from "./optimise/rewrite.ts";
import { type OptimiseOptions, switchesOf } from "./optimise/switches.ts";
import { Wanted } from "./optimise/wanted.ts";
import { type LaidUnit, Placement } from "./placement.ts";
import { type Reach, reachesOf } from "./reach.ts";
import { stockOf, writtenFormula } from "./stocks.ts";
import { checkKey, guessKey, hiddenUnits, readsOf, type Unit, unitOf } from "./unit.ts";
import { formulaOf, UnitKernels } from "./unit-kernels.ts";

export interface PlanOptions {
  /** Functions of the model's modules; without it every module call is `#NAME?`. */
  readonly modules?: ModuleLookup;
  /** Has the say over their calls; without it they are called in place. */
  readonly calls?: CallRunner;
  /** Where threads import the program that computes formulas (`formulaProgram`); without it they are computed here. */
  readonly formulaProgram?: string;
  /** For `timeout`; without it no call is given up. */
  readonly after?: Timer;
  /** Which rewrites are made; all, where they pay, when absent, and none for `false`. */
  readonly optimise?: boolean | OptimiseOptions;
  /** Lays only these attributes, the checks, the loops, and what they read; `demand` lays others later. */
  readonly only?: readonly string[];
  /** The attributes that scenarios pin (see `setPinned`). */
  readonly pinned?: ReadonlySet<string>;
  /** Values that are known: these attributes are laid as inputs of them, and what they alone read need not be laid. */
  readonly given?: GivenColumns;
}

export interface Plan {
  readonly model: CheckedModel;
  /** How many formulas have been compiled since the plan was built: what tests count. */
  readonly compileCount: number;
  readonly nodeOf: (attribute: string) => NodeId | undefined;
  readonly checkNodeOf: (check: string) => NodeId | undefined;
  /** As `nodeOf`, and lays the attribute first if it was left out. */
  readonly demand: (attribute: string) => NodeId | undefined;
  /** Must be told before an overlay pins: an attribute that is pinned anywhere does not compute for others. */
  readonly setPinned: (attributes: ReadonlySet<string>) => void;
  /** What the optimiser did to the model as it is now. */
  readonly rewrites: readonly Rewrite[];
  /** The units as they are laid, with their nodes. */
  readonly laid: () => Iterable<LaidUnit>;
  /** The keys of the units as they are laid, with their nodes, where the units are not needed. */
  readonly nodes: () => Iterable<readonly [string, NodeId]>;
  /** The attribute of a visible node; hidden nodes have none. */
  readonly attributeOf: (node: NodeId) => string | undefined;
  /** The attributes that read a node. */
  readonly dependentsOf: (node: NodeId) => readonly string[];
  /** Whether anything reads the attribute but itself; true of one that is not laid. */
  readonly isRead: (attribute: string) => boolean;
  /** Whether nothing is left out. */
  readonly isWhole: boolean;
  /** The attributes that read one. */
  readonly readersOf: (attribute: string) => readonly string[];
  /** What is read stands on a lower level than what reads it; infinite for what is not laid. */
  readonly levelOf: (attribute: string) => number;
  /** Lays in what differs from the model before, as one transaction. Returns the attributes whose node was touched. */
  readonly update: (model: CheckedModel) => readonly string[];
  /** Records that an input's cells are already in the engine, so that the next update does not write them again. */
  readonly noteInput: (input: CheckedInput) => void;
  /** Compiles the formulas that call the module again. Returns their attributes. */
  readonly recompileModule: (module: string) => readonly string[];
  /** Takes every node of the plan out of the engine. */
  readonly dispose: () => void;
}

/**
 * Lays a model into an engine.
 *
 * @example
 * ```ts
 * const document = parseModel("a.reckon", "model a\nblock b\n  input x = 2\n  y = x * 3\n");
 * const model = checkModel(document, () => ({ problem: "none" })).value;
 * const engine = createEngine();
 * engine.read(buildPlan(model, engine).nodeOf("b.y")).get(0); // 6
 * ```
 */
export function buildPlan(model: CheckedModel, engine: Engine, options: PlanOptions = {}): Plan {
  return new ModelPlan(model, engine, options);
}

class ModelPlan implements Plan {
  model: CheckedModel;
  readonly #engine: Engine;
  readonly #options: PlanOptions;
  readonly #placed: Placement = new Placement();
  /** Cells that were laid: they are compiled with their family. */
  #cellCount = 0;
  /** What the running update replaced, oldest first. */
  readonly #replaced: { readonly key: string; readonly placed: LaidUnit | undefined }[] = [];
  #loops: ReadonlyMap<string, CheckedLoop> = new Map();
  #laidModel: CheckedModel | undefined;
  /** The running update laid the first cells: if it fails, nothing is laid. */
  #isBulkOpen = false;
  readonly #optimiser: Optimiser;
  readonly #wanted: Wanted;
  readonly #given: Given;
  readonly #kernels: UnitKernels;

  constructor(model: CheckedModel, engine: Engine, options: PlanOptions) {
    this.#engine = engine;
    this.#options = options;
    this.model = model;
    const switches = switchesOf(options.optimise);
    this.#given = new Given(options.given ?? new Map());
    this.#kernels = new UnitKernels({
      modulesFor: (attribute) => this.#modulesFor(attribute),
      optimise: switches,
      program: options.formulaProgram,
    });
    this.#wanted = new Wanted(switches.prune ? options.only : undefined);
    this.#optimiser = new Optimiser(switches, (key) => this.#placed.get(key)?.unit);
    this.#optimiser.setPinned(options.pinned ?? new Set());
    this.update(model);
  }

  get compileCount(): number {
    return this.#cellCount + this.#kernels.compileCount;
  }

  readonly nodeOf = (attribute: string): NodeId | undefined => this.#placed.nodeOf(attribute);

  readonly checkNodeOf = (check: string): NodeId | undefined => this.#placed.nodeOf(checkKey(check));

  readonly attributeOf = (node: NodeId): string | undefined => {
    const key = this.#placed.keyOf(node);
    return key === undefined || key.includes(" ") ? undefined : key;
  };

  readonly dependentsOf = (node: NodeId): readonly string[] => {
    const key = this.#placed.keyOf(node);
    if (key === undefined) return [];
    const found = new Set<string>();
    const open = [node];
    for (let next = open.pop(); next !== undefined; next = open.pop())
      for (const dependent of this.#engine.dependentsOf(next)) {
        const reader = this.#placed.keyOf(dependent);
        const unit = reader === undefined ? undefined : this.#placed.get(reader)?.unit;
        if (
          unit?.partOf !== undefined &&
          writtenFormula(unit).references.some((one) => one.attribute === key)
        )
          found.add(unit.partOf);
        else if (unit?.isTransparent === true) open.push(dependent);
        else if (unit?.attribute?.kind === "formula" && attributesRead(unit.attribute).includes(key))
          found.add(unit.key);
      }
    for (const reader of this.#optimiser.foldedInto(key)) if (!reader.includes(" ")) found.add(reader);
    return [...found];
  };

  readonly isRead = (attribute: string): boolean => {
    // Of what was left out nobody knows here what it reads.
    if (this.#wanted.isActive) return true;
    const node = this.nodeOf(attribute);
    if (node === undefined || this.#engine.dependentsOf(node).some((dependent) => dependent !== node))
      return true;
    for (const reader of this.#optimiser.foldedInto(attribute)) if (reader !== attribute) return true;
    return false;
  };

  get isWhole(): boolean {
    return !this.#wanted.isActive;
  }

  readonly readersOf = (attribute: string): readonly string[] => {
    const node = this.nodeOf(attribute);
    return node === undefined ? [] : this.dependentsOf(node);
  };

  readonly levelOf = (attribute: string): number => {
    const node = this.nodeOf(attribute);
    return node === undefined ? Number.POSITIVE_INFINITY : this.#engine.levelOf(node);
  };

  get rewrites(): readonly Rewrite[] {
    return [...this.#wanted.rewrites(this.model), ...this.#optimiser.rewrites];
  }

  readonly laid = (): Iterable<LaidUnit> => this.#placed.values();

  readonly nodes = (): Iterable<readonly [string, NodeId]> => this.#placed.nodes();

  readonly demand = (attribute: string): NodeId | undefined => {
    const node = this.nodeOf(attribute);
    if (node !== undefined || !this.model.attributes.has(attribute)) return node;
    this.#wanted.add(attribute);
    this.update(this.model);
    return this.nodeOf(attribute);
  };

  readonly setPinned = (attributes: ReadonlySet<string>): void => {
    if (this.#optimiser.setPinned(attributes)) this.update(this.model);
  };

  readonly update = (model: CheckedModel): readonly string[] => {
    const loopsBefore = this.#loops;
    this.#replaced.length = 0;
    try {
      const laid = this.#given.in(model);
      const touched = this.#engine.transaction(() => this.#lay(laid));
      this.model = model;
      this.#laidModel = laid;
      this.#isBulkOpen = false;
      return touched;
    } catch (error) {
      if (this.#isBulkOpen) this.#placed.clear();
      else for (const { key, placed } of this.#replaced.splice(0).toReversed()) this.#restore(key, placed);
      this.#isBulkOpen = false;
      this.#loops = loopsBefore;
      this.#optimiser.reset();
      throw error;
    }
  };

  #lay(model: CheckedModel): readonly string[] {
    const { table, changed, missing } = this.#placed.changedFrom(model.attributes);
    // Most edits leave the loops, checks and stocks as they are: then nothing that is hidden came or went.
    const hidden = this.#hasSameHidden(model) ? null : hiddenUnits(model);
    const rest = this.#layBulk(table, changed);
    const units = rest.map((number) => unitOf(table.at(number) as CheckedAttribute));
    for (const unit of hidden ?? [])
      if (this.#placed.get(unit.key)?.unit.identity !== unit.identity) units.push(unit);
    const gone = [...missing, ...(hidden === null ? [] : this.#hiddenBut(hidden))];
    const laying = this.#optimiser.follow(
      model,
      this.#wanted.among(model, units, (key) => this.#placed.has(key)),
      gone,
    );
    const removed = [...gone, ...laying.removed].map((key) => this.#placed.get(key) as LaidUnit);
    const loops = hidden === null ? nothing : new Map(model.loops.map((loop) => [loop.attribute, loop]));
    if (hidden !== null)
      for (const [name, loop] of this.#loops) if (loops.get(name) !== loop) this.#engine.dropLoop(name);
    this.#place(laying.changed);
    for (const { unit, node } of removed) {
      this.#engine.remove(node);
      this.#restore(unit.key, undefined);
    }
    for (const [name, loop] of loops) if (this.#loops.get(name) !== loop) this.#declare(loop);
    if (hidden !== null) this.#loops = loops;
    this.#placed.settle(table);
    const touched = laying.changed.flatMap((unit) => (unit.attribute === undefined ? [] : [unit.key]));
    if (rest !== changed) {
      const laid = new Set(rest);
      for (const number of changed) if (!laid.has(number)) touched.push(table.nameOf(number));
    }
    return touched;
  }

  /** Whether the loops, checks and stocks are those that are laid. */
  #hasSameHidden({ loops, checks, stocks }: CheckedModel): boolean {
    const laid = this.#laidModel;
    return laid !== undefined && laid.loops === loops && laid.checks === checks && laid.stocks === stocks;
  }

  /** Lays cells in bulk where nothing is laid yet. Returns what is left to be laid one by one. */
  #layBulk(table: AttributeTable, changed: readonly number[]): readonly number[] {
    if (!this.#placed.isEmpty || this.#wanted.isActive) return changed;
    const bulk = bulkCellsOf(table, changed);
    if (bulk === undefined) return changed;
    for (const number of bulk.readByCells) this.#reserve(unitOf(table.at(number) as CheckedAttribute));
    const nodes = this.#placed.nodesFor(table);
    layBulk(this.#engine, table, bulk, nodes);
    this.#isBulkOpen = true;
    this.#placed.adopt(table, [bulk.inputs, ...bulk.groups.map(({ cells }) => cells)], nodes);
    for (const { cells } of bulk.groups) this.#cellCount += cells.length;
    return bulk.rest;
  }

  /** The checks and guesses that are laid and not among `units`. */
  #hiddenBut(units: readonly Unit[]): string[] {
    const kept = new Set(units.map(({ key }) => key));
    const gone: string[] = [];
    for (const { unit } of this.#placed.hidden())
      if (unit.isTransparent !== true && !kept.has(unit.key)) gone.push(unit.key);
    return gone;
  }

  /** Lays the changed units, each after those of its precedents that are changed too. */
  #place(changed: readonly Unit[]): void {
    const waiting = new Map(changed.map((unit) => [unit.key, unit]));
    const open = new Set<string>();
    for (const first of changed) {
      const stack = waiting.has(first.key) ? [first] : [];
      for (let unit = stack.at(-1); unit !== undefined; unit = stack.at(-1)) {
        if (!waiting.has(unit.key)) {
          stack.pop();
        } else if (open.has(unit.key)) {
          stack.pop();
          waiting.delete(unit.key);
          this.#put(unit);
        } else {
          open.add(unit.key);
          for (const key of readsOf(unit)) {
            const read = waiting.get(key);
            if (read === undefined) continue;
            if (open.has(key)) this.#reserve(read);
            else stack.push(read);
          }
        }
      }
    }
  }

  /** Makes sure that a node exists which others can name. */
  #reserve(unit: Unit): void {
    if (this.#placed.has(unit.key)) return;
    const node = this.#engine.addInput({
      name: unit.key,
      shape: shapeOf(unit.axes),
      column: new Column(shapeOf(unit.axes)),
    });
    this.#keep(unit, node);
  }

  #keep(unit: Unit, node: NodeId): void {
    this.#restore(unit.key, { unit, node });
  }

  /** Sets or takes away what stands under a key, and notes what stood there for the case that the update fails. */
  #restore(key: string, placed: LaidUnit | undefined): void {
    this.#replaced.push({ key, placed: this.#placed.get(key) });
    if (placed !== undefined) {
      this.#placed.set(placed);
      return;
    }
    this.#placed.delete(key);
    this.#kernels.forget(key);
  }

  #put(unit: Unit): void {
    const placed = this.#placed.get(unit.key);
    if (placed === undefined) {
      const node = this.#nodeFor(unit);
      if ("kernel" in node) this.#keep(unit, this.#engine.addFormula(node));
      else this.#keep(unit, "family" in node ? this.#engine.addCell(node) : this.#engine.addInput(node));
      return;
    }
    const isInput = unit.attribute?.kind === "input" && placed.unit.attribute?.kind === "input";
    if (isInput && hasSameShape(shapeOf(placed.unit.axes), shapeOf(unit.axes))) {
      this.#engine.setCells(
        placed.node,
        wholeBox(shapeOf(unit.axes)),
        (unit.attribute as CheckedInput).column,
      );
    } else this.#engine.replace(placed.node, this.#nodeFor(unit, placed.unit));
    this.#keep(unit, placed.node);
  }

  /** `before`: what stands there, if anything. */
  #nodeFor(unit: Unit, before?: Unit): CellNode | FormulaNode | InputNode {
    const shape = shapeOf(unit.axes);
    if (unit.formula === undefined)
      return { name: unit.key, shape, column: (unit.attribute as CheckedInput).column };
    const mayBeCell = before === undefined || before.axes.length === 0;
    const cell = mayBeCell ? cellNodeOf(unit, (id) => this.nodeOf(id) as NodeId) : undefined;
    if (cell !== undefined) {
      this.#cellCount++;
      return cell;
    }
    return this.#formulaNode(unit, unit.formula, shape, this.#kernels.of(unit, unit.formula, before));
  }

  #formulaNode(unit: Unit, formula: BoundFormula, shape: Shape, kernel: Kernel): FormulaNode {
    const attribute = formulaOf(unit);
    const reaches = reachesOf(formula, unit.axes);
    const precedents: Precedent[] = formula.references.map(({ attribute: read }, i) => ({
      node: this.nodeOf(read) as NodeId,
      ...(reaches[i] as Reach),
    }));
    const node: FormulaNode = {
      name: unit.key,
      shape,
      precedents,
      kernel,
      ...stockOf(unit, (key) => this.nodeOf(key) as NodeId),
      ...(attribute?.isManual === true ? { isManual: true } : {}),
      ...(unit.isTransparent === true ? { isTransparent: true } : labelledBy(unit.axes)),
    };
    return unit.copyOf === undefined ? node : this.#copyNode(node, unit.copyOf);
  }

  /** The node with the source as its last precedent, read at the same cell. */
  #copyNode(node: FormulaNode, source: string): FormulaNode {
    const precedent: Precedent = {
      node: this.nodeOf(source) as NodeId,
      time: { kind: "window", from: 0, to: 0 },
      outer: { kind: "same" },
    };
    return { ...node, precedents: [...node.precedents, precedent], kernel: copyKernel(node.kernel) };
  }

  /** The module functions as one formula calls them. */
  #modulesFor(attribute: CheckedFormula | undefined): ModuleLookup {
    const { modules, calls, after } = this.#options;
    const policy = { retries: attribute?.retries ?? 0, timeoutMs: attribute?.timeoutMs, after };
    const { weight, id } = attribute ?? {};
    return formulaModules({ modules, runner: calls, policy, weight, attribute: id });
  }

  #declare(loop: CheckedLoop): void {
    const node = this.nodeOf(loop.attribute) as NodeId;
    const guess = loop.start === undefined ? undefined : this.nodeOf(guessKey(loop));
    this.#engine.declareLoop({
      name: loop.attribute,
      cuts: [guess === undefined ? { node } : { node, guess }],
      toleranceAbsolute: loop.toleranceAbsolute,
      toleranceRelative: loop.toleranceRelative,
      iterationsMax: loop.iterationsMax,
      ...(loop.method === undefined ? {} : { method: loop.method }),
      ...(loop.damping === undefined ? {} : { damping: loop.damping }),
      ...(loop.begin === undefined ? {} : { start: loop.begin }),
    });
  }

  readonly noteInput = (input: CheckedInput): void => {
    if (this.#placed.has(input.id)) this.#placed.note(input);
  };

  readonly recompileModule = (module: string): readonly string[] => {
    const calling = [...this.#placed.values()].filter(
      ({ unit }) =>
        unit.formula !== undefined && moduleCallsOf(unit.formula).some((call) => call.module === module),
    );
    this.#engine.transaction(() => {
      for (const { unit, node } of calling) this.#engine.replace(node, this.#nodeFor(unit));
    });
    return calling.flatMap(({ unit }) => (unit.attribute === undefined ? [] : [unit.key]));
  };

  readonly dispose = (): void => {
    this.#engine.transaction(() => this.#lay(emptyModel(this.model)));
  };
}

const nothing: ReadonlyMap<string, CheckedLoop> = new Map();

/** Labels for errors that the engine itself gives a cell. */
function labelledBy(axes: readonly Axis[]): Pick<FormulaNode, "labelsAt"> {
  if (axes.length === 0) return {};
  const { periods } = shapeOf(axes);
  return { labelsAt: (outer, period) => labelsAt(axes, outer * periods + period) };
}

function hasSameShape(a: Shape, b: Shape): boolean {
  return a.outer === b.outer && a.periods === b.periods;
}

function emptyModel(model: CheckedModel): CheckedModel {
  return { ...model, blocks: [], attributes: new Map(), loops: [], checks: [], curves: [], stocks: [] };
}
