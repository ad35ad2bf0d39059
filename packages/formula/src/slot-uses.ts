/**
 * Under which known conditions each slot of an expression is read: `IF(MEMBER(segment) = "SMB", a, b)` reads `a` in the
 * cells of SMB and `b` in the others.
 *
 * The tree is walked with a stack of its own. A branch that is chosen by a known condition (cell-condition.ts) is walked
 * with one more test; one that is chosen in no cell is not walked. What is chosen by values is read, as far as anybody
 * knows. Cost: the tree, and each known condition once for the cells it tells apart.
 */
import { type Axis, isArrayValue } from "@reckon/value";
import type { BoundExpression, BoundFormula } from "./bound.ts";
import { partsOf } from "./bound-parts.ts";
import { CellCondition, isKnown, type KnownNames, noNames } from "./cell-condition.ts";
import { isLambda } from "./functions/definition.ts";
import { functionByName } from "./functions/registry.ts";

/** Holds where the condition gives this number; an array or a function may choose anything. */
interface Test {
  readonly choice: CellCondition;
  readonly branch: number;
}

/** All tests must hold. */
type Guard = readonly Test[];

/** How many guards are told apart; a slot that is read under more counts as read everywhere. */
const guardsMax = 32;

interface Visit {
  readonly node: BoundExpression;
  readonly guard: Guard;
  readonly known: KnownNames;
}

export class SlotUses {
  /** Per slot the guards of its places; one without tests makes the others needless. Absent: not read. */
  readonly #guards: Map<number, Guard[]> = new Map();

  constructor(root: BoundExpression, formula: BoundFormula) {
    const { axes, references } = formula;
    const pending: Visit[] = [{ node: root, guard: [], known: noNames }];
    for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
      const { node } = visit;
      if (node.kind === "read") {
        const isFirst = this.#add(node.slot, visit.guard);
        if (!isFirst) continue;
        for (const access of references[node.slot]?.access ?? []) {
          // Keys are evaluated outside of all local names.
          if (access.kind === "key") pending.push({ ...visit, node: access.key, known: noNames });
        }
      } else pending.push(...insideOf(visit, axes));
    }
  }

  /** Slots that are read somewhere. */
  get slots(): Iterable<number> {
    return this.#guards.keys();
  }

  has(slot: number): boolean {
    return this.#guards.has(slot);
  }

  /** Whether the slot is read in every cell. */
  isAlways(slot: number): boolean {
    return this.#guards.get(slot)?.some((guard) => guard.length === 0) ?? false;
  }

  /** Whether a condition asks which period it is; `time` is the place of that axis. */
  asks(time: number): boolean {
    for (const guards of this.#guards.values())
      if (guards.some((guard) => guard.some(({ choice }) => choice.asks(time)))) return true;
    return false;
  }

  isReadAt(slot: number, outer: number, period: number): boolean {
    const guards = this.#guards.get(slot);
    if (guards === undefined) return false;
    return guards.some((guard) => guard.every((test) => holds(test, outer, period)));
  }

  /** False where nothing new is said. */
  #add(slot: number, guard: Guard): boolean {
    const guards = this.#guards.get(slot);
    if (guards === undefined) this.#guards.set(slot, [guard]);
    else if (guards.some((one) => one.length === 0)) return false;
    else if (guard.length === 0 || guards.length >= guardsMax) this.#guards.set(slot, [[]]);
    else guards.push(guard);
    return true;
  }
}

function holds({ choice, branch }: Test, outer: number, period: number): boolean {
  const value = choice.at(outer, period);
  return value === branch || isArrayValue(value) || isLambda(value);
}

/** The parts to walk next. */
function insideOf(visit: Visit, axes: readonly Axis[]): readonly Visit[] {
  const { node, known } = visit;
  if (node.kind === "let") return insideLet(visit, node);
  if (node.kind !== "call" || functionByName(node.definition.name) !== node.definition) {
    return partsOf(node).map((part) => ({ ...visit, node: part }));
  }
  const list = node.arguments;
  const isKnownAt = (i: number): boolean => list[i] !== undefined && isKnown(list[i], known);
  switch (node.definition.name) {
    case "IF":
      return isKnownAt(0) ? chosen(visit, node, [1, 2], axes) : whole(visit, list);
    case "CHOOSE":
      return isKnownAt(0) ? chosen(visit, node, indexesFrom(1, 1, list.length), axes) : whole(visit, list);
    case "SWITCH": {
      const results = indexesFrom(2, 2, list.length);
      if (list.length % 2 === 0) results.push(list.length - 1);
      const isDecided = list.every((_, i) => results.includes(i) || isKnownAt(i));
      return isDecided ? chosen(visit, node, results, axes) : whole(visit, list);
    }
    case "IFS":
      return insideIfs(visit, list, axes);
    default:
      return whole(visit, list);
  }
}

function whole(visit: Visit, list: readonly BoundExpression[]): Visit[] {
  return list.map((node) => ({ ...visit, node }));
}

function indexesFrom(first: number, step: number, end: number): number[] {
  const indexes: number[] = [];
  for (let i = first; i < end; i += step) indexes.push(i);
  return indexes;
}

/** The branches of a call that chooses among them by known arguments: the call itself says which, of their numbers. */
function chosen(
  visit: Visit,
  call: Extract<BoundExpression, { kind: "call" }>,
  branches: readonly number[],
  axes: readonly Axis[],
): Visit[] {
  const numbered = call.arguments.map(
    (argument, i): BoundExpression => (branches.includes(i) ? { kind: "literal", value: i } : argument),
  );
  const choice = new CellCondition({ ...call, arguments: numbered }, axes, visit.known);
  return branches.flatMap((branch) => {
    const node = call.arguments[branch];
    return node === undefined ? [] : guarded({ ...visit, node }, { choice, branch });
  });
}

/** The visit with one more test; nothing where that never holds. */
function guarded(visit: Visit, test: Test): Visit[] {
  if (!test.choice.isConstant) return [{ ...visit, guard: [...visit.guard, test] }];
  return holds(test, 0, 0) ? [visit] : [];
}

/** Conditions are asked one after another, each only if none before it held. */
function insideIfs(visit: Visit, list: readonly BoundExpression[], axes: readonly Axis[]): Visit[] {
  const found: Visit[] = [];
  const definition = functionByName("IF");
  let rest: Visit | undefined = visit;
  for (let i = 0; i < list.length && rest !== undefined; i += 2) {
    const condition = list[i] as BoundExpression;
    const result = list[i + 1];
    if (definition === undefined || !isKnown(condition, visit.known)) {
      found.push({ ...rest, node: condition });
      if (result !== undefined) found.push({ ...rest, node: result });
      continue;
    }
    const numbers = [1, 2].map((value): BoundExpression => ({ kind: "literal", value }));
    const choosing: BoundExpression = { kind: "call", definition, arguments: [condition, ...numbers] };
    const choice = new CellCondition(choosing, axes, visit.known);
    if (result !== undefined) found.push(...guarded({ ...rest, node: result }, { choice, branch: 1 }));
    rest = guarded(rest, { choice, branch: 2 })[0];
  }
  return found;
}

/** Names of known values are known in what follows; the others are read where they are bound. */
function insideLet(visit: Visit, node: Extract<BoundExpression, { kind: "let" }>): Visit[] {
  const found: Visit[] = [];
  let known = visit.known;
  node.values.forEach((value, i) => {
    if (isKnown(value, known)) {
      known = { names: [...known.names, node.names[i] as string], values: [...known.values, value] };
    } else found.push({ ...visit, known, node: value });
  });
  found.push({ ...visit, known, node: node.body });
  return found;
}
