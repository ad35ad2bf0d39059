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
import { Progress } from "./progress.ts";
import { settled } from "./settled-sheet.ts";

/** Calculates the model once, so that costs are measured, and prints its plan. */
export async function planCommand(request: PlanRequest, output: Output): Promise<ExitCode> {
  const { strategy, compared, isJson } = request;
  const laying = { ...layingFor(request), optimise: strategy.optimise };
  const progress = new Progress();
  const loaded = await openModel(request, { laying, progress });
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
    const measured = await measuredSheet(sheet, laying, progress);
    const { sheet: warm } = measured;
    progress.step(`analysing the plan of ${request.model}`);
    const analysis = analysisOf(measured, scenario);
    if (compared !== undefined) progress.step(`comparing ${compared[0].name} with ${compared[1].name}`);
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
    progress.end();
    output.data(isJson ? `${JSON.stringify(planResult(findings), null, 2)}\n` : planText(findings, output));
    if (comparison?.difference !== undefined) {
      output.message(`reckon: the strategies give different cells at ${comparison.difference}`);
      return exitFailure;
    }
    return isSettled ? exitGood : exitModel;
  } finally {
    progress.end();
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
async function measuredSheet(sheet: Sheet, laying: LayingOptions, progress: Progress): Promise<Measured> {
  progress.step(`measuring ${sheet.model.name}`);
  const first = costsOf(sheet).reduce((sum, ms) => sum + ms, 0);
  if (first > secondRunMsMax || callsModule(sheet)) return { sheet, runs: 0 };
  const runs: Float64Array[] = [];
  const began = performance.now();
  let last: Sheet | undefined;
  do {
    if (last !== undefined) progress.step(`measuring ${sheet.model.name} again`);
    last?.dispose();
    last = sheet.reopen(laying);
    await last.settled();
    runs.push(costsOf(last));
  } while (runs.length < runsMax && performance.now() - began < patienceMs);
  const costs = new Map<string, number>();
  let at = 0;
  for (const [key, node] of last.plan.nodes()) {
    const place = at++;
    if (last.engine.costOf(node) !== undefined)
      costs.set(key, quarterOf(runs.map((run) => run[place] as number)));
  }
  return { sheet: last, costs, runs: runs.length };
}

/** Without modules no formula is looked at: making their trees is what takes time. */
function callsModule({ model, plan }: Sheet): boolean {
  if (model.uses.length === 0) return false;
  return [...plan.laid()].some(({ unit }) => unit.formula?.callsModule === true);
}

/** In the order of the plan's nodes, which is that of the model: the same whenever it is laid. */
function costsOf({ plan, engine }: Sheet): Float64Array {
  return Float64Array.from(plan.nodes(), ([, node]) => engine.costOf(node) ?? 0);
}

function analysisOf({ sheet, costs }: Measured, scenario: ScenarioName): PlanAnalysis {
  const state = sheet.state(sheet.sharedWith(scenario) ?? scenario);
  return analysePlan(sheet.plan, {
    engine: sheet.engine,
    calibration: calibrate(() => performance.now()),
    ...(costs === undefined ? {} : { costs }),
    ...(state === undefined ? {} : { state }),
  });
}
