/**
 * Two strategies in turn: the sheet is laid and computed from cold with one, then with the other, several times, the
 * order changing each time, so that what the machine does meanwhile falls on both (see paired-times.ts). One pair before
 * that is not counted: it makes the code. Quick models are run more often unless a number is asked for. Afterwards
 * every cell of both is compared, errors with origin and detail.
 */
import type { ScenarioName, Sheet } from "@reckon/sheet";
import { medianOf, type PairedRatio, pairedRatio } from "./paired-times.ts";
import type { PlanStrategy } from "./plan-strategy.ts";

export interface Comparison {
  readonly strategies: readonly [string, string];
  readonly repeats: number;
  /** Medians. */
  readonly ms: readonly [number, number];
  /** Nodes of the engine. */
  readonly nodes: readonly [number, number];
  readonly ratio: PairedRatio;
  readonly cellsCompared: number;
  /** The first cell that differs, `scenario: attribute`; absent when all bits are equal. */
  readonly difference?: string;
}

export interface ComparisonRequest {
  readonly strategies: readonly [PlanStrategy, PlanStrategy];
  /** Absent: as often as it takes no patience. */
  readonly repeats?: number;
  readonly scenarios: readonly ScenarioName[];
  /** The attributes to lay, and to compare. */
  readonly ids: readonly string[];
  readonly isAll: boolean;
}

const repeatsMin = 5;
const repeatsMax = 25;
/** So long pairs are added while there are fewer than that. */
const patienceMs = 1_500;

export async function compareStrategies(sheet: Sheet, request: ComparisonRequest): Promise<Comparison> {
  const { strategies, ids, isAll } = request;
  const run = async ({ optimise }: PlanStrategy): Promise<{ readonly sheet: Sheet; readonly ms: number }> => {
    const began = performance.now();
    const opened = sheet.reopen({ optimise, ...(isAll ? {} : { only: ids }) });
    await opened.settled();
    return { sheet: opened, ms: performance.now() - began };
  };
  const times: [number, number][] = [];
  let last: [Sheet, Sheet] | undefined;
  const begun = performance.now();
  const isEnough = (pairs: number): boolean => {
    if (request.repeats !== undefined) return pairs >= request.repeats;
    return pairs >= repeatsMax || (pairs >= repeatsMin && performance.now() - begun > patienceMs);
  };
  for (let pair = 0; pair === 0 || !isEnough(times.length); pair++) {
    for (const one of last ?? []) one.dispose();
    const order = pair % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    const ran = [];
    for (const at of order) ran[at] = await run(strategies[at]);
    const [left, right] = ran as [Awaited<ReturnType<typeof run>>, Awaited<ReturnType<typeof run>>];
    last = [left.sheet, right.sheet];
    if (pair > 0) times.push([left.ms, right.ms]);
  }
  const [left, right] = last as [Sheet, Sheet];
  const ms: [number, number] = [medianOf(times.map(([a]) => a)), medianOf(times.map(([, b]) => b))];
  const nodes: [number, number] = [left.engine.nodeCount, right.engine.nodeCount];
  const compared = compareCells(left, right, request);
  for (const one of [left, right]) one.dispose();
  return {
    strategies: [strategies[0].name, strategies[1].name],
    repeats: times.length,
    ms,
    nodes,
    ratio: pairedRatio(times),
    ...compared,
  };
}

function compareCells(
  left: Sheet,
  right: Sheet,
  { scenarios, ids }: ComparisonRequest,
): Pick<Comparison, "cellsCompared" | "difference"> {
  let cellsCompared = 0;
  for (const scenario of scenarios)
    for (const id of ids) {
      const [a, b] = [left.column(id, scenario), right.column(id, scenario)];
      for (let cell = 0; cell < a.length; cell++)
        if (!a.readsAlike(cell, b, cell)) return { cellsCompared, difference: `${scenario}: ${id}` };
      cellsCompared += a.length;
    }
  return { cellsCompared };
}
