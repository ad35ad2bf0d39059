/**
 * Calling functions of modules: scalars in, one scalar out. A function that throws, rejects or answers with something
 * that no cell can hold gives `#VALUE!` with a sentence; nothing is thrown further.
 */
import { errorCodes, errorValue, isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import { isLambda, type Value } from "./functions/definition.ts";

/** A function of a module as formulas call it. */
export interface ModuleFunction {
  (...args: Scalar[]): unknown;
  /** What it computes: functions of equal versions give equal bits for equal arguments. Absent: nobody can say. */
  readonly version?: string;
  /** It keeps its calls in a queue of its own, so any number of cells may wait for it together. */
  readonly isQueued?: boolean;
}

/** A function of a module by module and exported name; `undefined` when there is none. `group`: what its calls are made for. */
export type ModuleLookup = (module: string, name: string, group?: CallGroup) => ModuleFunction | undefined;

/** The calls that one computation makes. Once it is cancelled nobody waits for them any more. */
export class CallGroup {
  isCancelled = false;
  /** What its calls took in ms, wherever they were made, as far as who made them says. */
  spentMs = 0;
  private readonly listeners: Set<() => void> = new Set();

  /** Calls `listener` when the group is cancelled; what it returns takes that back. */
  onCancel(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  cancel(): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    for (const listener of this.listeners) listener();
    this.listeners.clear();
  }
}

/** The result of a call; `#BUSY!` when the function answers with a promise. The first error among the arguments wins. */
export function callModule(
  modules: ModuleLookup | undefined,
  module: string,
  name: string,
  list: readonly Value[],
): Scalar {
  const args: Scalar[] = [];
  for (const value of list) {
    const scalar = moduleArgument(value);
    if (isErrorValue(scalar)) return scalar;
    args.push(scalar);
  }
  const called = modules?.(module, name);
  if (called === undefined) return errorValue("#NAME?", `${module}.${name} is not at hand`);
  try {
    return moduleResult(called(...args), `${module}.${name}`);
  } catch (problem) {
    return failure(problem, `${module}.${name}`);
  }
}

function moduleArgument(value: Value): Scalar {
  if (isArrayValue(value)) {
    if (value.cells.length === 1) return value.cells[0] as Scalar;
    return errorValue("#VALUE!", "a module function takes single values, not ranges");
  }
  return isLambda(value) ? errorValue("#VALUE!", "a module function takes values, not functions") : value;
}

/** What a module function answered, as a scalar. */
export function moduleResult(result: unknown, name: string): Scalar {
  switch (typeof result) {
    case "number":
      return Number.isFinite(result) ? result : errorValue("#NUM!", `${name} gave ${result}`);
    case "string":
    case "boolean":
      return result;
    case "undefined":
      return null;
    case "bigint":
      return Number(result);
    case "object":
      if (result === null) return null;
      if (isErrorValue(result) && errorCodes.includes(result.code)) return result;
      if (isPromiseLike(result)) return errorValue("#BUSY!");
      break;
    default:
  }
  return errorValue("#VALUE!", `${name} gave ${Array.isArray(result) ? "an array" : "no single value"}`);
}

/** The error value for what a module function threw or rejected with. */
export function failure(problem: unknown, name: string): Scalar {
  const message = problem instanceof Error ? problem.message : String(problem);
  return errorValue("#VALUE!", `${name} failed: ${message.slice(0, 200)}`);
}

/** Whether the detail of an error says what became of the call of a module function: one of the sentences above. */
export function tellsOfFailedCall(detail: string): boolean {
  return /^\S+\.\S+ (?:failed: |gave )/.test(detail);
}

export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
