/**
 * What a plan is made of, what it costs, and what could be gained: pure data, for `reckon plan` and for other programs.
 *
 * Costs are measured where the engine has measured them (an engine with a clock, after a recalculation) and estimated
 * otherwise; every figure says which. Nothing is computed or changed by analysing.
 *
 *   1. Each unit gets its cells, its cost, its level.
 *   2. Units become tasks (work-graph.ts); from those the critical path and the times on threads.
 *   3. Recommendations follow from the figures (recommendations.ts).
 *
 * Cost: units and references, some times over.
 */
import type { Engine, State } from "@reckon/engine";
import { shapeOf } from "../cells.ts";
import type { LaidUnit } from "../placement.ts";
import type { Plan } from "../plan.ts";
import { isComputed, referenceCountOf, type Unit } from "../unit.ts";
import { type Calibration, uncalibrated } from "./machine.ts";
import type { PlanAnalysis, PlanLevel, PlannedUnit } from "./plan-analysis.ts";
import {
  codeFamilies,
  isFusedUnit,
  loneUnits,
  predictedMsOf,
  type Situation,
  sweepsExpected,
} from "./prediction.ts";
import { recommendationsFor } from "./recommendations.ts";
import { criticalPathOf, Schedule } from "./schedule.ts";
import { sweepsOf } from "./sweeps.ts";
import { type Task, tasksOf } from "./work-graph.ts";

export interface AnalyseOptions {
  readonly engine: Engine;
  /** The scenario's state; the engine itself for the base. */
  readonly state?: State;
  /** The machine's factors; without them estimates stand for the machine they were made on. */
  readonly calibration?: Calibration;
  /** Milliseconds by unit, where they were measured more than once; the engine's own measurement otherwise. */
  readonly costs?: ReadonlyMap<string, number>;
}

const threadCounts = [2, 4, 8, 16];
/** A message to a thread and back, measured. */
const taskMs = 0.05;
/** A node's row in the engine's tables and in the plan's, and an edge's. */
const nodeBytes = 160;
const edgeBytes = 24;

/**
 * Analyses a plan as it stands in an engine.
 *
 * @example
 * ```ts
 * const document = parseModel("a.reckon", "model a\nblock b\n  input x = 2\n  y = x * 3\n  z = y + 1\n");
 * const model = checkModel(document, () => ({ problem: "none" })).value;
 * const engine = createEngine();
 * const { criticalPath } = analysePlan(buildPlan(model, engine), { engine });
 * criticalPath.steps.map(({ name }) => name); // ["b.y", "b.z"]
 * ```
 */
export function analysePlan(plan: Plan, options: AnalyseOptions): PlanAnalysis {
  const { engine, state = engine, calibration, costs } = options;
  const laid = [...plan.laid()];
  const tasks = tasksOf(laid);
  const situationOf = situations(plan, laid, tasks, state);
  const units = laid.map(({ unit, node }, at) => {
    const known = predictedMsOf(unit, situationOf[at] as Situation, calibration ?? uncalibrated);
    const measured = isComputed(unit) ? (costs?.get(unit.key) ?? state.costOf(node)) : undefined;
    return plannedUnit(unit, engine.levelOf(node), known, measured);
  });
  const work = tasks.map(({ members, before }) => {
    let cost = 0;
    for (const member of members) cost += (units[member] as PlannedUnit).ms;
    return { cost, before };
  });
  const path = criticalPathOf(work);
  const schedule = new Schedule(work);
  const steps = path.tasks.flatMap((task) =>
    ((tasks[task] as Task).members.map((member) => units[member]) as PlannedUnit[]).filter(
      ({ kind }) => kind !== "input",
    ),
  );
  const workMs = sumOf(units, ({ ms }) => ms);
  const sequentialMs = sumOf(units, ({ predictedMs, isUnpredictable }) =>
    isUnpredictable === true ? 0 : predictedMs,
  );
  const cells = sumOf(units, (unit) => unit.cells);
  const references = sumOf(laid, ({ unit }) => referenceCountOf(unit));
  const analysis = {
    units,
    references,
    cells,
    levels: levelsOf(units),
    criticalPath: { steps, ms: path.cost },
    workMs,
    measuredShare: workMs === 0 ? 0 : sumOf(units, (unit) => unit.measuredMs ?? 0) / workMs,
    speedUpMax: path.cost === 0 ? 1 : workMs / path.cost,
    threads: threadCounts.map((threads) => {
      const idealMs = schedule.timeOn(threads);
      const predictedMs = schedule.timeOn(threads, taskMs);
      return { threads, idealMs, idealSpeedUp: idealMs === 0 ? 1 : workMs / idealMs, predictedMs };
    }),
    memory: { columnBytes: 8 * cells, tableBytes: nodeBytes * units.length + edgeBytes * references },
    prediction: {
      sequentialMs,
      codeMs: (codeFamilies(laid.map(({ unit }) => unit)) * (calibration ?? uncalibrated).codeNs) / 1e6,
      isCalibrated: calibration !== undefined,
      ...errorOf(units),
    },
    rewrites: plan.rewrites,
  };
  return { ...analysis, recommendations: recommendationsFor(plan, laid, analysis) };
}

/** Of a hundred thousand units each is one of these, so optional fields are set rather than spread. */
function plannedUnit(
  unit: Unit,
  level: number,
  known: number | undefined,
  measured: number | undefined,
): PlannedUnit {
  const { copyOf } = unit;
  const predictedMs = known ?? measured ?? 0;
  const planned: { -readonly [Field in keyof PlannedUnit]: PlannedUnit[Field] } = {
    name: unit.key,
    kind: kindOf(unit),
    level,
    cells: cellsOf(unit),
    predictedMs,
    ms: measured ?? predictedMs,
  };
  if (known === undefined) planned.isUnpredictable = true;
  if (measured !== undefined) planned.measuredMs = measured;
  if (isComputed(unit)) planned.isFused = isFusedUnit(unit);
  if (copyOf !== undefined) planned.copyOf = copyOf;
  return planned;
}

/** How each unit stands: alone, in a circle, or in a loop. */
function situations(
  plan: Plan,
  laid: readonly LaidUnit[],
  tasks: readonly Task[],
  state: State,
): readonly Situation[] {
  const cuts = new Set(plan.model.loops.map(({ attribute }) => attribute));
  const sweeps = sweepsOf(state);
  const lone = loneUnits(laid.map(({ unit }) => unit));
  const found = laid.map(({ unit }) => (lone.has(unit) ? aloneInCode : alone));
  for (const { members } of tasks) {
    if (members.length < 2) continue;
    const isLoop = members.some((member) => cuts.has((laid[member] as LaidUnit).unit.key));
    for (const member of members)
      found[member] = {
        isInCircle: true,
        ...(isLoop ? { sweeps: sweeps.get((laid[member] as LaidUnit).node) ?? sweepsExpected } : {}),
      };
  }
  return found;
}

const alone: Situation = { isInCircle: false };
const aloneInCode: Situation = { isInCircle: false, isLone: true };

/** How far off the prediction was, over the units that were measured. */
function errorOf(units: readonly PlannedUnit[]): { measuredMs?: number; ratio?: number } {
  const known = units.filter((unit) => unit.measuredMs !== undefined && unit.isUnpredictable !== true);
  const measuredMs = sumOf(known, (unit) => unit.measuredMs ?? 0);
  if (measuredMs === 0) return {};
  return { measuredMs, ratio: sumOf(known, ({ predictedMs }) => predictedMs) / measuredMs };
}

function kindOf({ attribute, isTransparent, key }: Unit): PlannedUnit["kind"] {
  if (attribute !== undefined) return attribute.kind;
  if (isTransparent === true) return "piece";
  return key.startsWith("check ") ? "check" : "guess";
}

function cellsOf({ axes }: Unit): number {
  const { outer, periods } = shapeOf(axes);
  return outer * periods;
}

function levelsOf(units: readonly PlannedUnit[]): PlanLevel[] {
  const levels = new Map<number, { units: number; ms: number }>();
  for (const { level, ms, kind } of units) {
    if (kind === "input") continue;
    const found = levels.get(level) ?? { units: 0, ms: 0 };
    levels.set(level, { units: found.units + 1, ms: found.ms + ms });
  }
  return [...levels].map(([level, of]) => ({ level, ...of })).toSorted((a, b) => a.level - b.level);
}

function sumOf<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}
