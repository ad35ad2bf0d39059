/**
 * Scalar nodes that wait: asynchronous and manual functions, read, watched and answered in any order, between edits of
 * the base and of nested overlays. What is `fresh` must have the naive value at every moment, in every state; once all is
 * answered and read, everything is fresh.
 */
import { type Attribute, createEngine, type Engine, effect, type Input, type Overlay } from "@reckon/engine";
import { columnFrom, type ErrorValue, errorValue, isErrorValue, type Scalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";

const one = { outer: 1, periods: 1 };
const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
const values: readonly Scalar[] = [0, -0, 1, 2, 3, 7, "text", true, null, errorValue("#N/A")];
const kinds = ["plain", "plain", "manual", "later", "manual and later"] as const;

interface Node {
  readonly precedents: readonly number[];
  /** `null`: an input. */
  readonly compute: ((read: readonly Scalar[]) => Scalar) | null;
  readonly attribute: Attribute<unknown>;
  value: Scalar;
}

interface Scenario {
  readonly overlay: Overlay;
  readonly parent: Scenario | null;
  readonly overrides: Map<number, Scalar>;
  isOpen: boolean;
}

class World {
  readonly engine: Engine = createEngine({ isChecked: true });
  readonly nodes: Node[] = [];
  readonly scenarios: Scenario[] = [];
  readonly answers: (() => void)[] = [];
  private readonly watches: (() => void)[] = [];
  private readonly draw: (limit: number) => number;

  constructor(numbers: readonly number[]) {
    let at = 0;
    this.draw = (limit) => (limit <= 0 ? 0 : (numbers[at++] ?? 0) % limit);
  }

  add(): void {
    const { engine, nodes, draw } = this;
    if (nodes.length < 2 || draw(5) === 0) {
      const value = this.pick(values);
      nodes.push({ precedents: [], compute: null, attribute: engine.input<unknown>(value), value });
      return;
    }
    const precedents = Array.from({ length: draw(6) }, () => draw(nodes.length));
    const compute = formulaOf(draw(5), draw(3));
    const kind = this.pick(kinds);
    const later = (...read: Scalar[]): Promise<Scalar> =>
      new Promise((resolve, reject) => {
        this.answers.push(() => {
          try {
            resolve(compute(read));
          } catch (error) {
            reject(error);
          }
        });
      });
    const attribute = engine.computed(
      precedents.map((precedent) => (nodes[precedent] as Node).attribute),
      (kind.endsWith("later") ? later : (...read: Scalar[]) => compute(read)) as () => unknown,
      { isManual: kind.startsWith("manual") },
    );
    nodes.push({ precedents, compute, attribute, value: null });
  }

  async step(): Promise<void> {
    const { draw, engine } = this;
    const scenario = this.pick([null, ...this.scenarios.filter(({ isOpen }) => isOpen)]);
    const state = scenario?.overlay ?? engine;
    const choice = draw(13);
    if (choice < 2) this.add();
    else if (choice < 5) this.set(this.pick(this.inputs()), this.pick(values));
    else if (choice === 5) this.rollBack();
    else if (choice === 6 && this.scenarios.length < 5) {
      const overlay = engine.overlay("scenario", state);
      this.scenarios.push({ overlay, parent: scenario, overrides: new Map(), isOpen: true });
    } else if (choice < 9 && scenario !== null) this.override(scenario);
    else if (choice === 9) state.read(this.pick(this.nodes).attribute.id);
    else if (choice === 10) this.watch(state.signalOf(this.pick(this.nodes).attribute.id));
    else if (choice === 11) await this.answer(draw(this.answers.length), 1);
    else if (choice === 12 && scenario !== null && draw(5) === 0) this.close(scenario);
  }

  /** Every state that is open, or only what it shows as fresh. */
  check(isSettled: boolean): void {
    for (const scenario of [null, ...this.scenarios.filter(({ isOpen }) => isOpen)]) {
      const state = scenario?.overlay ?? this.engine;
      const wanted = this.recomputed(scenario);
      this.nodes.forEach(({ attribute }, i) => {
        const { id } = attribute;
        if (isSettled) expect(state.statusOf(id)).toBe("fresh");
        if (state.statusOf(id) !== "fresh") return;
        expect(shown(state.peek(id).get(0))).toEqual(shown(wanted[i] as Scalar));
        expect(shown(state.signalOf(id).value.get(0))).toEqual(shown(wanted[i] as Scalar));
        if (scenario === null) expect(shown(attribute.value)).toEqual(shown(wanted[i] as Scalar));
      });
    }
  }

  /** Reads and answers until nothing waits. Each round resolves one more node of every chain. */
  async settle(): Promise<void> {
    for (let round = 0; round <= 2 * this.nodes.length; round++) {
      this.engine.refresh();
      for (const { overlay, isOpen } of this.scenarios) if (isOpen) overlay.refresh();
      await this.answer(0, this.answers.length);
      this.check(false);
    }
    await this.engine.settled();
  }

  private inputs(): number[] {
    return this.nodes.flatMap((node, i) => (node.compute === null ? [i] : []));
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.draw(items.length)] as T;
  }

  private set(index: number, value: Scalar): void {
    const node = this.nodes[index] as Node;
    node.value = value;
    (node.attribute as Input<unknown>).set(value);
  }

  private rollBack(): void {
    const attempt = (): void =>
      this.engine.transaction(() => {
        const node = this.nodes[this.pick(this.inputs())] as Node;
        (node.attribute as Input<unknown>).set(this.pick(values));
        this.engine.computed([node.attribute], (value) => value);
        throw new Error("rolled back");
      });
    expect(attempt).toThrow("rolled back");
  }

  private override({ overlay, overrides }: Scenario): void {
    const index = this.pick(this.inputs());
    const { id } = (this.nodes[index] as Node).attribute;
    if (this.draw(3) === 0) {
      overlay.clearOverride(id);
      overrides.delete(index);
      return;
    }
    const value = this.pick(values);
    overlay.setCells(id, cell, columnFrom(one, [value]));
    overrides.set(index, value);
  }

  private watch(signal: { readonly value: unknown }): void {
    this.watches.push(
      effect(() => {
        signal.value;
      }),
    );
    if (this.draw(2) === 0) this.watches.splice(this.draw(this.watches.length), 1)[0]?.();
  }

  private async answer(from: number, count: number): Promise<void> {
    for (const answer of this.answers.splice(from, count)) answer();
    // An answer arrives a few microtasks after it was given.
    for (let i = 0; i < 6; i++) await Promise.resolve();
  }

  private close(scenario: Scenario): void {
    scenario.overlay.close();
    for (const one of this.scenarios) one.isOpen &&= one !== scenario && one.parent?.isOpen !== false;
  }

  private recomputed(scenario: Scenario | null): Scalar[] {
    const computed: Scalar[] = [];
    this.nodes.forEach(({ precedents, compute, value }, i) => {
      const read = precedents.map((precedent) => computed[precedent] as Scalar);
      if (compute === null) computed.push(overridden(scenario, i, value));
      else computed.push(read.find(isErrorValue) ?? tried(() => compute(read)));
    });
    return computed;
  }
}

function overridden(scenario: Scenario | null, index: number, value: Scalar): Scalar {
  for (let one = scenario; one !== null; one = one.parent) {
    if (one.overrides.has(index)) return one.overrides.get(index) as Scalar;
  }
  return value;
}

function tried(compute: () => Scalar): Scalar | ErrorValue {
  try {
    return compute();
  } catch {
    return errorValue("#VALUE!");
  }
}

function formulaOf(kind: number, salt: number): (read: readonly Scalar[]) => Scalar {
  return (read) => {
    let sum = salt;
    for (const value of read) sum += typeof value === "number" ? value : String(value).length;
    if (kind === 1) return sum % 3;
    if (kind === 2 && sum > 8) throw new Error("too much");
    if (kind === 3 && sum > 4) return "much";
    return kind === 4 ? Math.min(sum, 3) : sum;
  };
}

/** What is compared: errors by code, since the naive one knows no origins. Signals cannot tell −0 from 0. */
function shown(value: unknown): unknown {
  if (isErrorValue(value)) return value.code;
  return value === 0 ? 0 : value;
}

it("[RC1] [RC19] [RC29] [OV5] [OV11] what is fresh has the naive value, whatever is awaited or parked in which state", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(2 ** 20), { minLength: 60, maxLength: 300, size: "max" }),
      async (numbers) => {
        const world = new World(numbers);
        for (let i = 0; i < 6; i++) world.add();
        for (let i = 0; i < 30; i++) {
          await world.step();
          world.check(false);
        }
        await world.settle();
        world.check(true);
      },
    ),
    cases(150),
  ));
