/**
 * What a unit will take when it is computed, before it ever was: its formula's estimate, by the way its kernel goes, times
 * what the machine's calibration says of that way.
 *
 *   - a copy moves cells; a single value shares its code with others; a column is one loop, or goes cell by cell
 *   - of the first cells of a formula no code is made: short columns are interpreted throughout
 *   - in a circle, and in a loop as often as it sweeps, a member is called for each period
 *
 * A formula that calls a module takes what the module takes: of that nothing is known, and so there is no prediction.
 * Making code is not in it: it happens once for all formulas alike, see `codeFamilies`.
 */
import { type BoundFormula, type CellFamily, cellFamilyOf } from "@reckon/formula";
import { shapeOf } from "../cells.ts";
import { isComputed, sharedMeaningOf, type Unit } from "../unit.ts";
import { formOf } from "./form.ts";
import type { Calibration } from "./machine.ts";
import {
  copyNs,
  estimateWork,
  interpretedCells,
  interpretedNs,
  isFusedFormula,
  readCells,
} from "./work-estimate.ts";

/** How a unit stands in its plan. */
export interface Situation {
  /** Whether it is computed period by period with others. */
  readonly isInCircle: boolean;
  /** For a member of a loop, how often each of its periods is computed. */
  readonly sweeps?: number;
  /** Whether few other single values share its code. */
  readonly isLone?: boolean;
}

/** Of a loop that has not been solved yet. */
export const sweepsExpected = 12;

/** In milliseconds; `undefined` where nothing is known. */
export function predictedMsOf(
  unit: Unit,
  { isInCircle, sweeps, isLone }: Situation,
  machine: Calibration,
): number | undefined {
  if (!isComputed(unit)) return 0;
  if (sharedMeaningOf(unit) === undefined && unit.formula?.callsModule === true) return undefined;
  const { outer, periods } = shapeOf(unit.axes);
  const cells = outer * periods;
  if (unit.copyOf !== undefined) return (cells * copyNs * machine.fused + machine.nodeNs) / 1e6;
  if (!isInCircle && isSingle(unit)) return (isLone === true ? machine.loneNs : machine.singleNs) / 1e6;
  const formula = unit.formula as BoundFormula;
  if (isInCircle) {
    const calls = periods * (sweeps ?? 1);
    return (
      calledNs(formula, calls, outer, sweeps === undefined ? machine.stepNs : machine.sweepNs, machine) / 1e6
    );
  }
  if (cells <= interpretedCells) return (cells * walkedNs(formula, machine) + machine.nodeNs) / 1e6;
  return (cells * codedNs(formula, machine) + machine.columnNs) / 1e6;
}

function calledNs(
  formula: BoundFormula,
  calls: number,
  outer: number,
  callNs: number,
  machine: Calibration,
): number {
  const walked = Math.min(calls, Math.floor(interpretedCells / outer));
  const ofWalked = walked * outer * walkedNs(formula, machine);
  return ofWalked + (calls - walked) * (callNs + (outer - 1) * codedNs(formula, machine));
}

/** A cell without code. */
export function walkedNs(
  formula: BoundFormula,
  { interpreted, interpretedRanges }: Pick<Calibration, "interpreted" | "interpretedRanges">,
): number {
  const { ns, rangeNs } = interpretedNs(formula);
  return (ns - rangeNs) * interpreted + rangeNs * interpretedRanges;
}

/** A cell once code was made. */
function codedNs(formula: BoundFormula, { fused, ranges, cells }: Calibration): number {
  const { nsPerCell, rangeNs, isFused } = estimateWork(formula);
  return isFused ? (nsPerCell - rangeNs) * fused + rangeNs * ranges : nsPerCell * cells;
}

/** The units of single values whose code few others share: what the first of a family takes, they all do. */
export function loneUnits(units: Iterable<Unit>): ReadonlySet<Unit> {
  const families = new Map<unknown, Unit[]>();
  for (const unit of units) {
    if (!isComputed(unit) || !isSingle(unit)) continue;
    const shared = sharedMeaningOf(unit);
    if (shared === undefined && unit.formula?.callsModule === true) continue;
    const family = shared?.family ?? cellFamilyOf(unit.formula as BoundFormula)?.family;
    const members = families.get(family);
    if (members === undefined) families.set(family, [unit]);
    else members.push(unit);
  }
  return new Set([...families.values()].filter(({ length }) => length <= loneMax).flat());
}

const loneMax = 8;

/** Whether it is one value read from single values. */
function isSingle(unit: Unit): boolean {
  if (unit.axes.length > 0 || unit.isTransparent === true) return false;
  const reads = (sharedMeaningOf(unit) ?? unit.formula)?.references ?? [];
  return reads.every((reference) => reference.axes.length === 0 && readCells(reference) === 1);
}

const fusedFamilies = new WeakMap<CellFamily, boolean>();

/** Whether a unit that is computed runs as one loop; cells of one family all do, or none does. */
export function isFusedUnit(unit: Unit): boolean {
  const family = sharedMeaningOf(unit)?.family;
  if (family === undefined) return isFusedFormula(unit.formula as BoundFormula);
  let isFused = fusedFamilies.get(family);
  if (isFused === undefined) {
    isFused = isFusedFormula(unit.formula as BoundFormula);
    fusedFamilies.set(family, isFused);
  }
  return isFused;
}

/** How many pieces of code are made for these units: one for all that are alike. */
export function codeFamilies(units: Iterable<Unit>): number {
  const forms = new Set<string>();
  for (const unit of units) {
    const { outer, periods } = shapeOf(unit.axes);
    const form = unit.copyOf === undefined && outer * periods > interpretedCells ? formOf(unit) : undefined;
    if (form !== undefined) forms.add(form);
  }
  return forms.size;
}
