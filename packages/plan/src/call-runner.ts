/** Port: who runs the calls of module functions. Without a runner they are called in place, one by one. */
import type { CallGroup, ModuleFunction } from "@reckon/formula";
import type { Scalar } from "@reckon/value";
import type { ModulePolicy } from "./module-policy.ts";

/** A module function as one formula calls it. */
export interface CalledFunction {
  /** `module.function`, for messages. */
  readonly name: string;
  /** Whose formula it is, as `block.attribute`; the call does not depend on it. */
  readonly attribute?: string | undefined;
  /** In place, once, and without the policy. */
  readonly call: ModuleFunction;
  readonly policy: ModulePolicy;
  /** As the formula says. */
  readonly weight?: "heavy" | "light" | undefined;
}

/** Runs calls: here or elsewhere, or knows the answer already. */
export interface CallRunner {
  /**
   * What the function gives for the arguments, or a promise of it; a throw or a rejection is a failure under the policy. The
   * function may be called any number of times, so it must depend on nothing but its arguments. Once `group` is cancelled
   * the answer is of no interest, and comes as soon as can be.
   */
  readonly call: (called: CalledFunction, args: readonly Scalar[], group: CallGroup | undefined) => unknown;
}
