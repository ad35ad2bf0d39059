/** Laying a content: the plan that a sheet keeps in its engine. */
import type { Engine, EngineOptions, LoopDeclaration } from "@reckon/engine";
import { fuseLoop, type ModuleLookup } from "@reckon/formula";
import { buildPlan, type Plan, type PlanOptions } from "@reckon/plan";
import { type Column, columnFrom, errorValue } from "@reckon/value";
import type { LayingOptions, ScenarioName, SheetHost } from "./api.ts";
import type { Content } from "./content.ts";
import { areValues, writeValues } from "./overlay-cells.ts";
import { pinnedBy } from "./overlays.ts";
import { unknownAttribute, unknownScenario } from "./problem.ts";

/** What the engine of a sheet gets from the host and the choices of who opens it. */
export function engineOptions(
  { executor, memoStore, knownCosts, sharing, now }: SheetHost,
  { loops, lazyAboveMs }: LayingOptions,
): EngineOptions {
  return {
    ...(executor === undefined ? {} : { executor }),
    ...(memoStore === undefined ? {} : { memoStore }),
    ...(knownCosts === undefined ? {} : { knownCosts }),
    ...(sharing === undefined ? {} : { sharing }),
    ...(now === undefined ? {} : { clock: { now } }),
    ...(lazyAboveMs === undefined ? {} : { lazyAboveMs }),
    loops: { fuse: fuseLoop, ...(loops?.start === undefined ? {} : { start: loops.start }) },
  };
}

/**
 * The engine as the plan sees it. Where every loop shall begin at one number, the declarations that the plan makes get
 * that as their first guess on the way, those of later edits, too.
 */
export function engineToLayInto(engine: Engine, { loops }: LayingOptions): Engine {
  if (loops?.from === undefined) return engine;
  const column = columnFrom({ outer: 1, periods: 1 }, [loops.from]);
  const guess = engine.addInput({ name: "first guess of all loops", shape: column.shape, column });
  const declareLoop = (declaration: LoopDeclaration): void =>
    engine.declareLoop({ ...declaration, cuts: declaration.cuts.map(({ node }) => ({ node, guess })) });
  return Object.create(engine, { declareLoop: { value: declareLoop } }) as Engine;
}

export function layContent(
  content: Content,
  engine: Engine,
  { after, calls, formulaProgram }: SheetHost,
  laying: LayingOptions & { readonly modules: ModuleLookup },
): Plan {
  const { modules, optimise, only, given } = laying;
  const wanted = typeof only === "function" ? only(content.model) : only;
  const options: PlanOptions = {
    modules,
    pinned: pinnedBy(content.ordered),
    ...(after === undefined ? {} : { after }),
    ...(calls === undefined ? {} : { calls }),
    ...(formulaProgram === undefined ? {} : { formulaProgram }),
    ...(optimise === undefined ? {} : { optimise }),
    ...(wanted === undefined ? {} : { only: wanted }),
    ...(given === undefined ? {} : { given }),
  };
  if (laying.areSetsInPlace !== true) return buildPlan(content.model, engine, options);
  // In one edit: nothing is computed with what the model says instead.
  return engine.transaction(() => {
    const plan = buildPlan(content.model, engine, options);
    writeSets(content, plan, engine);
    return plan;
  });
}

function writeSets({ model, sets }: Content, plan: Plan, engine: Engine): void {
  const overrides = sets?.checked.overrides ?? [];
  if (!areValues(overrides)) return;
  for (const override of overrides) {
    const { attribute } = override;
    const node = plan.demand(attribute);
    const axes = model.attributes.get(attribute)?.axes;
    if (node !== undefined && axes !== undefined) writeValues(engine, { attribute, node, axes }, [override]);
  }
}

/** What is read where there is no such attribute or, `isAttribute`, no such scenario. */
export function missingColumn(
  id: string,
  isAttribute: boolean,
  scenario: ScenarioName,
  scenarios: readonly ScenarioName[],
): Column {
  const problem = isAttribute ? unknownScenario(scenario, scenarios) : unknownAttribute(id, undefined);
  return columnFrom({ outer: 1, periods: 1 }, [errorValue("#REF!", problem.message)]);
}
