/**
 * Random graphs of nodes of one cell (inputs, cells, formulas over columns, range nodes, computed values) and one wide
 * input, played on one engine under random edits, beside a recomputation of everything that knows no engine.
 */
import {
  type Attribute,
  type CellFamily,
  createEngine,
  type Engine,
  type FormulaNode,
  type NodeId,
  type Overlay,
  type RangeAggregate,
  type State,
} from "@reckon/engine";
import { type Column, columnFrom, errorValue, isErrorValue, type Scalar } from "@reckon/value";

const one = { outer: 1, periods: 1 };
const oneCell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
const width = 12;
const wideShape = { outer: 1, periods: width };
const numbers = [0, -0, 1, 2, 3, 1e200, -1e200, 0.1, 7] as const;
const scalars: readonly Scalar[] = [...numbers, 4, 5, "text", null, true, errorValue("#N/A")];

type Pair = (a: number, b: number, constant: number) => number;

function familyOf(name: string, constantCount: number, compute: Pair): CellFamily {
  return {
    name,
    arity: 2,
    constantCount,
    plain: (values, pool, at, constants, constantAt) =>
      compute(
        values[pool[at] as number] as number,
        values[pool[at + 1] as number] as number,
        constants[constantAt] as number,
      ),
    general: ([a = null, b = null], constants, constantAt) => {
      if (isErrorValue(a)) return a;
      if (isErrorValue(b)) return b;
      if (typeof a === "string" || typeof b === "string") return errorValue("#VALUE!");
      const result = compute(Number(a), Number(b), constants[constantAt] as number);
      return Number.isFinite(result) ? result : errorValue("#DIV/0!");
    },
  };
}

/** Sums, products and quotients leave the finite numbers now and then; remainders often repeat themselves. */
const families: readonly CellFamily[] = [
  familyOf("sum", 0, (a, b) => a + b),
  familyOf("product", 0, (a, b) => a * b),
  familyOf("quotient", 0, (a, b) => a / b),
  familyOf("remainder", 1, (a, b, constant) => (a + b + constant) % 5),
  { name: "if error", arity: 2, constantCount: 0, general: ([a, b]) => (isErrorValue(a) ? b : a) as Scalar },
];

type Recipe =
  | { readonly kind: "input"; readonly isAttribute: boolean }
  | {
      readonly kind: "cell" | "formula" | "computed";
      readonly family: CellFamily;
      readonly constant: number;
      readonly reads: readonly [WorldNode, WorldNode];
    }
  | {
      readonly kind: "range";
      readonly aggregate: RangeAggregate;
      readonly from: number;
      readonly to: number;
    };

/** Reads only nodes of lower rank, whatever their ids. */
export interface WorldNode {
  id: NodeId;
  readonly rank: number;
  recipe: Recipe;
  /** Of an input. */
  value: Scalar;
  attribute: Attribute<unknown> | null;
}

export interface Scenario {
  readonly state: State;
  readonly parent: Scenario | null;
  readonly overrides: Map<WorldNode, Scalar>;
  readonly pins: Map<WorldNode, Scalar>;
}

function constantsOf({ constantCount }: CellFamily, constant: number): Float64Array {
  return new Float64Array(constantCount).fill(constant);
}

/** What an embedder's function makes of two values, errors aside. */
function mixed(a: unknown, b: unknown): number {
  const sum = typeof a === "number" && typeof b === "number" ? (a + b) % 5 : 1;
  return Number.isFinite(sum) ? sum : 0;
}

function asFormula(
  name: string,
  { family, constant, reads }: Extract<Recipe, { reads: unknown }>,
): FormulaNode {
  const constants = constantsOf(family, constant);
  return {
    name,
    shape: one,
    precedents: reads.map(({ id }) => ({ node: id, time: { kind: "all" }, outer: { kind: "all" } })),
    kernel: {
      compute(inputs: readonly Column[], out: Column): void {
        const value = family.general(
          inputs.map((input) => input.get(0)),
          constants,
          0,
        );
        out.set(0, typeof value === "number" && !Number.isFinite(value) ? errorValue("#NUM!") : value);
      },
    },
  };
}

export class CellWorld {
  readonly engine: Engine;
  readonly nodes: WorldNode[] = [];
  readonly scenarios: Scenario[];
  readonly slices: (() => void)[] = [];
  readonly wide: NodeId;
  readonly wideCells: number[] = Array.from({ length: width }, (_, i) => i % 5);
  private ranks = 0;
  private readonly draw: (limit: number) => number;

  constructor(draw: (limit: number) => number, { isYielding = false, isChecked = false } = {}) {
    this.draw = draw;
    let ms = 0;
    this.engine = createEngine({
      isChecked,
      ...(isYielding
        ? {
            clock: { now: () => ms++ },
            yielding: { budgetMs: draw(4), defer: (resume) => void this.slices.push(resume) },
          }
        : {}),
    });
    this.scenarios = [{ state: this.engine, parent: null, overrides: new Map(), pins: new Map() }];
    this.wide = this.engine.addInput({
      name: "wide",
      shape: wideShape,
      column: columnFrom(wideShape, this.wideCells),
    });
    this.addInputs();
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.draw(items.length)] as T;
  }

  private take(recipe: Recipe, rank: number, value: Scalar = null): WorldNode {
    return { id: 0 as NodeId, rank, recipe, value, attribute: null };
  }

  /** Plays one edit. */
  edit(): void {
    const edits = [
      this.setSome,
      this.setSome,
      this.setOne,
      this.setOne,
      this.setWide,
      this.addInputs,
      this.addTable,
      this.addTable,
      this.addAlone,
      this.replace,
      this.removeSome,
      this.openOverlay,
      this.editOverlay,
      this.editOverlay,
      this.fail,
      this.several,
    ];
    this.pick(edits).call(this);
  }

  private inputs(isAttributeToo = true): WorldNode[] {
    return this.nodes.filter(
      ({ recipe }) => recipe.kind === "input" && (isAttributeToo || !recipe.isAttribute),
    );
  }

  /** Many numbers by consecutive ids or by a list, which may name an input twice and cells and attributes together. */
  private setSome(): void {
    const inputs = this.inputs();
    if (inputs.length === 0) return;
    const chosen = Array.from({ length: 1 + this.draw(6) }, () => this.pick(inputs));
    const values = Float64Array.from(chosen, () => this.pick(numbers));
    const isInRow = chosen.every((node, i) => node.id === (chosen[0] as WorldNode).id + i);
    const ids = Int32Array.from(chosen, ({ id }) => id);
    this.engine.setNumbers(isInRow ? (chosen[0] as WorldNode).id : ids, values);
    chosen.forEach((node, i) => {
      node.value = values[i] as number;
    });
  }

  private setOne(): void {
    const inputs = this.inputs(false);
    if (inputs.length === 0) return;
    const node = this.pick(inputs);
    node.value = this.pick(scalars);
    this.engine.setCells(node.id, oneCell, columnFrom(one, [node.value]));
  }

  private setWide(): void {
    const from = this.draw(width);
    const to = from + 1 + this.draw(width - from);
    const value = this.draw(5);
    this.wideCells.fill(value, from, to);
    const cells = columnFrom({ outer: 1, periods: to - from }, new Array<number>(to - from).fill(value));
    this.engine.setCells(this.wide, { ...oneCell, from, to }, cells);
  }

  private addInputs(): void {
    if (this.nodes.length > 150) return;
    const values = Float64Array.from({ length: 1 + this.draw(5) }, () => this.pick(numbers));
    const first = this.engine.addCellInputs({ values });
    values.forEach((value, i) => {
      const node = this.take({ kind: "input", isAttribute: false }, this.ranks++, value);
      node.id = (first + i) as NodeId;
      this.nodes.push(node);
    });
  }

  /** Cells of one family, which read what is there and each other in any order of ids, or ranges of the wide input. */
  private addTable(): void {
    if (this.nodes.length > 150) return;
    if (this.nodes.length === 0) this.addInputs();
    const { engine } = this;
    const count = 1 + this.draw(12);
    if (this.draw(4) === 0) {
      const aggregate = this.pick(["sum", "count", "average"] as const);
      const from = Int32Array.from({ length: count }, () => this.draw(width));
      const to = from.map((start) => start + this.draw(width - start + 1));
      const first = engine.addRanges({ of: this.wide, from, to, aggregate });
      for (let i = 0; i < count; i++) {
        const recipe = { kind: "range", aggregate, from: from[i] as number, to: to[i] as number } as const;
        const node = this.take(recipe, this.ranks++);
        node.id = (first + i) as NodeId;
        this.nodes.push(node);
      }
      return;
    }
    const family = this.pick(families);
    const added: WorldNode[] = [];
    const known = [...this.nodes];
    for (let i = 0; i < count; i++) {
      const reads = [this.pick(known), this.pick(known)] as const;
      const node = this.take({ kind: "cell", family, constant: this.draw(3), reads }, this.ranks++);
      known.push(node);
      added.splice(this.draw(added.length + 1), 0, node);
    }
    engine.transaction(() => {
      // Ids go up by one from the first, so an empty table says which is next.
      const next = engine.addCells({ family, count: 0, precedents: [] });
      added.forEach((node, i) => {
        node.id = (next + i) as NodeId;
      });
      const recipes = added.map(({ recipe }) => recipe as Extract<Recipe, { reads: unknown }>);
      engine.addCells({
        family,
        count,
        precedents: recipes.flatMap(({ reads }) => reads.map(({ id }) => id)),
        ...(family.constantCount === 0 ? {} : { constants: Float64Array.from(recipes, (r) => r.constant) }),
        nameAt: (i) => `cell ${i}`,
      });
    });
    this.nodes.push(...added);
  }

  private formulaRecipe(kinds: readonly ("cell" | "formula" | "computed")[], rank: number): Recipe {
    const below = this.nodes.filter((node) => node.rank < rank);
    return {
      kind: this.pick(kinds),
      family: this.pick(families),
      constant: this.draw(3),
      reads: [this.pick(below), this.pick(below)],
    };
  }

  private addAlone(): void {
    const { engine, nodes } = this;
    if (nodes.length > 150) return;
    const rank = this.ranks++;
    if (nodes.length === 0 || this.draw(4) === 0) {
      const value = this.pick(numbers);
      const node = this.take({ kind: "input", isAttribute: true }, rank, value);
      node.attribute = engine.input<unknown>(value);
      node.id = node.attribute.id;
      nodes.push(node);
      return;
    }
    const readable = nodes.filter(({ attribute }) => attribute !== null);
    const recipe = this.formulaRecipe(
      readable.length === 0 ? ["cell", "formula"] : ["cell", "formula", "computed"],
      rank,
    );
    if (recipe.kind === "computed") {
      const reads = [this.pick(readable), this.pick(readable)] as const;
      const node = this.take({ ...recipe, reads }, rank);
      const attributes = reads.map(({ attribute }) => attribute as Attribute<unknown>);
      node.attribute = engine.computed(attributes, (a, b) => mixed(a, b));
      node.id = node.attribute.id;
      nodes.push(node);
      return;
    }
    const node = this.take(recipe, rank);
    node.id =
      recipe.kind === "cell"
        ? engine.addCell(this.cellOf(recipe))
        : engine.addFormula(asFormula("formula", recipe as Extract<Recipe, { reads: unknown }>));
    nodes.push(node);
  }

  private cellOf(recipe: Recipe) {
    const { family, constant, reads } = recipe as Extract<Recipe, { reads: unknown }>;
    return {
      name: "cell",
      family,
      precedents: reads.map(({ id }) => id),
      constants: [...constantsOf(family, constant)],
    };
  }

  private replace(): void {
    const { engine } = this;
    const candidates = this.nodes.filter(({ attribute }) => attribute === null);
    if (candidates.length === 0) return;
    const node = this.pick(candidates);
    const isLowest = this.nodes.every(({ rank }) => rank >= node.rank);
    const kind = isLowest ? 0 : this.draw(3);
    if (kind === 0) {
      node.recipe = { kind: "input", isAttribute: false };
      node.value = this.pick(scalars);
      engine.replace(node.id, { name: "input", shape: one, column: columnFrom(one, [node.value]) });
    } else if (kind === 1) {
      const from = this.draw(width);
      node.recipe = { kind: "range", aggregate: "sum", from, to: from + this.draw(width - from + 1) };
      engine.replace(node.id, { name: "range", of: this.wide, ...node.recipe });
    } else {
      node.recipe = this.formulaRecipe(["cell", "formula"], node.rank);
      if (node.recipe.kind === "cell") engine.replace(node.id, this.cellOf(node.recipe));
      else engine.replace(node.id, asFormula("formula", node.recipe as Extract<Recipe, { reads: unknown }>));
    }
    for (const { overrides, pins } of this.scenarios) {
      if (node.recipe.kind === "input") pins.delete(node);
      else overrides.delete(node);
    }
  }

  /** A node and all that reads it, in one transaction. */
  private removeSome(): void {
    if (this.nodes.length === 0) return;
    const gone = new Set<WorldNode>([this.pick(this.nodes)]);
    for (const node of this.nodes.toSorted((a, b) => a.rank - b.rank)) {
      if ("reads" in node.recipe && node.recipe.reads.some((read) => gone.has(read))) gone.add(node);
    }
    this.engine.transaction(() => {
      for (const node of gone) this.engine.remove(node.id);
    });
    for (const node of gone) {
      this.nodes.splice(this.nodes.indexOf(node), 1);
      for (const { overrides, pins } of this.scenarios) {
        overrides.delete(node);
        pins.delete(node);
      }
    }
  }

  private openOverlay(): void {
    if (this.scenarios.length > 3) return;
    const parent = this.pick(this.scenarios);
    const state = this.engine.overlay("scenario", parent.state);
    this.scenarios.push({ state, parent, overrides: new Map(), pins: new Map() });
  }

  private editOverlay(): void {
    if (this.scenarios.length === 1) return;
    const scenario = this.scenarios[1 + this.draw(this.scenarios.length - 1)] as Scenario;
    const overlay = scenario.state as Overlay;
    const action = this.draw(6);
    const cells = columnFrom(one, [this.pick(numbers)]);
    if (action < 2) {
      const inputs = this.inputs();
      if (inputs.length === 0) return;
      const node = this.pick(inputs);
      scenario.overrides.set(node, cells.get(0));
      overlay.setCells(node.id, oneCell, cells);
    } else if (action === 2) {
      const formulas = this.nodes.filter(({ recipe }) => recipe.kind !== "input");
      if (formulas.length === 0) return;
      const node = this.pick(formulas);
      scenario.pins.set(node, cells.get(0));
      overlay.pin(node.id, oneCell, cells);
    } else if (action === 3 && scenario.overrides.size > 0) {
      const node = this.pick([...scenario.overrides.keys()]);
      scenario.overrides.delete(node);
      overlay.clearOverride(node.id);
    } else if (action === 4 && scenario.pins.size > 0) {
      const node = this.pick([...scenario.pins.keys()]);
      scenario.pins.delete(node);
      overlay.unpin(node.id);
    } else if (action === 5) {
      overlay.close();
      const gone = new Set<Scenario | null>([scenario]);
      for (const other of this.scenarios) if (gone.has(other.parent)) gone.add(other);
      for (const one of gone) this.scenarios.splice(this.scenarios.indexOf(one as Scenario), 1);
    }
  }

  /** Additions and edits that are rolled back. */
  private fail(): void {
    const { engine } = this;
    const [input] = this.inputs();
    const count = engine.nodeCount;
    try {
      engine.transaction(() => {
        const family = families[0] as CellFamily;
        const first = engine.addCellInputs({ values: Float64Array.of(1, 2, 3) });
        engine.addCells({ family, count: 2, precedents: [first, first + 1, first + 2, first] });
        engine.addRanges({ of: this.wide, from: Int32Array.of(0), to: Int32Array.of(2), aggregate: "sum" });
        if (input !== undefined) engine.setNumbers(input.id, Float64Array.of(99));
        if (this.draw(2) === 0) engine.addCell({ name: "x", family, precedents: [first, 10_000 as NodeId] });
        else throw new Error("on purpose");
      });
    } catch (error) {
      if (engine.nodeCount === count) return;
      throw error;
    }
    throw new Error("the transaction was accepted");
  }

  private several(): void {
    this.engine.transaction(() => {
      for (let i = 1 + this.draw(3); i > 0; i--)
        this.pick([this.setSome, this.setOne, this.setWide, this.addInputs]).call(this);
    });
  }

  /** The value that each node has in a state, worked out from nothing. */
  expected(scenario: Scenario): Map<WorldNode, Scalar> {
    const values = new Map<WorldNode, Scalar>();
    const chain: Scenario[] = [];
    for (let at: Scenario | null = scenario; at !== null; at = at.parent) chain.push(at);
    for (const node of this.nodes.toSorted((a, b) => a.rank - b.rank)) {
      const { recipe } = node;
      const own = chain.find(({ overrides, pins }) => overrides.has(node) || pins.has(node));
      if (own !== undefined) values.set(node, (own.overrides.get(node) ?? own.pins.get(node)) as Scalar);
      else if (recipe.kind === "input") values.set(node, node.value);
      else if (recipe.kind === "range") values.set(node, this.aggregate(recipe));
      else
        values.set(
          node,
          computed(
            recipe,
            recipe.reads.map((read) => values.get(read) as Scalar),
          ),
        );
    }
    return values;
  }

  private aggregate({ aggregate, from, to }: Extract<Recipe, { kind: "range" }>): Scalar {
    const sum = this.wideCells.slice(from, to).reduce((total, value) => total + value, 0);
    if (aggregate === "sum") return sum;
    if (aggregate === "count") return to - from;
    return to === from ? errorValue("#DIV/0!") : sum / (to - from);
  }
}

function computed({ kind, family, constant }: Extract<Recipe, { reads: unknown }>, read: Scalar[]): Scalar {
  if (kind === "computed") return read.find(isErrorValue) ?? mixed(read[0], read[1]);
  const value = family.general(read, constantsOf(family, constant), 0);
  return typeof value === "number" && !Number.isFinite(value) ? errorValue("#NUM!") : value;
}
