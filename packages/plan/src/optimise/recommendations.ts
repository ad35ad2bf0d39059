/**
 * Recommendations: what the figures of a plan say somebody should change in the model, with what it would bring.
 *
 * Each rule states the least that makes it worth a sentence; where nothing is, there is no sentence. Gains are in
 * milliseconds for computing everything once, from measured costs where there are any.
 */
import type { BoundFormula, Reference } from "@reckon/formula";
import { shapeOf, timeOf } from "../cells.ts";
import type { LaidUnit } from "../placement.ts";
import type { Plan } from "../plan.ts";
import type { Unit } from "../unit.ts";
import { piecesOf } from "./pieces.ts";
import type { PlanAnalysis, Recommendation } from "./plan-analysis.ts";
import { copyNs, estimateWork, readCells } from "./work-estimate.ts";

/** With the units in the order of those laid. */
type Figures = Omit<PlanAnalysis, "recommendations">;

/** Less than this altogether: nothing is worth a change. */
const smallMs = 20;
const gainMsMin = 5;
const dominantShare = 0.3;
const heavyMsMin = 20;
const manualMsMin = 100;
const speedUpMin = 1.3;
const gainBytesMin = 1024 * 1024;
/** A period that reads so many periods of the same axis is quadratic in them. */
const quadraticReadsMin = 24;

export function recommendationsFor(
  plan: Plan,
  laid: readonly LaidUnit[],
  figures: Figures,
): readonly Recommendation[] {
  const { workMs } = figures;
  const found: Recommendation[] = [];
  if (workMs < smallMs)
    found.push({
      kind: "sequential",
      text: `stay sequential: all of it takes ${msText(workMs)}, and handing one task to a thread 0.05 ms`,
    });
  const axes = laid.flatMap((one) => looseAxes(one));
  found.push(...axes.toSorted((a, b) => (b.gainBytes ?? 0) - (a.gainBytes ?? 0)).slice(0, 5));
  if (workMs < smallMs) return found;
  const readers = readCounts(laid);
  const dear = figures.units
    .map(({ ms }, at) => ({ ms, unit: (laid[at] as LaidUnit).unit }))
    .filter(({ ms, unit }) => ms >= gainMsMin && unit.formula !== undefined)
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, 10);
  for (const { unit, ms } of dear) found.push(...aboutUnit(unit, ms, workMs, readers.get(unit.key) ?? 0));
  found.push(...aboutThreads(plan, figures));
  return found;
}

function aboutUnit(unit: Unit, ms: number, workMs: number, readers: number): Recommendation[] {
  const formula = unit.formula as BoundFormula;
  const declared = unit.attribute?.kind === "formula" ? unit.attribute : undefined;
  const share = ms / workMs;
  const own: Recommendation[] = [];
  const { scanned } = estimateWork(formula);
  const quadratic = formula.references.find(
    (reference, slot) => scanned.has(slot) && isQuadratic(reference, formula),
  );
  if (quadratic !== undefined) own.push(quadraticAdvice(unit.key, formula, quadratic, ms));
  else if (!estimateWork(formula).isFused && !formula.callsModule && unit.copyOf === undefined)
    own.push({
      kind: "cells",
      attribute: unit.key,
      text: `${unit.key} goes cell by cell (${msText(ms)}, ${percent(share)} of the time): texts, look-ups by key and sums over two axes keep it from being one loop; a formula of its own for that part leaves a loop for the rest`,
      gainMs: ms / 2,
    });
  if (declared !== undefined && declared.weight !== "heavy" && ms >= heavyMsMin && formula.callsModule)
    own.push({
      kind: "heavy",
      attribute: unit.key,
      text: `declare ${unit.key} heavy: its ${msText(ms)} then run beside the other ${msText(workMs - ms)} wherever these do not need it`,
      gainMs: Math.min(ms, workMs - ms),
    });
  if (declared !== undefined && !declared.isManual && readers === 0 && ms >= manualMsMin)
    own.push({
      kind: "manual",
      attribute: unit.key,
      text: `declare ${unit.key} manual if it is not needed at every edit: nothing reads it, and every edit before it costs ${msText(ms)}`,
      gainMs: ms,
    });
  if (own.length === 0 && share >= dominantShare)
    own.push({
      kind: "dominant",
      attribute: unit.key,
      text: `${unit.key} alone is ${percent(share)} of the time (${msText(ms)}): what makes its formula shorter, or its axes, shows at once; the rest cannot save more than ${msText(workMs - ms)}`,
    });
  return own;
}

/** Whether every period reads most periods of a series. */
function isQuadratic(reference: Reference, formula: BoundFormula): boolean {
  const time = timeOf(reference.axes);
  if (time === undefined || timeOf(formula.axes) === undefined) return false;
  const access = reference.access.at(-1);
  if (access?.kind !== "window" && access?.kind !== "range") return false;
  return readCells(reference) >= quadraticReadsMin && readCells(reference) * 2 >= time.labels.length;
}

function quadraticAdvice(
  key: string,
  formula: BoundFormula,
  reference: Reference,
  ms: number,
): Recommendation {
  const periods = timeOf(formula.axes)?.labels.length ?? 1;
  const isFixed = reference.access.at(-1)?.kind === "range";
  const remedy = isFixed
    ? `put that part into an attribute without ${timeOf(formula.axes)?.name ?? "time"} and read it`
    : "carry the result along (best = MAX(best[t-1], x), start x[1])";
  return {
    kind: "quadratic",
    attribute: key,
    text: `${key} reads ${readCells(reference)} periods of ${reference.attribute} at each of ${periods}, ${readCells(reference) * periods} reads that grow with the square of the periods: ${remedy}`,
    gainMs: ms * (1 - 2 / readCells(reference)),
  };
}

/** An attribute that is the same along an axis it is declared over. */
function looseAxes({ unit }: LaidUnit): Recommendation[] {
  const { attribute, copyOf } = unit;
  if (attribute?.kind !== "formula" || copyOf !== undefined) return [];
  // Short ones first: what could be saved is less than they take, and asking for their pieces costs far more.
  if (sizeOf(attribute.axes) * 8 < gainBytesMin) return [];
  const { formula } = unit;
  if (formula === undefined) return [];
  const whole = piecesOf(attribute.formula).find(({ isRoot }) => isRoot);
  if (whole === undefined || whole.axes.length === formula.axes.length) return [];
  const loose = formula.axes.filter((axis) => !whole.axes.includes(axis));
  const cells = sizeOf(formula.axes);
  const saved = cells - sizeOf(whole.axes);
  if (saved * 8 < gainBytesMin) return [];
  const names = loose.map(({ name }) => name).join(" and ");
  return [
    {
      kind: "axes",
      attribute: unit.key,
      text: `${unit.key} is the same for every ${names}: in a block without it, it takes ${bytesText(saved * 8)} less`,
      gainMs: (saved * copyNs) / 1e6,
      gainBytes: saved * 8,
    },
  ];
}

function sizeOf(axes: BoundFormula["axes"]): number {
  const { outer, periods } = shapeOf(axes);
  return outer * periods;
}

function aboutThreads(plan: Plan, { workMs, speedUpMax, threads, criticalPath }: Figures): Recommendation[] {
  const [first] = criticalPath.steps.toSorted((a, b) => b.ms - a.ms);
  if (speedUpMax < speedUpMin)
    return [
      {
        kind: "sequential",
        text: `stay sequential: the critical path is ${percent(criticalPath.ms / workMs)} of the work, so no number of threads gains more than ${msText(workMs - criticalPath.ms)}${first === undefined ? "" : `; begin with ${first.name} (${msText(first.ms)} of the path)`}`,
      },
    ];
  const [two] = threads;
  const gain = two === undefined ? 0 : workMs - two.predictedMs;
  if (two === undefined || gain < gainMsMin || plan.model.attributes.size === 0) return [];
  return [
    {
      kind: "threads",
      text: `two threads would take ${msText(two.predictedMs)} instead of ${msText(workMs)} (predicted; formulas do not run on threads yet)`,
      gainMs: gain,
    },
  ];
}

/** How many other units read each unit. */
function readCounts(laid: readonly LaidUnit[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { unit } of laid)
    for (const { attribute } of unit.formula?.references ?? [])
      if (attribute !== unit.key) counts.set(attribute, (counts.get(attribute) ?? 0) + 1);
  return counts;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Milliseconds for people. */
export function msText(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 100) return `${Math.round(ms)} ms`;
  return `${ms.toPrecision(2)} ms`;
}

export function bytesText(bytes: number): string {
  if (bytes >= 1024 ** 3) return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
  if (bytes >= 1024 ** 2) return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
  return `${Math.max(1, Math.round(bytes / 1024))} KB`;
}
