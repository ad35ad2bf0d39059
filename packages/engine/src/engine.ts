/**
 * `createEngine`: joins the parts into the public `Engine`. Nothing is decided here.
 */
import type { Attribute, ComputedOptions, Engine, EngineOptions, Input, State } from "./api.ts";
import { bulkFace } from "./bulk/bulk-face.ts";
import { cellFace } from "./cells/cell-face.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { EngineError } from "./engine-error.ts";
import { GraphAttribute, GraphInput, guardedId, type ScalarFace } from "./face/attribute.ts";
import { guardCell, guardColumnNode, guardInputNode, guardNode, guardPrecedents } from "./face/guards.ts";
import { stateFace } from "./face/state-face.ts";
import type { FormulaNode, InputNode, LoopDeclaration, NodeId } from "./formula-node.ts";
import { checkInvariants } from "./invariants/check-invariants.ts";
import { type OverlayRegistry, openOverlay } from "./overlays/overlay.ts";
import { rangeFace } from "./ranges/range-face.ts";
import { cellOfRange } from "./ranges/range-family.ts";
import { cancelFlights } from "./recalculation/cancel.ts";
import { giveUpFlight } from "./recalculation/departure.ts";
import { Graph } from "./recalculation/graph.ts";
import { settle } from "./recalculation/plain-settle.ts";
import { recalculate } from "./recalculation/recalculate.ts";
import { writeScalar } from "./recalculation/scalar-step.ts";
import { spread } from "./recalculation/settle.ts";
import type { CellOrder } from "./structure/cell-order.ts";
import { orderOf } from "./structure/component-order.ts";
import {
  kindColumnFormula,
  kindColumnInput,
  kindScalarFormula,
  kindScalarInput,
  traitManual,
  traitOwnEquality,
} from "./structure/structure.ts";
import { traitsOf, writeFormulaRow } from "./transactions/definition.ts";
import { isCellNode, isInputNode } from "./transactions/edit.ts";
import { Transaction } from "./transactions/transaction.ts";
import { SlicedQueue } from "./yielding/sliced-queue.ts";
import { Slices } from "./yielding/slices.ts";

/**
 * An empty engine. It touches no clock, file, thread or network; what it needs of these is in `options`.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const price = engine.input(10);
 * const units = engine.input(5);
 * const revenue = engine.computed([price, units], (p, u) => p * u);
 * effect(() => console.log(revenue.signal.value)); // 50
 * price.set(12); // 60
 * ```
 */
export function createEngine(options: EngineOptions = {}): Engine {
  const graph = new Graph(options);
  graph.recalculate = recalculate;
  if (options.yielding !== undefined) graph.yielding = slicesOf(graph, options);
  const canDecide = options.executor?.costs !== undefined || graph.memoStore !== null;
  if (graph.costs !== null && canDecide) graph.dispatch = new Dispatcher(graph, graph.costs, options);
  const transaction = new Transaction(graph);
  const registry: OverlayRegistry = { tables: new WeakMap(), nextId: 1 };
  const engine: Engine = Object.defineProperties(
    {
      ...stateFace(graph, graph.base, transaction),
      ...scalarFace(graph, transaction),
      ...modelFace(graph, transaction),
      ...cellFace(graph, transaction),
      ...rangeFace(graph, transaction),
      ...bulkFace(graph, transaction),
      ...sharedFace(graph, transaction),
    } as Engine,
    {
      revision: { get: () => graph.base.revision, enumerable: true },
      nodeCount: { get: () => graph.structure.nodeCount, enumerable: true },
    },
  );
  registry.tables.set(engine, graph.base);
  const overlay = (name: string, parent: State = engine) =>
    openOverlay(graph, transaction, registry, { name, parent });
  return Object.assign(engine, { overlay });
}

function slicesOf(graph: Graph, { clock, yielding }: EngineOptions): Slices {
  const { queue } = graph;
  if (clock === undefined || yielding === undefined || !(queue instanceof SlicedQueue)) {
    throw new EngineError("engine/no-clock", {
      expected: "a clock for an engine that yields",
      found: "none",
      remedy: "give `clock` beside `yielding`",
    });
  }
  return new Slices(graph, queue, { ...yielding, clock });
}

function scalarFace(graph: Graph, transaction: Transaction): Pick<Engine, "input" | "computed"> {
  const { structure, base } = graph;
  const face: ScalarFace = {
    graph,
    setScalar: (node, value) => setScalar(graph, transaction, node, value),
  };
  const input = <T>(initial: T, options?: { readonly name?: string }): Input<T> => {
    transaction.guard();
    const node = graph.allocate(kindScalarInput, undefined);
    if (options?.name !== undefined) structure.names.set(node, options.name);
    base.write(node, initial);
    transaction.add(node);
    return new GraphInput<T>(face, node);
  };
  const computed = (
    precedents: readonly Attribute<unknown>[],
    compute: (...values: never[]) => unknown,
    options?: ComputedOptions,
  ): Attribute<unknown> => {
    transaction.guard();
    const ids = new Array<number>(precedents.length);
    for (let i = 0; i < ids.length; i++) {
      ids[i] = guardedId(graph, precedents[i] as Attribute<unknown>);
    }
    const node = graph.allocate(kindScalarFormula, compute);
    structure.edges.setPrecedents(node, ids);
    if (options !== undefined) takeOptions(graph, node, options);
    transaction.add(node);
    return new GraphAttribute<unknown>(face, node);
  };
  return { input, computed: computed as Engine["computed"] };
}

function takeOptions(graph: Graph, node: number, options: ComputedOptions): void {
  const { structure } = graph;
  if (options.name !== undefined) structure.names.set(node, options.name);
  if (options.isEqual !== undefined) structure.equalities.set(node, options.isEqual);
  structure.setTraits(
    node,
    (options.isManual === true ? traitManual : 0) | (options.isEqual === undefined ? 0 : traitOwnEquality),
  );
}

/** The short way for the commonest edit; inside a transaction it is staged like any other. */
function setScalar(graph: Graph, transaction: Transaction, node: number, value: unknown): void {
  guardNode(graph, node);
  if (transaction.isOpen) {
    transaction.stage({ kind: "value", node, value });
    return;
  }
  transaction.guard();
  const { base } = graph;
  if (Object.is(base.valueOf(node), value)) return;
  graph.beginEdit();
  base.revision = graph.revision;
  const flags = base.flags[node] as number;
  const isNumber = typeof value === "number" && Number.isFinite(value);
  if (isNumber && graph.trace === null) {
    settle(graph, base, node, flags, value);
    recalculate(graph);
    return;
  }
  if (writeScalar(graph, base, node, node, value)) {
    spread(graph, base, node, node, null);
    recalculate(graph);
  }
}

type ModelFace = Pick<
  Engine,
  "addInput" | "addFormula" | "replace" | "remove" | "declareLoop" | "dropLoop" | "undeclaredLoops"
>;

function modelFace(graph: Graph, transaction: Transaction): ModelFace {
  const { structure, base } = graph;
  return {
    addInput: (definition: InputNode): NodeId => {
      transaction.guard();
      guardInputNode(definition);
      const node = graph.allocate(kindColumnInput, definition);
      if (structure.isWide(node)) base.writeColumn(node, definition.column, true);
      else base.write(node, definition.column.get(0));
      transaction.add(node);
      return node;
    },
    addFormula: (definition: FormulaNode): NodeId => {
      transaction.guard();
      guardPrecedents(graph, definition);
      const node = graph.allocate(kindColumnFormula, definition);
      structure.setTraits(node, traitsOf(definition));
      writeFormulaRow(graph, node, definition);
      transaction.add(node);
      return node;
    },
    replace: (node, given) => {
      guardColumnNode(graph, node);
      const definition = "aggregate" in given ? cellOfRange(given) : given;
      if (isInputNode(definition)) guardInputNode(definition);
      else if (isCellNode(definition)) guardCell(definition);
      else guardPrecedents(graph, definition);
      transaction.stage({ kind: "replace", node, definition });
    },
    remove: (node) => {
      guardNode(graph, node);
      transaction.stage({ kind: "remove", node });
    },
    declareLoop: (declaration: LoopDeclaration) => {
      for (const cut of declaration.cuts) {
        guardNode(graph, cut.node);
        if (cut.guess !== undefined) guardNode(graph, cut.guess);
      }
      transaction.stage({ kind: "loop", name: declaration.name, declaration });
    },
    dropLoop: (name) => transaction.stage({ kind: "loop", name, declaration: null }),
    undeclaredLoops: () => undeclaredLoops(graph),
  };
}

function undeclaredLoops(graph: Graph): (readonly NodeId[])[] {
  const found: (readonly NodeId[])[] = [];
  for (const component of graph.structure.componentList) {
    if (component === undefined) continue;
    const order = orderOf(graph.structure, component, graph.loops);
    for (const block of order.first ?? order.blocks) {
      if (block.undeclared !== null) found.push(block.undeclared);
    }
    if (order.cellOrder !== null) found.push(...uncutPaths(order.cellOrder, order.members));
  }
  return found;
}

/** Paths that no declaration cuts, by attributes; one for all periods and members in which it is the same. */
function uncutPaths({ graph, steps }: CellOrder, members: readonly number[]): (readonly NodeId[])[] {
  const paths = new Map<string, readonly NodeId[]>();
  for (const { undeclared } of steps) {
    if (undeclared === null) continue;
    const path = undeclared.map((cell) => members[graph.memberOf[cell] as number] as NodeId);
    paths.set(path.join(" "), path);
  }
  return [...paths.values()];
}

type SharedFace = Pick<
  Engine,
  | "transaction"
  | "settled"
  | "cancel"
  | "subscribe"
  | "figures"
  | "costsByVersion"
  | "precedentsOf"
  | "dependentsOf"
  | "levelOf"
  | "shapeOf"
  | "nameOf"
  | "checkInvariants"
  | "dispose"
>;

function sharedFace(graph: Graph, transaction: Transaction): SharedFace {
  const { structure } = graph;
  const checked = (node: NodeId): NodeId => {
    guardNode(graph, node);
    return node;
  };
  return {
    transaction: (edits) => transaction.run(edits),
    settled: () => graph.settled(),
    cancel: () => cancelFlights(graph),
    subscribe: (listener, options) => graph.subscribe(listener, options),
    figures: () => ({ ...graph.figures }),
    costsByVersion: () => graph.dispatch?.costsByVersion() ?? new Map(),
    precedentsOf: (node) => distinct(structure.precedentsOf(checked(node))),
    dependentsOf: (node) => distinct(structure.dependentsOf(checked(node))),
    levelOf: (node) => structure.levelOf(checked(node)),
    shapeOf: (node) => structure.shapeOf(checked(node)),
    nameOf: (node) => structure.nameOf(checked(node)),
    checkInvariants: () => checkInvariants(graph),
    dispose: () => {
      for (const state of graph.states) {
        for (const node of [...state.flights.keys()]) {
          giveUpFlight(graph, state, node, "the engine was disposed");
        }
      }
      graph.yielding?.close();
      graph.isClosed = true;
      graph.wakeWaiters();
    },
  };
}

function distinct(nodes: readonly number[]): NodeId[] {
  return [...new Set(nodes)].sort((a, b) => a - b) as NodeId[];
}
