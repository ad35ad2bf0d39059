/** Laying a content: the plan that a sheet keeps in its engine. */
import type { Engine } from "@reckon/engine";
import type { ModuleLookup } from "@reckon/formula";
import { buildPlan, type Plan } from "@reckon/plan";
import { type Column, columnFrom, errorValue } from "@reckon/value";
import type { LayingOptions, ScenarioName, SheetHost } from "./api.ts";
import type { Content } from "./content.ts";
import { pinnedBy } from "./overlays.ts";
import { unknownAttribute, unknownScenario } from "./problem.ts";

export function layContent(
  content: Content,
  engine: Engine,
  { after }: SheetHost,
  { modules, optimise, only }: LayingOptions & { readonly modules: ModuleLookup },
): Plan {
  const wanted = typeof only === "function" ? only(content.model) : only;
  return buildPlan(content.model, engine, {
    modules,
    pinned: pinnedBy(content.ordered),
    ...(after === undefined ? {} : { after }),
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
