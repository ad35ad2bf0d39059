/**
 * The module functions as one formula calls them, under its `timeout` and `retry`.
 *
 * A function is looked up once, when the formula first needs it: the formula is compiled anew when the module changes, so
 * whatever is still under way then ends with the functions that it began with, and its version is theirs.
 */
import type { CallGroup, ModuleFunction, ModuleLookup } from "@reckon/formula";
import type { CalledFunction, CallRunner } from "./call-runner.ts";
import { type ModulePolicy, underPolicy } from "./module-policy.ts";

export interface FormulaModules {
  readonly modules: ModuleLookup | undefined;
  /** Has the say over all calls, and over the policy. */
  readonly runner: CallRunner | undefined;
  readonly policy: ModulePolicy;
  readonly weight: "heavy" | "light" | undefined;
  readonly attribute?: string | undefined;
}

export function formulaModules(options: FormulaModules): ModuleLookup {
  const bound = new Map<string, (group: CallGroup | undefined) => ModuleFunction>();
  return (module, name, group) => {
    const key = `${module}.${name}`;
    let found = bound.get(key);
    if (found === undefined) {
      const call = options.modules?.(module, name);
      if (call === undefined) return undefined;
      found = boundFunction(key, call, options);
      bound.set(key, found);
    }
    return found(group);
  };
}

function boundFunction(
  name: string,
  call: ModuleFunction,
  { runner, policy, weight, attribute }: FormulaModules,
): (group: CallGroup | undefined) => ModuleFunction {
  const version = call.version === undefined ? {} : { version: call.version };
  if (runner === undefined) {
    const limited = underPolicy(call, policy);
    const underIts = Object.assign((...args: Parameters<ModuleFunction>) => limited(...args), version);
    return () => underIts;
  }
  const called: CalledFunction = { name, call, policy, weight, attribute };
  const inGroup = (group: CallGroup | undefined): ModuleFunction =>
    Object.assign((...args: Parameters<ModuleFunction>) => runner.call(called, args, group), {
      ...version,
      isQueued: true,
    });
  // One formula's cells come one after another, so the last group is mostly the one that is asked for.
  let last: { readonly group: CallGroup | undefined; readonly found: ModuleFunction } | undefined;
  return (group) => {
    if (last === undefined || last.group !== group) last = { group, found: inGroup(group) };
    return last.found;
  };
}
