/** `reckon plan`: the execution plan, what the optimiser did to it, what it costs, and what would help. */
import { analysePlan, calibrate, type PlanAnalysis, quarterOf } from "@reckon/plan";
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
  if (!loaded.ok) return reportFailure(loaded, output, isJson);
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
    const measured = await measuredSheet(sheet, { ...layingFor(request), optimise: strategy.optimise });
    const { sheet: warm } = measured;
    const analysis = analysisOf(measured, scenario);
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
      runs: measured.runs,
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
const runsMax = 20;
const patienceMs = 800;

interface Measured {
  readonly sheet: Sheet;
  readonly runs: number;
  /** Milliseconds by unit. */
  readonly costs?: ReadonlyMap<string, number>;
}

/**
 * The first run of a program makes code and fills caches, which says little of the model; so costs are the lower quartiles of
 * further runs, from cold values, unless the first took long. Of those there are as many as take no patience.
 */
async function measuredSheet(sheet: Sheet, laying: LayingOptions): Promise<Measured> {
  const first = [...costsOf(sheet).values()].reduce((sum, ms) => sum + ms, 0);
  if (first > secondRunMsMax) return { sheet, runs: 0 };
  if ([...sheet.plan.laid()].some(({ unit }) => unit.formula?.callsModule === true))
    return { sheet, runs: 0 };
  const runs: ReadonlyMap<string, number>[] = [];
  const began = performance.now();
  let last: Sheet | undefined;
  do {
    last?.dispose();
    last = sheet.reopen(laying);
    await last.settled();
    runs.push(costsOf(last));
  } while (runs.length < runsMax && performance.now() - began < patienceMs);
  const keys = [...(runs[0]?.keys() ?? [])];
  const costs = new Map(keys.map((key) => [key, quarterOf(runs.map((run) => run.get(key) ?? 0))]));
  return { sheet: last, costs, runs: runs.length };
}

function costsOf({ plan, engine }: Sheet): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const { unit, node } of plan.laid()) {
    const ms = engine.costOf(node);
    if (ms !== undefined) costs.set(unit.key, ms);
  }
  return costs;
}

function analysisOf({ sheet, costs }: Measured, scenario: ScenarioName): PlanAnalysis {
  const state = sheet.state(scenario);
  return analysePlan(sheet.plan, {
    engine: sheet.engine,
    calibration: calibrate(() => performance.now()),
    ...(costs === undefined ? {} : { costs }),
    ...(state === undefined ? {} : { state }),
  });
}
