/**
 * An engine that keeps its results, against one that does not: the same graph, the same edits, and after each of them the
 * same bits in every node. The tiers are small, so that results come and go; a share of the answers is withheld and
 * compared; and now and then engine and store end, and others begin with the same file or server.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CacheStore, createMemoStore, type MemoStoreOptions } from "@reckon/cache";
import { createEngine, type Engine, type Kernel, type NodeId, type Precedent } from "@reckon/engine";
import { type Column, columnFrom, isErrorValue, type Scalar, sameColumn } from "@reckon/value";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingFor, startPostgres, startRedis, type TestServer } from "../contracts/servers.ts";
import { cases } from "./cases.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-kept-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const shape = { outer: 1, periods: 4 };
const values: readonly Scalar[] = [0, -0, 0.1, 1, 3, 1e308, -7.25, null, "", "é", "\ud800", true, false];
const inputCount = 3;
const formulaCount = 8;

/** Formulas of one version are one function. */
interface Definition {
  readonly version: number;
  /** Places of earlier nodes, and whether their previous period is read. */
  readonly reads: readonly (readonly [place: number, isLagged: boolean])[];
}

/** How often anything was computed. */
const runs = { count: 0 };

function cellOf(version: number, read: readonly Scalar[]): Scalar {
  const factor = 0.1 + (version % 7);
  let sum = version % 3;
  for (const value of read) {
    if (isErrorValue(value)) return value;
    if (typeof value === "number") sum = sum / 3 + value * factor;
    else if (typeof value === "string") sum -= value.length / 7;
    else sum += value === null ? 0.7 : 1;
  }
  if (version % 5 === 1 && sum < 0) return `text ${sum}`;
  if (version % 5 === 2 && Math.abs(sum) < 1) return null;
  return version % 5 === 3 ? sum > 2 : -sum;
}

function kernelOf({ version, reads }: Definition): Kernel {
  return {
    weight: "heavy",
    // What is read stands in the key; where it is read (now, or before) is the formula's business.
    version: `v${version} ${reads.map(([, isLagged]) => Number(isLagged)).join("")}`,
    compute(inputs, out, box) {
      runs.count++;
      for (let t = box.from; t < box.to; t++) {
        const read = reads.map(([, isLagged], i) => {
          const at = isLagged ? t - 1 : t;
          return at < 0 ? null : (inputs[i] as Column).get(at);
        });
        out.set(t, cellOf(version, read));
      }
    },
  };
}

class World {
  readonly engine: Engine;
  readonly nodes: NodeId[] = [];

  constructor(
    inputs: readonly (readonly Scalar[])[],
    definitions: readonly Definition[],
    store?: CacheStore,
  ) {
    this.engine = createEngine({ ...(store === undefined ? {} : { memoStore: store }), isChecked: true });
    inputs.forEach((cells, i) => {
      this.nodes.push(this.engine.addInput({ name: `x${i}`, shape, column: columnFrom(shape, cells) }));
    });
    definitions.forEach((definition, i) => {
      this.nodes.push(
        this.engine.addFormula({
          name: `f${i}`,
          shape,
          precedents: this.precedents(definition),
          kernel: kernelOf(definition),
        }),
      );
    });
  }

  set(input: number, period: number, value: Scalar): void {
    const box = { outerFrom: 0, outerTo: 1, from: period, to: period + 1 };
    this.engine.setCells(this.nodes[input] as NodeId, box, columnFrom({ outer: 1, periods: 1 }, [value]));
  }

  replace(place: number, definition: Definition): void {
    const node = this.nodes[inputCount + place] as NodeId;
    const precedents = this.precedents(definition);
    this.engine.replace(node, { name: `f${place}`, shape, precedents, kernel: kernelOf(definition) });
  }

  async columns(): Promise<Column[]> {
    await this.engine.settled();
    return this.nodes.map((node) => this.engine.read(node).clone());
  }

  private precedents({ reads }: Definition): Precedent[] {
    return reads.map(([place, isLagged]) => {
      const at = isLagged ? -1 : 0;
      const node = this.nodes[place] as NodeId;
      return { node, time: { kind: "window", from: at, to: at }, outer: { kind: "same" } };
    });
  }
}

const definitionAt = (place: number): fc.Arbitrary<Definition> =>
  fc.record({
    version: fc.nat(12),
    reads: fc.array(fc.tuple(fc.nat(inputCount + place - 1), fc.boolean()), { minLength: 1, maxLength: 3 }),
  });

type Step =
  | { readonly kind: "set"; readonly input: number; readonly period: number; readonly value: Scalar }
  | { readonly kind: "replace"; readonly place: number; readonly definition: Definition }
  | { readonly kind: "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("set" as const),
      input: fc.nat(inputCount - 1),
      period: fc.nat(shape.periods - 1),
      value: fc.constantFrom(...values),
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .nat(formulaCount - 1)
      .chain((place) =>
        definitionAt(place).map((definition) => ({ kind: "replace" as const, place, definition })),
      ),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);

const world = fc.record({
  inputs: fc.array(
    fc.array(fc.constantFrom(...values), { minLength: shape.periods, maxLength: shape.periods }),
    { minLength: inputCount, maxLength: inputCount },
  ),
  definitions: fc.tuple(...Array.from({ length: formulaCount }, (_, place) => definitionAt(place))),
  steps: fc.array(step, { maxLength: 25, size: "max" }),
});

type Options = Omit<MemoStoreOptions, "settings">;

/** Answers how many results came from the store. */
async function compare(
  { inputs, definitions, steps }: { inputs: Scalar[][]; definitions: Definition[]; steps: Step[] },
  options: Options,
): Promise<number> {
  const notices: string[] = [];
  const open = (): CacheStore =>
    createMemoStore({ ...options, settings: null, onNotice: ({ message }) => notices.push(message) });
  const [cells, formulas] = [inputs.map((list) => [...list]), [...definitions]];
  const plain = new World(cells, formulas);
  let store = open();
  let kept = new World(cells, formulas, store);
  let hits = 0;
  const end = async (): Promise<void> => {
    const { memory, disk, shared, verified } = store.stats();
    for (const tier of [memory, disk, shared]) {
      hits += tier?.hits ?? 0;
      expect((tier?.corrupt ?? 0) + (tier?.refused ?? 0)).toBe(0);
    }
    expect(verified.mismatches).toBe(0);
    await store.close();
  };
  for (const next of [...steps, { kind: "restart" } as const]) {
    if (next.kind === "set") {
      (cells[next.input] as Scalar[])[next.period] = next.value;
      for (const one of [plain, kept]) one.set(next.input, next.period, next.value);
    } else if (next.kind === "replace") {
      formulas[next.place] = next.definition;
      for (const one of [plain, kept]) one.replace(next.place, next.definition);
    } else {
      // Memory goes with its store, so alone it outlives the engine only.
      if (options.disk !== undefined || options.shared !== undefined) {
        await end();
        store = open();
      }
      kept = new World(cells, formulas, store);
    }
    const [right, found] = [await plain.columns(), await kept.columns()];
    right.forEach((column, i) => {
      if (!sameColumn(column, found[i] as Column))
        expect.fail(`node ${i} differs after ${JSON.stringify(next)}`);
    });
  }
  await end();
  expect(notices).toEqual([]);
  return hits;
}

const disk = (bytesMax: number): NonNullable<Options["disk"]> => ({
  path: join(folder, `reckon-${++files}.sqlite`),
  bytesMax,
});

describe("results that are kept", () => {
  it.each<[string, number, () => Options]>([
    ["in memory", 60, () => ({ memory: { bytesMax: 20_000 } })],
    ["on disk", 30, () => ({ disk: disk(1e9) })],
    [
      "in both, small, and compared",
      30,
      () => ({ memory: { bytesMax: 5000 }, disk: disk(8000), verifyShare: 0.3 }),
    ],
  ])("[ME30] %s are the bits that are computed", async (_, count, options) => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(world, async (made) => {
        hits += await compare(made, options());
      }),
      cases(count) as fc.Parameters<[unknown]>,
    );
    expect(hits).toBeGreaterThan(count);
  });
});

describe.each([
  ["redis", startRedis],
  ["postgres", startPostgres],
] as const)("results that are kept on %s", (kind, start) => {
  it("has its server on a build server", () => {
    if (process.env.CI === "true") expect(missingFor(kind)).toBeUndefined();
  });

  // Skipped where the server is not installed; .ci/run installs it.
  describe.skipIf(missingFor(kind) !== undefined)("with a server", () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.end());

    it("[ME30] are the bits that are computed, whoever put them there", async () => {
      let hits = 0;
      await fc.assert(
        fc.asyncProperty(world, async (made) => {
          const patience = { connectTimeoutMs: 30_000, commandTimeoutMs: 30_000 };
          const shared = { url: server.url, secret: "word", ...patience };
          hits += await compare(made, { memory: { bytesMax: 5000 }, shared, verifyShare: 0.1 });
        }),
        cases(15) as fc.Parameters<[unknown]>,
      );
      expect(hits).toBeGreaterThan(15);
    });
  });
});

describe("a second run", () => {
  const chain = (length: number): Definition[] =>
    Array.from({ length }, (_, i) => ({
      version: i * 5,
      reads: [[i % 2 === 0 ? i % inputCount : inputCount + i - 1, false]],
    }));

  it("[ME31] computes nothing; with one other input only what reads it", async () => {
    const options = { disk: disk(1e9), settings: null };
    const inputs = [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12],
    ];
    const definitions = chain(60);
    const run = async (cells: readonly (readonly Scalar[])[]): Promise<number> => {
      const before = runs.count;
      const store = createMemoStore(options);
      await new World(cells, definitions, store).columns();
      await store.close();
      return runs.count - before;
    };
    expect(await run(inputs)).toBe(60);
    expect(await run(inputs)).toBe(0);
    // Each of the 30 formulas that read an input is read by one other; a third of them read this one.
    expect(await run([inputs[0] as Scalar[], [5, 6, 7, 8.5], inputs[2] as Scalar[]])).toBe(20);
    expect(await run(inputs)).toBe(0);
  });
});
