/** Random loops as live sheets, held against what is known of them. */
import type { LoopVerdict } from "@reckon/engine";
import { type LayingOptions, openSheet, type Sheet } from "@reckon/sheet";
import { type LoopCase, loopText } from "../arbitraries/loop-case.ts";
import type { Values } from "../spec/circular-models.ts";
import { emptyHost } from "./open-text.ts";

/** The distance that a solve may leave is an estimate; twice the tolerance is the most that passes for it. */
const estimateMax = 2;

/** What steps of whole numbers may be off by: the unknown is what was put in, not what came out. */
const roundingMax = 1e-9;

/** What a solve ended with, wherever it was made. */
export interface Outcome {
  readonly verdict: LoopVerdict;
  /** NaN for what is no number. */
  readonly values: Values;
}

export function openLoop(of: LoopCase, order?: readonly string[], options?: LayingOptions): Sheet {
  return openLoopText(loopText(of, order), options);
}

export function openLoopText(text: string, options: LayingOptions = {}): Sheet {
  const opened = openSheet({
    model: { source: "loop.reckon", text },
    scenarios: [],
    host: emptyHost,
    ...options,
  });
  if (!opened.ok) {
    throw new Error(
      `the random loop does not open:\n${text}\n${opened.diagnostics.map(({ message }) => message).join("\n")}`,
    );
  }
  return opened.value;
}

/** Of a sheet whose only loop is the case's. */
export function outcomeOf(of: LoopCase, sheet: Sheet, block = "ring"): Outcome {
  const verdicts = sheet
    .loops()
    .filter(({ attributes }) => attributes.every((id) => id.startsWith(`${block}.`)))
    .map(({ verdict }) => verdict);
  if (verdicts.length !== 1) throw new Error(`one loop has ${verdicts.length} records`);
  const numberAt = (name: string): number => {
    const value = sheet.get(`${block}.${name}`);
    return typeof value === "number" ? value : Number.NaN;
  };
  const names = Object.keys(of.formulas);
  return {
    verdict: verdicts[0] as LoopVerdict,
    values: Object.fromEntries(names.map((name) => [name, numberAt(name)])),
  };
}

/** What is wrong with an outcome, as sentences; none when it is right. */
export function faultsOf(of: LoopCase, { verdict, values }: Outcome): string[] {
  const { truth } = of;
  const faults: string[] = [];
  if (!truth.verdicts.includes(verdict))
    faults.push(`is ${verdict}, should be ${truth.verdicts.join(" or ")}`);
  if (verdict !== "converged") return faults;
  if (truth.isStepwise === true) {
    const again = of.sweep({ ...of.inputs, ...values });
    const moved = Object.keys(again).filter(
      (name) => !(Math.abs((again[name] ?? 0) - (values[name] ?? Number.NaN)) <= roundingMax),
    );
    if (moved.length > 0) faults.push(`says converged, and ${moved.join(", ")} would move`);
    return faults;
  }
  const distances = truth.solutions.map((solution) => distance(of, values, solution));
  if (!distances.some((tolerances) => tolerances <= estimateMax)) {
    faults.push(
      `says converged, ${Math.min(...distances)} tolerances from the nearest solution: ${JSON.stringify(values)}, not ${JSON.stringify(truth.solutions)}`,
    );
  }
  return faults;
}

/** The largest distance of an unknown from a solution, in tolerances of that unknown; NaN where one is no number. */
function distance(of: LoopCase, values: Values, solution: Values): number {
  const largest = Math.max(...Object.values(solution).map(Math.abs));
  const each = Object.entries(solution).map(([name, x]) => {
    const allowed = of.tolerance.absolute + of.tolerance.relative * Math.abs(x);
    return Math.max(0, Math.abs((values[name] ?? Number.NaN) - x) - of.truth.noise * largest) / allowed;
  });
  return Math.max(...each);
}
