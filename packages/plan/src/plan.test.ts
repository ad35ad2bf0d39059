import { createEngine, type Engine, type EngineEvent, type NodeId } from "@reckon/engine";
import { type CheckedInput, type CheckedModel, checkModel, parseModel } from "@reckon/model";
import { columnFrom, errorValue, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { wholeBox } from "./cells.ts";
import { buildPlan, type Plan, type PlanOptions } from "./plan.ts";

function modelOf(text: string, previous?: CheckedModel): CheckedModel {
  const result = checkModel(parseModel("test.reckon", text), () => ({ problem: "no tables here" }), previous);
  if (result.value === undefined)
    throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  return result.value;
}

interface Built {
  readonly plan: Plan;
  readonly engine: Engine;
  readonly text: (text: string) => readonly string[];
  readonly values: (attribute: string) => readonly Scalar[];
  /** The attributes computed since the last call, in order. */
  readonly computed: () => readonly string[];
}

function build(
  text: string,
  options: PlanOptions = {},
  watched: (engine: Engine) => Engine = (engine) => engine,
): Built {
  const engine = watched(createEngine({ isChecked: true }));
  const plan = buildPlan(modelOf(text), engine, options);
  let events: EngineEvent[] = [];
  engine.subscribe((event) => events.push(event));
  return {
    plan,
    engine,
    text: (changed) => plan.update(modelOf(changed, plan.model)),
    values: (attribute) => {
      const node = plan.nodeOf(attribute);
      if (node === undefined) throw new Error(`no ${attribute}`);
      const column = engine.read(node);
      return Array.from({ length: column.length }, (_, cell) => column.get(cell));
    },
    computed: () => {
      const started = events.filter((event) => event.kind === "started");
      events = [];
      return started.map(({ node }) => plan.attributeOf(node) ?? "hidden");
    },
  };
}

const series = `model m
time step 0..4
axis kind = a, b
block x by kind, step
  input rate = { a: 1, b: 2 }
  grown = grown[t-1] + rate   start 10
  share = rate / sum(rate over kind)
block y by step
  all = sum(x.grown over kind)
  ahead = all[t+1]   end 0
  first = all[2] * 2
`;

describe("building", () => {
  it("[PL1] lays attributes out with time innermost", () => {
    const { values } = build(series);
    expect(values("x.grown")).toEqual([11, 12, 13, 14, 15, 12, 14, 16, 18, 20]);
    expect(values("y.all")).toEqual([23, 26, 29, 32, 35]);
    expect(values("y.ahead")).toEqual([26, 29, 32, 35, 0]);
    expect(values("y.first")).toEqual([58, 58, 58, 58, 58]);
    expect(values("x.share")[9]).toBe(2 / 3);
  });

  it("[PL4] makes a node an attribute, itself and others reading it", () => {
    const { plan, engine } = build(series);
    const names = [...plan.model.attributes.keys()];
    expect(new Set(names.map((name) => plan.nodeOf(name))).size).toBe(names.length);
    expect(engine.nodeCount).toBe(names.length);
    for (const name of names) expect(plan.attributeOf(plan.nodeOf(name) as never)).toBe(name);
    expect(plan.dependentsOf(plan.nodeOf("y.all") as never)).toEqual(["y.ahead", "y.first"]);
  });

  it("[PL5] has one precedent a reference", () => {
    const { plan, engine } = build(series);
    const grown = plan.model.attributes.get("x.grown");
    const expected =
      grown?.kind === "formula"
        ? grown.formula.references.map(({ attribute }) => plan.nodeOf(attribute))
        : [];
    expect([...engine.precedentsOf(plan.nodeOf("x.grown") as never)].sort()).toEqual(expected.sort());
  });

  it("builds whatever the order of declarations, in long chains too", () => {
    const count = 20_000;
    const lines = Array.from({ length: count }, (_, i) => `  a${i} = a${i + 1} + 1`);
    const { values } = build(`model m\nblock b\n${lines.join("\n")}\n  input a${count} = 5\n`);
    expect(values("b.a0")).toEqual([count + 5]);
  });

  it("[PL6] solves loops from their guess, and makes checks nodes", () => {
    const { plan, values, engine } = build(
      "model m\nblock b\n  input c = 4\n  x = y / 2 + c\n  y = x / 2\n  loop y start c * 2 tolerance 0.000001\ncheck b.x > 5\n",
    );
    expect(values("b.x")[0]).toBeCloseTo(16 / 3, 5);
    expect(engine.loopRecords()[0]).toMatchObject({ loop: "b.y", verdict: "converged" });
    const check = plan.checkNodeOf(plan.model.checks[0]?.name as string);
    expect(engine.read(check as never).get(0)).toBe(true);
    expect(plan.attributeOf(check as never)).toBeUndefined();
    expect(engine.nodeCount).toBe(3 + 1 + 1);
  });

  it("[PL27] lays single values as cells, alike ones as one family, in bulk at first and singly later", () => {
    const text = (factor: string) =>
      `model m\naxis k = a, b\nblock p\n  input u = 2\n  input v = 3\n  s = u * v + 1\n  t = v * s + ${factor}\n` +
      "  wide = SUM(q.w over k) + t\n  back = wide * s + 5\n  bad = u / (v - 3)\n  label = u & v\n" +
      "block q by k\n  w = p.t * 2\n";
    const made: string[] = [];
    const built = build(text("2"), {}, (engine) => ({
      ...engine,
      addCells: (table) => {
        made.push(`${table.count} ${table.family.name}`);
        return engine.addCells(table);
      },
      addCellInputs: (table) => {
        made.push(`${table.values.length} inputs`);
        return engine.addCellInputs(table);
      },
      addFormula: (node) => {
        made.push(`formula ${node.name}`);
        return engine.addFormula(node);
      },
      replace: (id, node) => {
        made.push(`replaced ${node.name}${"family" in node ? " by a cell" : ""}`);
        engine.replace(id, node);
      },
    }));
    expect(made.toSorted()).toEqual(
      ["2 inputs", "3 #0*#1+?", "1 #0/(#1-?)", "1 #0&#1", "formula q.w", "replaced p.wide"].toSorted(),
    );
    expect(["s", "t", "back"].map((name) => built.values(`p.${name}`)[0])).toEqual([7, 23, 810]);
    expect(built.values("p.label")).toEqual(["23"]);
    expect(built.values("p.bad")[0]).toEqual({
      ...errorValue("#DIV/0!"),
      origin: { attribute: "p.bad", at: [] },
    });
    made.length = 0;
    built.text(text("4"));
    expect(made).toEqual(["replaced p.t by a cell"]);
    expect(built.values("p.back")).toEqual([7 * (4 * 25 + 25) + 5]);
  });

  it("[PL7] says where an error begins", () => {
    const { values } = build(series.replace("rate / sum(rate over kind)", "1 / (rate - 2)"));
    expect(values("x.share")[7]).toEqual({
      ...errorValue("#DIV/0!"),
      origin: { attribute: "x.share", at: ["b", "2"] },
    });
  });
});

describe("following edits", () => {
  it("[PL9] compiles the formula that changed and computes what depends on it", () => {
    const built = build(series);
    const before = built.plan.compileCount;
    built.computed();
    expect(built.text(series.replace("all[2] * 2", "all[2] * 3"))).toEqual(["y.first"]);
    expect(built.plan.compileCount - before).toBe(1);
    expect(built.computed()).toEqual(["y.first"]);
    expect(built.values("y.first")[0]).toBe(87);
  });

  it("[PL9] does nothing when nothing changed", () => {
    const built = build(series);
    const before = built.plan.compileCount;
    built.computed();
    expect(built.text(`${series}# a comment\n`)).toEqual([]);
    expect([built.plan.compileCount - before, built.computed()]).toEqual([0, []]);
  });

  it("[PL9] compiles what looks at labels, and nothing else, where only labels have changed", () => {
    const text = `model m
axis kind = a, b
block x by kind
  input rate = 0
  plain = 1 / rate
  named = MEMBER(kind) & "!"
`;
    const built = build(text);
    built.values("x.plain");
    const before = built.plan.compileCount;
    built.computed();
    built.text(text.replace("a, b", "c, d"));
    expect(built.plan.compileCount - before).toBe(1);
    expect(built.computed().toSorted()).toEqual(["x.named", "x.plain"]);
    expect(built.values("x.named")).toEqual(["c!", "d!"]);
    expect(built.values("x.plain")[1]).toMatchObject({
      code: "#DIV/0!",
      origin: { attribute: "x.plain", at: ["d"] },
    });
    built.text(text.replace("a, b", "c, d, e"));
    expect(built.plan.compileCount - before).toBe(3);
    expect(built.values("x.named")).toEqual(["c!", "d!", "e!"]);
  });

  it("[PL32] lays what is given as inputs, and not what they alone read", () => {
    const given = new Map([["y.all", columnFrom({ outer: 1, periods: 5 }, [1, 2, 3, 4, 5])]]);
    const built = build(series, { given, only: ["y.first"] });
    expect(built.values("y.first")).toEqual([6, 6, 6, 6, 6]);
    expect(built.plan.nodeOf("x.grown")).toBeUndefined();
    built.computed();
    built.text(series.replace("input rate = { a: 1", "input rate = { a: 7"));
    expect(built.computed()).toEqual([]);
    expect(built.values("y.first")).toEqual([6, 6, 6, 6, 6]);
    built.text(series.replace("* 2", "* 3"));
    expect(built.values("y.first")).toEqual([9, 9, 9, 9, 9]);
  });

  it("[PL32] takes no values of another shape, and loops that are cut at what is given are none", () => {
    const text = `model m
block x
  a = 10 + 0.5 * b
  b = a * 0.5
  c = a + b
  loop a
`;
    const one = columnFrom({ outer: 1, periods: 1 }, [4]);
    const built = build(text, { given: new Map([["x.a", one]]) });
    expect([...built.values("x.b"), ...built.values("x.c")]).toEqual([2, 6]);
    const two = columnFrom({ outer: 2, periods: 1 }, [4, 5]);
    expect(build(series, { given: new Map([["y.all", two]]) }).values("y.all")[0]).toBe(23);
  });

  it("[PL4] keeps a node while its attribute changes its kind, its values and its axes", () => {
    const built = build(series);
    const node = built.plan.nodeOf("y.all");
    built.text(series.replace("all = sum(x.grown over kind)", "input all = [1, 2, 3, 4, 5]"));
    expect([built.plan.nodeOf("y.all"), built.values("y.ahead")]).toEqual([node, [2, 3, 4, 5, 0]]);
    built.text(series.replace("0..4", "0..1").replace("all[2]", "all[1]"));
    expect([built.plan.nodeOf("y.all"), built.values("y.all")]).toEqual([node, [23, 26]]);
    built.text(series);
    expect([built.plan.nodeOf("y.all"), built.values("y.all")]).toEqual([node, [23, 26, 29, 32, 35]]);
  });

  it("[PL11] writes the cells of an input that differ", () => {
    const built = build(series);
    const events: EngineEvent[] = [];
    built.engine.subscribe((event) => events.push(event));
    built.text(series.replace("b: 2", "b: 3"));
    const changed = events.filter((event) => event.kind === "changed");
    expect(changed.find(({ node }) => node === built.plan.nodeOf("x.rate"))?.boxes).toEqual([
      { outerFrom: 1, outerTo: 2, from: 0, to: 5 },
    ]);
    expect(built.values("x.grown")).toEqual([11, 12, 13, 14, 15, 13, 16, 19, 22, 25]);
  });

  it("[PL11] takes back a cell that was written past it", () => {
    const { plan, engine, values } = build(series);
    const first = plan.model;
    const input = first.attributes.get("x.rate") as CheckedInput;
    const { node, attributes } = { node: plan.nodeOf("x.rate") as NodeId, attributes: first.attributes };
    const models = [1, 2].map((value) => {
      const column = input.column.clone();
      for (let cell = 0; cell < column.length; cell++) column.set(cell, value * 100);
      const after = { ...input, column };
      return { after, model: { ...first, attributes: new Map([...attributes, [input.id, after]]) } };
    });
    for (const { after, model } of models) {
      engine.setCells(node, wholeBox(after.column.shape), after.column);
      plan.noteInput(after);
      expect(values("x.rate")[0]).toBe(after.column.get(0));
      expect(plan.update(model)).toEqual([]);
      expect(plan.update(first)).toEqual(["x.rate"]);
      expect(values("x.rate")[0]).toBe(input.column.get(0));
    }
    const [one] = models;
    engine.setCells(node, wholeBox(input.column.shape), one?.after.column ?? input.column);
    plan.noteInput(one?.after ?? input);
    expect(plan.update(first)).toEqual(["x.rate"]);
    expect(values("x.rate")[0]).toBe(input.column.get(0));
  });

  it("[PL10] is one recalculation", () => {
    const built = build(series);
    let finished = 0;
    built.engine.subscribe(({ kind }) => {
      if (kind === "recalculation-finished") finished++;
    });
    built.text(
      series.replace("b: 2", "b: 3").replace("end 0", "end 1").replace("  first", "  input one = 1\n  first"),
    );
    expect([finished, built.values("y.one")[0], built.values("y.ahead")[4]]).toEqual([1, 1, 1]);
  });

  it("adds, removes and joins attributes into circles of lags", () => {
    const built = build(series);
    const longer = `${series}  p = q[t-1] + 1   start 0\n  q = p * 2\n`;
    built.text(longer);
    expect(built.values("y.q")).toEqual([2, 6, 14, 30, 62]);
    built.text(series);
    expect(built.plan.nodeOf("y.q")).toBeUndefined();
    expect(built.engine.nodeCount).toBe(6);
    built.plan.dispose();
    expect(built.engine.nodeCount).toBe(0);
  });

  it("follows loops that come, change and go", () => {
    const loop = "model m\nblock b\n  input c = 4\n  x = y / 2 + c\n  y = x / 2\n  loop y start c\n";
    const built = build(loop);
    built.text(loop.replace("start c", "start c * 2 limit 60"));
    expect(built.values("b.x")[0]).toBeCloseTo(16 / 3, 5);
    built.text(loop.replace("y = x / 2", "y = c / 2").replace("  loop y start c\n", ""));
    expect(built.values("b.x")).toEqual([5]);
    expect(built.engine.loopRecords()).toEqual([]);
    built.text(loop);
    expect(built.values("b.x")[0]).toBeCloseTo(16 / 3, 5);
  });

  it("[PL12] compiles the formulas again that call a changed module", () => {
    let factor = 2;
    const modules = (module: string, name: string) =>
      module === "f" && name === "scaled" ? (x: Scalar) => (x as number) * factor : undefined;
    const text =
      'model m\nuse "./f.ts" as f\nuse "./g.ts" as g\nblock b\n  input x = 3\n  y = f.scaled(x) + 0\n  z = y + 1\n  w = g.other(x)\n';
    const { plan, values } = build(text, { modules });
    expect([values("b.z"), values("b.w")]).toMatchObject([[7], [{ code: "#NAME?" }]]);
    const before = plan.compileCount;
    factor = 10;
    expect(plan.recompileModule("f")).toEqual(["b.y"]);
    expect([plan.compileCount - before, values("b.z")]).toEqual([1, [31]]);
  });
});
