/** What `reckon plan` was asked for: see request.ts. */
import { rewriteNames } from "@reckon/plan";
import type { ModelRequest, Refusal } from "./model-request.ts";
import { type PlanStrategy, strategyNamed, strategyWithout } from "./plan-strategy.ts";
import type { RawOptions } from "./raw-options.ts";

export interface PlanRequest extends ModelRequest {
  readonly command: "plan";
  readonly only: readonly string[];
  readonly strategy: PlanStrategy;
  /** Two strategies to run in turn. */
  readonly compared?: readonly [PlanStrategy, PlanStrategy];
  /** How often `--ab` runs each, where that is said. */
  readonly repeats?: number;
  readonly isJson: boolean;
}

const repeatsMax = 1_000;

export function planRequest(
  model: ModelRequest,
  options: RawOptions,
  only: readonly string[],
): PlanRequest | Refusal {
  if (options.without === true)
    return { refused: `--without needs names of rewrites: ${rewriteNames.join(", ")}` };
  const without = (options.without ?? []).flatMap((each) => each.split(",")).filter(Boolean);
  const strategy = strategyWithout(without);
  if ("refused" in strategy) return strategy;
  const repeats = options.repeat === undefined ? undefined : Number(options.repeat);
  if (repeats !== undefined && (!Number.isInteger(repeats) || repeats < 1 || repeats > repeatsMax))
    return { refused: `--repeat ${options.repeat}: write a whole number from 1 to ${repeatsMax}` };
  const request = {
    command: "plan" as const,
    ...model,
    only,
    strategy,
    ...(repeats === undefined ? {} : { repeats }),
    isJson: options.json === true,
  };
  if (options.ab === undefined) {
    if (options.repeat !== undefined) return { refused: "--repeat goes with --ab" };
    return request;
  }
  const compared = options.ab === true ? ["all", "none"] : options.ab;
  if (compared.length > 2)
    return { refused: `--ab compares two strategies, not ${compared.length}: ${compared.join(" ")}` };
  const [left, right] = compared.map(strategyNamed);
  if (left === undefined) return { refused: "--ab needs a strategy: all, none, merge,share or no-hoist" };
  if ("refused" in left) return left;
  if (right === undefined) return { ...request, compared: [strategy, left] };
  return "refused" in right ? right : { ...request, compared: [left, right] };
}
