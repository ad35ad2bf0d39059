/** Laying a content: the plan that a sheet keeps in its engine. */
import type { Engine, EngineOptions, LoopDeclaration } from "@reckon/engine";
import { fuseLoop, type ModuleLookup } from "@reckon/formula";
import { buildPlan, type Plan } from "@reckon/plan";
import { type Column, columnFrom, errorValue } from "@reckon/value";
import type { LayingOptions, ScenarioName, SheetHost } from "./api.ts";
import type { Content } from "./content.ts";
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
  { modules, optimise, only }: LayingOptions & { readonly modules: ModuleLookup },
): Plan {
  const wanted = typeof only === "function" ? only(content.model) : only;
  return buildPlan(content.model, engine, {
    modules,
    pinned: pinnedBy(content.ordered),
    ...(after === undefined ? {} : { after }),
    ...(calls === undefined ? {} : { calls }),
    ...(formulaProgram === undefined ? {} : { formulaProgram }),
    ...(optimise === undefined ? {} : { optimise }),
    ...(wanted === undefined ? {} : { only: wanted }),
  });
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
