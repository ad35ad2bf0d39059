/**
 * The short way for numbers against the long one. The same random graphs and edits are played on three engines: one
 * that takes the short way, one with a listener and one with an overlay, which both take the long way. After each edit all
 * nodes have the same bits, revisions and counts, and the effects of all three saw the same.
 */
import { effect } from "@preact/signals-core";
import { errorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Attribute, Engine, Input } from "../api.ts";
import { createEngine } from "../engine.ts";

const numbers: readonly unknown[] = [0, -0, 1, 2, 3, 0.1, Number.NaN, Infinity, -Infinity, 1e308];
const others: readonly unknown[] = ["text", null, undefined, true, 5n, errorValue("#N/A")];

/** A small generator of our own, so that a seed means the same everywhere (mulberry32). */
function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

interface Played {
  readonly engine: Engine;
  readonly inputs: Input<unknown>[];
  readonly nodes: Attribute<unknown>[];
  readonly seen: unknown[];
  runs: number;
}

function build(engine: Engine, seed: number): Played {
  const random = randomOf(seed);
  const played: Played = { engine, inputs: [], nodes: [], seen: [], runs: 0 };
  for (let i = 0; i < 6; i++) {
    const input = engine.input<unknown>(numbers[random(numbers.length)]);
    played.inputs.push(input);
    played.nodes.push(input);
  }
  for (let i = 0; i < 40; i++) {
    const kind = random(5);
    const precedents = Array.from(
      { length: random(6) },
      () => played.nodes[random(played.nodes.length)] as Attribute<unknown>,
    );
    const node = engine.computed(precedents, (...values: unknown[]) => {
      played.runs++;
      return formulaOf(kind, values);
    });
    played.nodes.push(node);
    if (random(4) === 0) effect(() => void played.seen.push(node.signal.value));
  }
  return played;
}

function formulaOf(kind: number, values: readonly unknown[]): unknown {
  const sum = values.reduce((total: number, value) => total + (typeof value === "number" ? value : 1), 0);
  if (kind === 1) return Math.min(sum, 3);
  if (kind === 2) return sum > 5 ? "much" : sum;
  if (kind === 3 && sum > 8) throw new Error("too much");
  return kind === 4 ? -sum : sum;
}

function edit(played: Played, random: (limit: number) => number, values: readonly unknown[]): void {
  const { engine, inputs } = played;
  const one = (): void =>
    (inputs[random(inputs.length)] as Input<unknown>).set(values[random(values.length)]);
  if (random(3) > 0) one();
  else {
    engine.transaction(() => {
      for (let i = 0; i < 3; i++) one();
    });
  }
}

function shownBy({ engine, nodes, seen, runs }: Played) {
  const marks = nodes.map(({ id, value }) => [value, engine.changedAt(id), engine.statusOf(id)]);
  return { marks, seen, runs, revision: engine.revision };
}

describe("the short way for numbers", () => {
  for (const [name, values] of [
    ["numbers only", numbers],
    ["values of every kind", [...numbers, ...others]],
  ] as const) {
    it(`[RC1] [RC2] does what the long way does: ${name}`, () => {
      for (let seed = 1; seed <= 12; seed++) {
        const short = build(createEngine({ isChecked: true }), seed);
        const traced = build(createEngine({ isChecked: true }), seed);
        const shadowed = build(createEngine({ isChecked: true }), seed);
        traced.engine.subscribe(() => undefined);
        shadowed.engine.overlay("scenario");
        const randoms = [short, traced, shadowed].map((played) => [played, randomOf(seed + 1000)] as const);
        for (let step = 0; step < 25; step++) {
          for (const [played, random] of randoms) edit(played, random, values);
          const shown = shownBy(short);
          expect(shownBy(traced)).toEqual(shown);
          expect(shownBy(shadowed)).toEqual(shown);
        }
        expect(short.runs).toBeGreaterThan(40);
      }
    });
  }
});
