/**
 * Models with recurrences and loops in an engine that joins their formulas, and in one that does not: the same bits, errors,
 * records and computed boxes after building and after every edit; and the joint function was really taken.
 */
import {
  createEngine,
  type Engine,
  type EngineEvent,
  type LoopFuser,
  type LoopStart,
  type NodeId,
  type Overlay,
} from "@reckon/engine";
import { fuseLoop } from "@reckon/formula";
import { checkModel, parseModel } from "@reckon/model";
import { buildPlan } from "@reckon/plan";
import { type Column, columnFrom, type ErrorValue, type Scalar, sameColumn } from "@reckon/value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { cases } from "./cases.ts";

const periods = 24;
const loans = 4;
const inputs = ["rate", "pay", "extra", "cap", "first"];
const attributes = ["opening", "interest", "sweep", "closing", "memo", "self", "left", "after"];

function modelOf(choices: Choices): string {
  const by = choices.pick(["by loan, month", "by loan, month", "by month", ""]);
  const isTimed = by !== "";
  const interest = choices.pick([
    "(opening + closing) / 2 * rate / 12",
    "MAX(0, opening + closing) * rate / 24",
    "IF(closing > cap, closing * rate / 10, opening * rate / 12)",
    "ROUND((opening + closing) * rate / 24, 2)",
    "SQRT(ABS(closing)) * rate + opening * 0",
    "closing * rate * 20 - opening * 0.1",
    "LN(closing - cap) + opening",
    "cap / (closing - cap) * 0.01 + opening * rate",
    "0 - closing * rate * 12",
    "closing ^ 2 / 100000 * rate",
  ]);
  const sweep = choices.pick([
    "MIN(opening, MAX(0, pay - interest))",
    "pay - interest * 0.1",
    "pay",
    "MIN(pay, closing + pay / 2)",
    "IF(interest > extra, pay, extra)",
  ]);
  // A sweep that reads the closing debt makes a cycle without interest.
  const canCutInterest = !sweep.includes("closing");
  const closing = choices.pick(["opening + interest - sweep", "opening * 0.9 + interest / 2 - sweep"]);
  const start = choices.pick(["start first", "start 1000", "start first * 2"]);
  const memo = isTimed
    ? choices.pick(["memo[t-1] * 0.5 + closing", "closing[t-2] + interest", "closing - opening[t-1]"])
    : "closing * 0.5 + interest";
  // Something that the recurrence goes through, before or behind the loop.
  const opening = isTimed
    ? choices.pick(["closing[t-1]", "left[t-1]", "closing[t-1] + memo[t-1] * 0.001"])
    : "first * 3";
  // A formula that reads itself is a loop of its own.
  const self = choices.pick(["pay * 0.5", "self * 0.4 + closing * 0.01", "MIN(self * 2, pay) - 1"]);
  const loop = choices.pick([
    "loop closing  start opening",
    "loop closing",
    "loop closing  start opening  limit 7",
    "loop closing  start opening  tolerance 0.01",
    "loop closing  method plain  limit 30",
    "loop closing  start opening  method newton",
    "loop closing  method damped  damping 0.5",
    canCutInterest ? "loop interest  start cap" : "loop closing  start cap",
  ]);
  return [
    "model random",
    `time month 2026-01..2027-12`,
    `axis loan = ${Array.from({ length: loans }, (_, i) => `L${i}`).join(", ")}`,
    `block debt ${by}`,
    ...inputs.map((name) => `  input ${name} = 1`),
    `  opening = ${opening}${isTimed ? `  ${start}` : ""}`,
    `  interest = ${interest}`,
    `  sweep = ${sweep}`,
    `  closing = ${closing}`,
    `  memo = ${memo}${isTimed ? "  start 0" : ""}`,
    `  self = ${self}`,
    ...(self.includes("self") ? ["  loop self"] : []),
    `  left = closing - memo * 0.01 + self * 0.001`,
    `  after = ${isTimed ? "left[t-1] + opening  start 3" : "left + opening"}`,
    `  ${loop}`,
    "",
  ].join("\n");
}

/** One engine with a model, and what it told. */
class Laid {
  readonly engine: Engine;
  readonly nodes: ReadonlyMap<string, NodeId>;
  private scenario: Overlay | undefined;
  private readonly told: string[] = [];
  /** Those that are in the component whatever the model is. */
  private readonly always: Set<NodeId> = new Set();
  private readonly shape: { readonly outer: number; readonly periods: number };

  constructor(text: string, start: LoopStart, fuse: LoopFuser | false) {
    const { value: model, diagnostics } = checkModel(parseModel("random.reckon", text), () => ({
      problem: "none",
    }));
    expect(
      diagnostics.filter(({ severity }) => severity === "error"),
      text,
    ).toEqual([]);
    if (model === undefined) throw new Error(text);
    this.engine = createEngine({
      loops: { start, fuse },
      isChecked: true,
    });
    this.engine.subscribe((event) => this.tell(event));
    const plan = buildPlan(model, this.engine);
    this.nodes = new Map(
      [...inputs, ...attributes].map((name) => [name, plan.nodeOf(`debt.${name}`) as NodeId]),
    );
    for (const name of attributes.slice(0, 4)) this.always.add(this.nodes.get(name) as NodeId);
    this.shape = this.column("closing").shape;
  }

  column(name: string): Column {
    return this.engine.read(this.nodes.get(name) as NodeId);
  }

  scenarioColumn(name: string): Column {
    return (this.scenario ?? this.engine).read(this.nodes.get(name) as NodeId);
  }

  set(name: string, outer: number, period: number, value: Scalar): void {
    const at = { outer: outer % this.shape.outer, period: period % this.shape.periods };
    const box = { outerFrom: at.outer, outerTo: at.outer + 1, from: at.period, to: at.period + 1 };
    this.engine.setCells(this.nodes.get(name) as NodeId, box, columnFrom({ outer: 1, periods: 1 }, [value]));
  }

  /** The same in a scenario, which is opened when it is first wanted. */
  setInScenario(name: string, outer: number, period: number, value: Scalar): void {
    this.scenario ??= this.engine.overlay("scenario");
    const at = { outer: outer % this.shape.outer, period: period % this.shape.periods };
    const box = { outerFrom: at.outer, outerTo: at.outer + 1, from: at.period, to: at.period + 1 };
    this.scenario.setCells(
      this.nodes.get(name) as NodeId,
      box,
      columnFrom({ outer: 1, periods: 1 }, [value]),
    );
  }

  /** Pins a cell of a formula, in the scenario. */
  pin(name: string, outer: number, period: number, value: Scalar): void {
    this.scenario ??= this.engine.overlay("scenario");
    const at = { outer: outer % this.shape.outer, period: period % this.shape.periods };
    const box = { outerFrom: at.outer, outerTo: at.outer + 1, from: at.period, to: at.period + 1 };
    this.scenario.pin(this.nodes.get(name) as NodeId, box, columnFrom({ outer: 1, periods: 1 }, [value]));
  }

  setAll(name: string, draw: (i: number) => number): void {
    const { outer, periods: count } = this.shape;
    const column = columnFrom(
      this.shape,
      Array.from({ length: outer * count }, (_, i) => draw(i)),
    );
    this.engine.setCells(
      this.nodes.get(name) as NodeId,
      { outerFrom: 0, outerTo: outer, from: 0, to: count },
      column,
    );
  }

  records(): unknown {
    return this.engine.loopRecords();
  }

  takeTold(): string[] {
    return this.told.splice(0).toSorted();
  }

  private tell(event: EngineEvent): void {
    // What reads the component is told the same cells, but may be told them as other boxes.
    if (event.kind === "iterated") this.told.push(JSON.stringify(event.record));
    if (event.kind !== "started" || !this.always.has(event.node)) return;
    this.told.push(`${event.node} ${JSON.stringify(event.boxes)}`);
  }
}

function cellsOf(column: Column): unknown[] {
  return Array.from({ length: column.length }, (_, i) => {
    const cell = column.get(i);
    return typeof cell === "object" ? { ...(cell as ErrorValue) } : cell;
  });
}

describe("components as one function", () => {
  it("[FP42] have the values, records and computed cells of the formulas one by one", () => {
    const tried = cases(60);
    const counts = { runs: 0, periods: 0, joined: 0 };
    const fuse: LoopFuser = (request) => {
      const fused = fuseLoop(request);
      if (fused === undefined) return undefined;
      counts.joined++;
      return {
        ...fused,
        run: (tables, iteration, outer, from) => {
          const reached = fused.run(tables, iteration, outer, from);
          counts.runs++;
          counts.periods += (reached < 0 ? -1 - reached : reached) - from;
          return reached;
        },
      };
    };
    fc.assert(
      fc.property(fc.array(fc.nat(999), { minLength: 80, maxLength: 99, size: "max" }), (numbers) => {
        const choices = new Choices(numbers);
        const text = modelOf(choices);
        const start = choices.pick<LoopStart>(["cold", "warm"]);
        const [one, joined] = [new Laid(text, start, false), new Laid(text, start, fuse)];
        const both = [one, joined];
        const compare = (step: string): void => {
          for (const name of attributes) {
            for (const read of ["column", "scenarioColumn"] as const) {
              const [a, b] = [one[read](name), joined[read](name)];
              if (!sameColumn(a, b))
                expect(cellsOf(b), `${name} (${read}) after ${step} of\n${text}`).toEqual(cellsOf(a));
            }
          }
          expect(joined.records(), `records after ${step} of\n${text}`).toEqual(one.records());
          expect(joined.takeTold(), `what ran after ${step} of\n${text}`).toEqual(one.takeTold());
        };
        const salt = choices.below(1000);
        const scale = { rate: 0.01, pay: 1, extra: 2, cap: 5, first: 90 } as Record<string, number>;
        for (const laid of both) {
          laid.engine.transaction(() => {
            for (const name of inputs)
              laid.setAll(name, (i) => (((i + salt) * 7919) % 17) * (scale[name] as number) + 0.5);
          });
        }
        compare("filling");
        for (let edit = 0; edit < 8; edit++) {
          const set = choices.pick(["set", "set", "setInScenario", "set", "pin"] as const);
          const name = choices.pick(set === "pin" ? attributes : inputs);
          const [outer, period] = [choices.below(loans), choices.below(periods)];
          const value = choices.pick<Scalar>([
            choices.number(),
            choices.number() / 100,
            0,
            1e200,
            3,
            "text",
            null,
          ]);
          for (const laid of both) laid[set](name, outer, period, value);
          compare(`${set} ${name}[${outer}, ${period}] = ${value}`);
        }
        for (const laid of both) laid.engine.dispose();
      }),
      tried,
    );
    const count = tried.numRuns ?? 0;
    expect(counts.joined).toBeGreaterThan(count / 2);
    expect(counts.runs).toBeGreaterThan(count * 3);
    expect(counts.periods).toBeGreaterThan(count * 30);
  });

  it("[FP42] of many members, and against time", () => {
    const count = 70;
    const chain = (first: string, clause: string, lines: readonly string[]) =>
      [
        "model chain",
        "time month 2026-01..2027-12",
        "axis loan = L0, L1",
        "block debt by loan, month",
        "  input own = 1",
        `  a0 = ${first}  ${clause}`,
        ...Array.from({ length: count - 1 }, (_, k) => `  a${k + 1} = a${k} * 0.9 + own * ${k % 7}`),
        ...lines,
        "",
      ].join("\n");
    const texts = [
      chain(`a${count - 1}[t-1] * 0.5 + own`, "start 3", []),
      chain(`a${count - 1}[t+1] * 0.5 + own`, "end 3", []),
      // Bits in three words; a second recurrence, and a formula that reads itself.
      chain(`a${count - 1}[t-1] * 0.5 + own + b`, "start 3", [
        "  b = a60[t-2] * 0.1  start 1",
        "  c = a69 + c * 0.3",
        "  loop c",
      ]),
      chain(`a${count - 1}[t-1] * 0.2 + back * 0.4`, "start 3", [
        "  back = a65 * 0.5 + own",
        "  loop back  start own",
      ]),
      // Cut twice: what is read before it is computed is the hub, and its guess counts: there are two solutions.
      chain(`a${count - 1}[t-1] * 0.2 + hub`, "start 3", [
        "  early = hub",
        "  right = hub",
        "  hub = 0.2 * early * right + 0.001 * own + 0.0001 * a69[t-1]  start 1",
        "  loop early  start 1",
        "  loop hub  start 9",
      ]),
    ];
    for (const text of texts) {
      const { value: model, diagnostics } = checkModel(parseModel("chain.reckon", text), () => ({
        problem: "none",
      }));
      expect(diagnostics).toEqual([]);
      if (model === undefined) continue;
      let taken = 0;
      const counting: LoopFuser = (request) => {
        const fused = fuseLoop(request);
        if (fused === undefined) return undefined;
        const run: typeof fused.run = (...given) => {
          taken++;
          return fused.run(...given);
        };
        return { ...fused, run };
      };
      const laid = [false as const, counting].map((fuse) => {
        const engine = createEngine({ loops: { fuse } });
        return { engine, plan: buildPlan(model, engine) };
      });
      for (const [outer, period, value] of [
        [0, 0, 5],
        [1, 11, -2],
        [0, 23, 1e308],
        [0, 23, 4],
      ] as const) {
        const box = { outerFrom: outer, outerTo: outer + 1, from: period, to: period + 1 };
        const seen = laid.map(({ engine, plan }) => {
          const cell = columnFrom({ outer: 1, periods: 1 }, [value]);
          engine.setCells(plan.nodeOf("debt.own") as NodeId, box, cell);
          return ["a0", "a33", "a69"].map((name) =>
            cellsOf(engine.read(plan.nodeOf(`debt.${name}`) as NodeId)),
          );
        });
        expect(seen[1], text).toEqual(seen[0]);
      }
      expect(taken, text).toBeGreaterThanOrEqual(4);
    }
  });

  it("[FP42] go by a formula that was replaced by one that reads the same", () => {
    const text = (factor: number) => `model grown
time month 2026-01..2055-12
block b by month
  input rate = 0.01
  first = last[t-1] * (1 + rate)  start 100
  last  = first * ${factor} + last * 0.25
  loop last
`;
    const checked = (factor: number) => {
      const { value } = checkModel(parseModel("grown.reckon", text(factor)), () => ({ problem: "none" }));
      if (value === undefined) throw new Error("the model is right");
      return value;
    };
    const engine = createEngine({ loops: { fuse: fuseLoop } });
    const plan = buildPlan(checked(0.5), engine);
    const at = (one: Engine, node: NodeId | undefined) => [...one.read(node as NodeId).numbers];
    for (const factor of [0.75, 0.7, 0.5]) {
      plan.update(checked(factor));
      const fresh = createEngine({ loops: { fuse: false } });
      const node = buildPlan(checked(factor), fresh).nodeOf("b.last");
      expect(at(engine, plan.nodeOf("b.last")), `${factor}`).toEqual(at(fresh, node));
    }
  });

  it("[FP44] a loop of 10,000 outer members joined by a sum is solved, cut at the sum or at the members", () => {
    const count = 10_000;
    for (const loop of ["loop total", "loop part"]) {
      const [all, parts] = loop === "loop total" ? [`  ${loop}`, ""] : ["", `  ${loop}`];
      const text = [
        "model joined",
        `axis part = ${Array.from({ length: count }, (_, i) => `P${i}`).join(", ")}`,
        "block all",
        "  input share = 0.4",
        "  total = sum(parts.part over part)",
        all,
        "block parts by part",
        "  input own = 1",
        `  part = own + all.share * all.total / ${count}`,
        parts,
        "",
      ].join("\n");
      const { value: model, diagnostics } = checkModel(parseModel("joined.reckon", text), () => ({
        problem: "none",
      }));
      expect(diagnostics).toEqual([]);
      if (model === undefined) continue;
      const engine = createEngine({ loops: { fuse: fuseLoop } });
      const plan = buildPlan(model, engine);
      const total = plan.nodeOf("all.total") as NodeId;
      // total = count + share × total
      expect((engine.readCell(total, 0) as number) / (count / 0.6)).toBeCloseTo(1, 12);
      expect(engine.loopRecords().map(({ verdict }) => verdict)).toEqual(["converged"]);
      const box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
      engine.setCells(plan.nodeOf("all.share") as NodeId, box, columnFrom({ outer: 1, periods: 1 }, [0.5]));
      expect((engine.readCell(total, 0) as number) / (2 * count)).toBeCloseTo(1, 12);
      engine.dispose();
    }
  });
});

describe("outer members of a component as one function", () => {
  it.each([
    ["a few periods", 48, 6],
    ["many periods", 1, 50],
  ])("[FP42] change by themselves, whatever changed of the one before: %s", (_, from, length) => {
    let walks = 0;
    const fuse: LoopFuser = (request) => {
      const fused = fuseLoop(request);
      if (fused === undefined) return undefined;
      return {
        ...fused,
        run: (...given) => {
          walks++;
          return fused.run(...given);
        },
      };
    };
    const engine = createEngine({ loops: { fuse }, isChecked: true });
    const { value: model } = checkModel(parseModel("two.reckon", twoLoans), () => ({ problem: "none" }));
    const plan = buildPlan(model!, engine);
    const node = (name: string) => plan.nodeOf(`debt.${name}`) as NodeId;
    engine.read(node("closing"));
    engine.read(node("double"));
    const solved: string[] = [];
    const boxes: unknown[] = [];
    engine.subscribe((event) => {
      if (event.kind === "iterated") solved.push(`${event.record.outer} ${event.record.period}`);
      if (event.kind === "started" && event.node === node("double")) boxes.push(...(event.boxes ?? []));
    });
    walks = 0;
    const one = { outer: 1, periods: 1 };
    const set = (outer: number, period: number, value: number) => {
      const box = { outerFrom: outer, outerTo: outer + 1, from: period, to: period + 1 };
      engine.setCells(node("rate"), box, columnFrom(one, [value]));
    };
    engine.transaction(() => {
      set(0, from, 0.25);
      set(1, from + length, 0.25);
    });
    engine.read(node("closing"));
    expect(walks).toBe(2);
    // Both are looked at where any is dirty; what changes of the first goes on to its end, and is not the second's.
    const of = (outer: number, at: readonly number[]) => at.map((period) => `${outer} ${period}`);
    const toEnd = (first: number) => Array.from({ length: 60 - first }, (_, i) => first + i);
    expect(solved).toEqual([...of(0, toEnd(from)), ...of(1, [from, ...toEnd(from + length)])]);
    expect(boxes).toEqual([
      { outerFrom: 0, outerTo: 1, from, to: 60 },
      { outerFrom: 1, outerTo: 2, from: from + length, to: 60 },
    ]);
  });
});

const twoLoans = `model two
time month 2026-01..2030-12
axis loan = A, B
block debt by loan, month
  input rate = 0.1
  opening = closing[t-1]  start 1000
  interest = (opening + closing) / 2 * rate
  closing = opening + interest - 10
  double = closing * 2
  loop closing  start opening
`;
