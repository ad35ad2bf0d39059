/**
 * Nodes of one cell of all kinds under random edits, on the plain way, the long way (somebody listens, now and then) and
 * in slices, against a recomputation of everything; and the lists of changes against what did change.
 */
import type { ChangeList, NodeId, State } from "@reckon/engine";
import { type Column, isErrorValue, type Scalar, sameScalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import { CellWorld } from "./cell-world.ts";

const someNumbers = fc.array(fc.nat(2 ** 20), { minLength: 40, maxLength: 500, size: "max" });

function drawing(numbers: readonly number[]): { draw: (limit: number) => number; isUsedUp: () => boolean } {
  let at = 0;
  return {
    draw: (limit) => (limit <= 0 ? 0 : (numbers[at++] ?? 0) % limit),
    isUsedUp: () => at >= numbers.length,
  };
}

const shown = (value: Scalar): unknown =>
  isErrorValue(value) ? value.code : Object.is(value, -0) ? "-0" : value;

function checkValues(world: CellWorld): void {
  for (const scenario of world.scenarios) {
    const expected = world.expected(scenario);
    const { state } = scenario;
    const actual = [...expected.keys()].map(({ id, recipe }) => [
      id,
      recipe.kind,
      shown(state.readCell(id, 0)),
    ]);
    expect(actual).toEqual([...expected].map(([{ id, recipe }, value]) => [id, recipe.kind, shown(value)]));
  }
  const { engine } = world;
  const out = new Float64Array(1);
  for (const { id } of world.nodes) {
    engine.readNumbers(id, out);
    const value = engine.readCell(id, 0);
    expect(out[0]).toBe(typeof value === "number" ? value : Number.NaN);
  }
}

type Values = Map<NodeId, readonly Scalar[]>;

function cellsOf(column: Column): Scalar[] {
  return Array.from({ length: column.length }, (_, cell) => column.get(cell));
}

/** What every state shows, by the state's id. */
function snapshot(world: CellWorld): Map<number, Values> {
  const ids = [world.wide, ...world.nodes.map(({ id }) => id)];
  const ofState = (state: State): Values => new Map(ids.map((id) => [id, cellsOf(state.view(id))]));
  return new Map(world.scenarios.map(({ state }) => [state.id, ofState(state)]));
}

const isAlike = (a: Scalar, b: Scalar): boolean =>
  sameScalar(a, b) && (!isErrorValue(a) || !isErrorValue(b) || a.detail === b.detail);

/** The hull of the cells that differ, or `null`. */
function difference(before: readonly Scalar[], after: readonly Scalar[]): [number, number] | null {
  const differing = after.flatMap((value, i) => (isAlike(before[i] as Scalar, value) ? [] : [i]));
  return differing.length === 0 ? null : [differing[0] as number, (differing.at(-1) as number) + 1];
}

/** Listed, by state and node: the box that the list gave. */
type Listed = Map<number, Map<number, readonly [number, number]>>;

function take(listed: Listed, changes: ChangeList): void {
  const own = new Map<number, readonly [number, number]>();
  listed.set(changes.state, own);
  for (let i = 0; i < changes.count; i++) {
    const { from, to } = changes.boxAt(i);
    const node = changes.nodes[i] as number;
    expect(own.has(node), `node ${node} stands once in the list of state ${changes.state}`).toBe(false);
    own.set(node, [from, to]);
  }
}

function checkChanges(
  world: CellWorld,
  before: Map<number, Values>,
  listed: Listed,
  formulas: Set<NodeId>,
): void {
  const after = snapshot(world);
  for (const { state, parent } of world.scenarios) {
    const was = before.get(state.id);
    if (was === undefined) continue;
    for (const [node, cells] of after.get(state.id) as Values) {
      const own = listed.get(state.id)?.get(node);
      const former = was.get(node);
      const what = `node ${node} of state ${state.id}`;
      if (former === undefined) {
        // Inputs are listed only if a later edit of the transaction set them.
        if (parent === null && formulas.has(node)) expect(own, `${what}, which was added`).toBeDefined();
        continue;
      }
      const changed = difference(former, cells);
      if (own !== undefined) expect(own, what).toEqual(changed);
      else if (parent === null) expect(changed, what).toBe(null);
      else if (changed !== null) {
        let isListedBelow = false;
        for (let at = parent; ; at = at.parent as typeof at) {
          isListedBelow ||= listed.get(at.state.id)?.has(node) === true;
          if (at.parent === null) break;
        }
        expect(isListedBelow, `${what} is listed by a state that it reads through to`).toBe(true);
      }
    }
  }
}

function play(numbers: readonly number[], isChecked: boolean): void {
  const { draw, isUsedUp } = drawing(numbers);
  const world = new CellWorld(draw, { isChecked });
  const listed: Listed = new Map();
  world.engine.onChanges((changes) => take(listed, changes));
  let stop: (() => void) | null = null;
  const held: { readonly column: Column; readonly cells: readonly Scalar[] }[] = [];
  for (let edit = 0; edit < 40 && !isUsedUp(); edit++) {
    if (draw(5) === 0) {
      stop?.();
      stop = stop === null ? world.engine.subscribe(() => undefined) : null;
    }
    const column = world.engine.read(world.wide);
    if (draw(3) === 0) held.push({ column, cells: cellsOf(column) });
    const before = snapshot(world);
    listed.clear();
    world.edit();
    const inputs = world.nodes.filter(({ recipe }) => recipe.kind === "input");
    const formulas = new Set(world.nodes.map(({ id }) => id));
    for (const { id } of inputs) formulas.delete(id);
    checkChanges(world, before, listed, formulas);
    checkValues(world);
    for (const { column: kept, cells } of held) expect(difference(cells, cellsOf(kept))).toBe(null);
  }
  world.engine.checkInvariants();
}

it("[RC1] [CE1] [CE3] [CE9] [RA6] values and lists of changes are exact, on the plain way and the long one", () => {
  fc.assert(
    fc.property(someNumbers, (numbers) => play(numbers, false)),
    cases(150),
  );
});

it("[RC1] [CE2] [CE11] [LV8] invariants hold whatever is added, replaced, removed and rolled back", () => {
  fc.assert(
    fc.property(someNumbers, (numbers) => play(numbers, true)),
    cases(50),
  );
});

it("[CO11] [CO14] [CE8] an engine that yields gives the same values, whenever they are read", () => {
  fc.assert(
    fc.property(someNumbers, (numbers) => {
      const { draw, isUsedUp } = drawing(numbers);
      const world = new CellWorld(draw, { isYielding: true });
      for (let edit = 0; edit < 40 && !isUsedUp(); edit++) {
        world.edit();
        for (let count = draw(3); count > 0; count--) world.slices.shift()?.();
        if (draw(3) === 0) checkValues(world);
      }
      for (let resume = world.slices.shift(); resume !== undefined; resume = world.slices.shift()) resume();
      checkValues(world);
      world.engine.checkInvariants();
    }),
    cases(150),
  );
});
