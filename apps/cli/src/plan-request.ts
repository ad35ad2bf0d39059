/** What `reckon plan` was asked for: see request.ts. */
import type { ModelRequest, Refusal } from "./model-request.ts";
import { type PlanStrategy, strategyNamed, strategyWithout } from "./plan-strategy.ts";
import type { RawOptions } from "./raw-options.ts";

export interface PlanRequest extends ModelRequest {
  readonly command: "plan";
  readonly only: readonly string[];
  readonly strategy: PlanStrategy;
  /** Two strategies to run in turn. */
  readonly compared?: readonly [PlanStrategy, PlanStrategy];
  readonly repeats: number;
  readonly isJson: boolean;
}

const repeatsDefault = 5;
const repeatsMax = 1_000;

export function planRequest(
  model: ModelRequest,
  options: RawOptions,
  only: readonly string[],
): PlanRequest | Refusal {
  const without = (options.without ?? []).flatMap((each) => each.split(",")).filter(Boolean);
  const strategy = strategyWithout(without);
  if ("refused" in strategy) return strategy;
  const repeats = options.repeat === undefined ? repeatsDefault : Number(options.repeat);
  if (!Number.isInteger(repeats) || repeats < 1 || repeats > repeatsMax)
    return { refused: `--repeat ${options.repeat}: write a whole number from 1 to ${repeatsMax}` };
  const request = {
    command: "plan" as const,
    ...model,
    only,
    strategy,
    repeats,
    isJson: options.json === true,
  };
  if (options.ab === undefined) {
    if (options.repeat !== undefined) return { refused: "--repeat goes with --ab" };
    return request;
  }
  if (options.ab.length > 2)
    return { refused: `--ab compares two strategies, not ${options.ab.length}: ${options.ab.join(" ")}` };
  const [left, right] = options.ab.map(strategyNamed);
  if (left === undefined) return { refused: "--ab needs a strategy: all, none, merge,share or no-hoist" };
  if ("refused" in left) return left;
  if (right === undefined) return { ...request, compared: [strategy, left] };
  return "refused" in right ? right : { ...request, compared: [left, right] };
}
