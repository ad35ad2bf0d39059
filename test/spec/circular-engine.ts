/** Circular models laid into an engine by hand: one node a name, kernels that run the model's own TypeScript. */
import { createEngine, type Engine, type LoopDeclaration, type NodeId } from "@reckon/engine";
import { columnFrom } from "@reckon/value";
import type { CircularModel } from "./circular-models.ts";

const shape = { outer: 1, periods: 1 };

export interface CircularEngine {
  readonly engine: Engine;
  readonly nodes: ReadonlyMap<string, NodeId>;
  readonly numberAt: (name: string) => number;
}

/** `order`: in which the unknowns are added. */
export function circularEngine(
  model: CircularModel,
  declaration: Partial<LoopDeclaration> = {},
  order: readonly string[] = Object.keys(model.formulas),
): CircularEngine {
  const engine = createEngine({ isChecked: true });
  const nodes = new Map<string, NodeId>();
  const names = [...Object.keys(model.inputs), ...order];
  engine.transaction(() => {
    for (const name of names) {
      const column = columnFrom(shape, [model.inputs[name] ?? 0]);
      nodes.set(name, engine.addInput({ name, shape, column }));
    }
    for (const name of order) engine.replace(nodes.get(name) as NodeId, formulaOf(model, nodes, name));
    for (const cut of model.cuts) {
      engine.declareLoop({
        name: cut,
        cuts: [{ node: nodes.get(cut) as NodeId }],
        toleranceAbsolute: 1e-9,
        toleranceRelative: 1e-9,
        iterationsMax: 100,
        ...declaration,
      });
    }
  });
  return {
    engine,
    nodes,
    numberAt: (name) => Number(engine.readCell(nodes.get(name) as NodeId, 0)),
  };
}

function formulaOf(model: CircularModel, nodes: ReadonlyMap<string, NodeId>, name: string) {
  const read = [...nodes.keys()].filter((other) =>
    new RegExp(`\\b${other}\\b`).test(model.formulas[name] ?? ""),
  );
  return {
    name,
    shape,
    precedents: read.map((other) => ({
      node: nodes.get(other) as NodeId,
      time: { kind: "window", from: 0, to: 0 },
      outer: { kind: "same" },
    })),
    kernel: {
      compute(inputs, out) {
        const values = Object.fromEntries(read.map((other, i) => [other, inputs[i]?.numbers[0] ?? 0]));
        out.set(0, model.sweep(values)[name] ?? 0);
      },
    },
  } satisfies Parameters<Engine["addFormula"]>[0];
}
