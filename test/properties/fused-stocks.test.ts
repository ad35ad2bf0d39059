/**
 * Models of stocks in an engine that joins their formulas, and in one that does not: the same bits, errors and computed
 * boxes after building and after every edit; and the joint function was really taken.
 */
import { createEngine, type Engine, type LoopFuser, type NodeId } from "@reckon/engine";
import { fuseLoop } from "@reckon/formula";
import { checkModel, parseModel } from "@reckon/model";
import { buildPlan } from "@reckon/plan";
import { type Column, columnFrom, sameColumn } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { cases } from "./cases.ts";

const inputs = ["rate", "cap", "first", "pull"];
const formulas = ["births", "deaths", "s1", "s2", "mixed", "before", "isOver", "isUnder"];

function modelOf(choices: Choices): string {
  const by = choices.once(2) ? "by region, year" : "by year";
  const dt = choices.pick(["dt 1", "dt 1/2", "dt 1/4"]);
  const births = choices.pick([
    "s1 * rate",
    "mixed * rate + 1",
    "MIN(s1, cap) * rate",
    "SQRT(s1) * rate",
    "s1 ^ 2 * rate",
  ]);
  const deaths = choices.pick([
    "s2 * pull / 3",
    "MAX(0, s1 - cap) * 0.3",
    "IF(isOver, s1 - cap, s2) * 0.1",
    "IF(isOver = isUnder, 1, s2 * 0.1)",
    "s1 / (cap + s2)",
  ]);
  const s2 = choices.pick(["deaths - s2 * pull", "births - before * 0.1", "1", "s1 * pull", "pull - s2"]);
  const mixed = choices.pick(["s1 + s2 * 0.5", "s1[t-1] + s2", "s2 * rate", "SMOOTH(s1, 3)"]);
  // So many members that one function would be too long for them.
  const count = choices.once(4) ? 60 : 0;
  const more = Array.from(
    { length: count },
    (_, i) => `  k${i} = ${i === 0 ? "s1" : `k${i - 1}`} * 0.9 + s2 * 0.01`,
  );
  return [
    "model random",
    `time year 2000..2023  ${dt}  method ${choices.pick(["euler", "rk4"])}`,
    "axis region = A, B, C",
    `block b ${by}`,
    ...inputs.map((name) => `  input ${name} = 1`),
    `  births = ${births}`,
    `  deaths = ${deaths}${count === 0 ? "" : " + k59 * 0.001"}`,
    "  isOver = s1 > cap",
    `  isUnder = ${choices.pick(["AND(s1 < cap, s2 > 0)", "NOT(isOver)", "before > mixed", "s2 / rate > cap"])}`,
    `  s1 = integral(births - deaths)  start first`,
    `  s2 = integral(${s2})  start ${choices.pick(["first * 2", "s1 / 2", "cap"])}`,
    `  mixed = ${mixed}  ${mixed.includes("[t-1]") ? "start 1" : ""}`,
    ...more,
    `  before = s1[t-1] + mixed  start 3`,
    "",
  ].join("\n");
}

class Laid {
  readonly engine: Engine;
  readonly told: string[] = [];
  private readonly nodes: ReadonlyMap<string, NodeId>;

  constructor(text: string, fuse: LoopFuser | undefined) {
    const { value: model, diagnostics } = checkModel(parseModel("r.reckon", text), () => ({
      problem: "none",
    }));
    if (model === undefined) throw new Error(text + JSON.stringify(diagnostics));
    this.engine = createEngine({ ...(fuse === undefined ? {} : { loops: { fuse } }), isChecked: true });
    const plan = buildPlan(model, this.engine);
    this.nodes = new Map([...inputs, ...formulas].map((name) => [name, plan.nodeOf(`b.${name}`) as NodeId]));
    // What reads a component is told the same cells, but may be told them as other boxes.
    const watched = new Set(["s1", "s2"].map((name) => this.nodes.get(name)));
    this.engine.subscribe((event) => {
      if (event.kind !== "started" || !watched.has(event.node)) return;
      this.told.push(`${event.node} ${JSON.stringify(event.boxes)}`);
    });
  }

  column(name: string): Column {
    return this.engine.read(this.nodes.get(name) as NodeId);
  }

  set(name: string, outer: number, period: number, value: number): void {
    const { shape } = this.column("s1");
    const [m, t] = [outer % shape.outer, period % shape.periods];
    const box = { outerFrom: m, outerTo: m + 1, from: t, to: t + 1 };
    this.engine.setCells(this.nodes.get(name) as NodeId, box, columnFrom({ outer: 1, periods: 1 }, [value]));
  }
}

const values = [0, 0.02, 0.3, 1, -0.4, 5, 40, 1e200];

/** How often joint functions went through periods by themselves. */
let walked = 0;
const counting: LoopFuser = (request) => {
  const fused = fuseLoop(request);
  if (fused === undefined) return undefined;
  const run: typeof fused.run = (tables, iteration, outer, from) => {
    const reached = fused.run(tables, iteration, outer, from);
    walked += Math.max(0, (reached < 0 ? -1 - reached : reached) - from);
    return reached;
  };
  return { ...fused, run };
};

function play(seed: readonly number[]): void {
  const choices = new Choices(seed);
  const text = modelOf(choices);
  const joined = new Laid(text, counting);
  const plain = new Laid(text, undefined);
  for (const laid of [joined, plain]) laid.told.length = 0;
  for (let i = 0; i < 14; i++) {
    const name = choices.pick(inputs);
    const [outer, period] = [choices.below(3), choices.once(3) ? 0 : choices.below(24)];
    const value = choices.once(12) ? 1e200 : choices.pick(values.slice(0, -1));
    for (const laid of [joined, plain]) laid.set(name, outer, period, value);
    const what = `${text}\n${name} ${outer} ${period} = ${value}`;
    for (const formula of formulas) {
      const [a, b] = [joined.column(formula), plain.column(formula)];
      if (sameColumn(a, b)) continue;
      expect([...a.numbers], `${formula} in\n${what}`).toEqual([...b.numbers]);
      expect.fail(`errors of ${formula} in\n${what}`);
    }
    expect(joined.told.toSorted(), what).toEqual(plain.told.toSorted());
    for (const laid of [joined, plain]) laid.told.length = 0;
  }
}

it("[IN19] joined stocks have the bits, errors and computed boxes of those that move kernel by kernel", () => {
  walked = 0;
  fc.assert(fc.property(fc.array(fc.nat(9999), { minLength: 20, maxLength: 80 }), play), cases(60));
  expect(walked).toBeGreaterThan(2000);
});
