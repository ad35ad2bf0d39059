/** What the history of a model's runs says should be done about them. Pure. Cost: the runs. */
import type { Advice, AdviceThresholds } from "../batch-plan.ts";
import type { RunDetails } from "../ledger.ts";
import { rows } from "./decision-table.ts";
import { historyOf } from "./run-history.ts";

/**
 * Goes through the decision table (decision-table.ts). The runs are those of one model and axis, in any order; those that were not
 * ended, or computed nothing, do not count.
 *
 * @example
 * ```ts
 * const { findings } = advise([], adviceDefaults);
 * findings[0]?.text; // "too little history: 0 runs have ended, and 3 say something"
 * ```
 */
export function advise(runs: readonly RunDetails[], thresholds: AdviceThresholds): Advice {
  const history = historyOf(runs);
  const count = history?.runs ?? 0;
  if (history === undefined || count < thresholds.runsMin) {
    const text = `too little history: ${count} ${count === 1 ? "run has" : "runs have"} ended, and ${thresholds.runsMin} say something`;
    const figures = { runs: count, runsMin: thresholds.runsMin };
    return { findings: [{ code: "too-little-history", text, figures }], runs: count };
  }
  const findings = rows.map((row) => row(history, thresholds)).filter((finding) => finding !== undefined);
  return { findings, runs: count };
}

/** A line a finding, numbered where there are several. */
export function adviceText({ findings }: Advice): string {
  return findings.map(({ text }, i) => (findings.length === 1 ? text : `${i + 1}. ${text}`)).join("\n");
}
