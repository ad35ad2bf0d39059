/** `reckon plan`: the execution plan, what the optimiser did to it, what it costs, and what would help. */
import { analysePlan, calibrate, type PlanAnalysis } from "@reckon/plan";
import type { LayingOptions, ScenarioName, Sheet } from "@reckon/sheet";
import { chooseAttributes, layingFor } from "./attribute-choice.ts";
import { type ExitCode, exitFailure, exitGood, exitModel } from "./exit-code.ts";
import { openModel, reportFailure, reportWarnings } from "./open-model.ts";
import type { Output } from "./output.ts";
import { type Comparison, compareStrategies } from "./plan-comparison.ts";
import type { PlanRequest } from "./plan-request.ts";
import { type PlanFindings, planResult } from "./plan-result.ts";
import { scenarioPlans } from "./plan-scenarios.ts";
import { planText } from "./plan-text.ts";
import { settled } from "./settled-sheet.ts";

/** Calculates the model once, so that costs are measured, and prints its plan. */
export async function planCommand(request: PlanRequest, output: Output): Promise<ExitCode> {
  const { strategy, compared, isJson } = request;
  const loaded = await openModel(request, {
    laying: { ...layingFor(request), optimise: strategy.optimise },
  });
  if (!loaded.ok) return reportFailure(loaded, output);
  const { sheet, requested } = loaded;
  try {
    reportWarnings(loaded, output);
    const chosen = chooseAttributes(sheet.model, request.only);
    if ("refused" in chosen) {
      output.message(`reckon: ${chosen.refused}`);
      return exitFailure;
    }
    const isSettled = await settled(sheet, requested, output);
    const [scenario = "base"] = requested;
    const warm = await warmSheet(sheet, { ...layingFor(request), optimise: strategy.optimise });
    const analysis = analysisOf(warm, scenario);
    const comparison: Comparison | undefined =
      compared === undefined
        ? undefined
        : await compareStrategies(sheet, {
            strategies: compared,
            ...(request.repeats === undefined ? {} : { repeats: request.repeats }),
            scenarios: sheet.scenarios,
            ids: chosen.ids,
            isAll: request.only.length === 0,
          });
    const findings: PlanFindings = {
      model: sheet.model.name,
      scenario,
      strategy: strategy.name,
      attributes: sheet.model.attributes.size,
      nodes: warm.engine.nodeCount,
      analysis,
      scenarios: scenarioPlans(warm, analysis),
      ...(comparison === undefined ? {} : { comparison }),
    };
    if (warm !== sheet) warm.dispose();
    output.data(isJson ? `${JSON.stringify(planResult(findings), null, 2)}\n` : planText(findings, output));
    if (comparison?.difference !== undefined) {
      output.message(`reckon: the strategies give different cells at ${comparison.difference}`);
      return exitFailure;
    }
    return isSettled ? exitGood : exitModel;
  } finally {
    loaded.dispose();
  }
}

/** Above this a second run would try a person's patience. */
const secondRunMsMax = 2_000;

/**
 * The first run of a program makes code and fills caches, which says little of the model; so costs are taken from a
 * second one, from cold values, unless the first took long.
 */
async function warmSheet(sheet: Sheet, laying: LayingOptions): Promise<Sheet> {
  const costs = [...sheet.plan.laid()].map(({ node }) => sheet.engine.costOf(node) ?? 0);
  if (costs.reduce((sum, ms) => sum + ms, 0) > secondRunMsMax) return sheet;
  if ([...sheet.plan.laid()].some(({ unit }) => unit.formula?.callsModule === true)) return sheet;
  const warm = sheet.reopen(laying);
  await warm.settled();
  return warm;
}

function analysisOf(sheet: Sheet, scenario: ScenarioName): PlanAnalysis {
  const state = sheet.state(scenario);
  const calibration = calibrate(() => performance.now());
  return analysePlan(sheet.plan, {
    engine: sheet.engine,
    calibration,
    ...(state === undefined ? {} : { state }),
  });
}
