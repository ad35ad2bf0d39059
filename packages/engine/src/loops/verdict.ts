/**
 * How a loop ended, from the moves of its sweeps (new − old of the cell that moved most, with its sign).
 *
 *   settled, no error                              converged
 *   settled on an error, or an error is left       error, or diverging if the moves had been growing
 *   moves change sign and do not shrink            oscillating
 *   moves keep their sign and grow                 diverging
 *   otherwise                                      limit: it was still on its way
 *
 * The ratios of the last `ratiosLooked` moves decide; fewer moves than that are judged by what there is.
 */
import type { LoopVerdict } from "../formula-node.ts";

const ratiosLooked = 4;
/** A move that shrinks less than this per sweep is not on its way anywhere. */
const shrinkingBelow = 0.98;

export function judge(outcome: {
  readonly moves: readonly number[];
  readonly isSettled: boolean;
  readonly hasError: boolean;
}): LoopVerdict {
  const { moves, isSettled, hasError } = outcome;
  const ratios = lastRatios(moves.filter((move) => Number.isFinite(move) && move !== 0));
  const isGrowing = ratios.length > 0 && ratios.every((ratio) => Math.abs(ratio) > 1);
  if (hasError) return isGrowing && ratios.length >= 2 ? "diverging" : "error";
  if (isSettled) return "converged";
  if (ratios.length === 0) return "limit";
  const isAlternating = ratios.every((ratio) => ratio < 0);
  const isShrinking = ratios.some((ratio) => Math.abs(ratio) < shrinkingBelow);
  if (isAlternating && !isShrinking) return "oscillating";
  return isGrowing ? "diverging" : "limit";
}

function lastRatios(moves: readonly number[]): number[] {
  const ratios: number[] = [];
  for (let i = Math.max(1, moves.length - ratiosLooked); i < moves.length; i++) {
    ratios.push((moves[i] as number) / (moves[i - 1] as number));
  }
  return ratios;
}
