/** An engine that yields against a naive recomputation, and what two watched nodes show at the same time. */
import { type Attribute, createEngine, effect } from "@reckon/engine";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import { playYielding } from "./graph-pair.ts";

const someNumbers = fc.array(fc.nat(2 ** 20), { minLength: 40, maxLength: 400, size: "max" });

it("[CO11] [CO13] [CO14] what is fresh between two slices has the naive value, whatever is edited and read", () => {
  fc.assert(
    fc.property(someNumbers, (numbers) => {
      playYielding(numbers, 25);
    }),
    cases(150),
  );
});

const graphs = fc.record({
  /** Which earlier nodes each node reads, as shares of those there are. */
  reads: fc.array(fc.tuple(fc.nat(999), fc.nat(999)), { minLength: 20, maxLength: 120 }),
  watched: fc.tuple(fc.nat(999), fc.nat(999)),
  budget: fc.nat(6),
  /** The input to set and the slices to run after it. */
  edits: fc.array(fc.tuple(fc.nat(1), fc.integer({ min: -9, max: 9 }), fc.nat(6)), {
    minLength: 1,
    maxLength: 12,
  }),
});

const inputCount = 2;

it("[CO12] two watched nodes are never seen of different revisions", () => {
  fc.assert(
    fc.property(graphs, ({ reads, watched, budget, edits }) => {
      const valuesOf = (inputs: readonly number[]): number[] => {
        const values = [...inputs];
        for (const [i, j] of reads) {
          values.push(
            ((values[i % values.length] as number) * 3 + (values[j % values.length] as number)) % 1009,
          );
        }
        return values;
      };
      let ms = 0;
      const later: (() => void)[] = [];
      const engine = createEngine({
        clock: { now: () => ms++ },
        yielding: { budgetMs: budget, defer: (resume) => void later.push(resume) },
      });
      const inputs = Array.from({ length: inputCount }, (_, i) => engine.input(i + 1));
      const nodes: Attribute<number>[] = [...inputs];
      for (const [i, j] of reads) {
        const pair = [nodes[i % nodes.length], nodes[j % nodes.length]] as [
          Attribute<number>,
          Attribute<number>,
        ];
        nodes.push(engine.computed(pair, (x, y) => (x * 3 + y) % 1009));
      }
      const run = (count: number): void => {
        for (let i = 0; i < count && later.length > 0; i++) later.shift()?.();
      };
      run(Number.POSITIVE_INFINITY);
      const present = [1, 2];
      const [first, second] = watched.map((share) => share % nodes.length) as [number, number];
      const revisions = [valuesOf(present)];
      const stop = effect(() => {
        const shown = [nodes[first]?.signal.value, nodes[second]?.signal.value];
        const isOfOne = revisions.some((values) => values[first] === shown[0] && values[second] === shown[1]);
        expect(isOfOne, `${shown} of one revision`).toBe(true);
      });
      for (const [input, value, slices] of edits) {
        present[input] = value;
        revisions.push(valuesOf(present));
        inputs[input]?.set(value);
        run(slices);
      }
      run(Number.POSITIVE_INFINITY);
      const last = revisions.at(-1) as number[];
      expect(nodes.map((node) => node.value)).toEqual(last);
      expect([nodes[first]?.signal.value, nodes[second]?.signal.value]).toEqual([last[first], last[second]]);
      stop();
    }),
    cases(200),
  );
});
