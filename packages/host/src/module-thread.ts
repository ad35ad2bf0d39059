/**
 * What a thread imports to call functions of modules. It loads the module itself, with the hooks of module-loader.ts, and
 * calls a function only if every file is what it was on the main thread: a file that has changed meanwhile is no reason
 * to compute something else.
 */
import { isErrorValue, type Scalar } from "@reckon/value";
import { type LoadedModule, loadModule } from "./module-loader.ts";

/** The call of one function. */
export interface ThreadCall {
  /** Of the module; absolute. */
  readonly path: string;
  /** Of its closure. */
  readonly hash: string;
  readonly name: string;
  readonly args: readonly Scalar[];
  /** How long an answer may be awaited. Who never returns is stopped from outside. */
  readonly timeoutMs: number | undefined;
}

export type ThreadAnswer =
  /** What the function gave, or what says the same of it. */
  | { readonly kind: "given"; readonly value: unknown; readonly ms: number }
  /** It threw or rejected. */
  | { readonly kind: "failed"; readonly message: string; readonly ms: number }
  /** The module had to be loaded first; the function was not called. */
  | { readonly kind: "ready" }
  /** The module is another one here, or does not load. */
  | { readonly kind: "changed" };

const modules = new Map<string, LoadedModule | Promise<LoadedModule>>();

/**
 * Calls a function, at once. Where the module is not there yet it is only loaded: a function that is called when the
 * promise of that is kept could not be told apart from others that wait for the same, if it never returns. Never throws.
 */
export function callModule(call: ThreadCall): ThreadAnswer | Promise<ThreadAnswer> {
  const known = modules.get(call.hash);
  if (known !== undefined && !(known instanceof Promise)) return callIn(known, call);
  const loading = known ?? loadModule(call.path, call.path);
  if (known === undefined) modules.set(call.hash, loading);
  return loading.then((loaded) => {
    modules.set(call.hash, loaded);
    return { kind: "ready" };
  });
}

function callIn(
  module: LoadedModule,
  { hash, name, args, timeoutMs }: ThreadCall,
): ThreadAnswer | Promise<ThreadAnswer> {
  if (module.kind === "failed" || module.closure.hash !== hash) return { kind: "changed" };
  const began = performance.now();
  const given = (value: unknown): ThreadAnswer => ({
    kind: "given",
    value: portable(value),
    ms: performance.now() - began,
  });
  const failed = (problem: unknown): ThreadAnswer => ({
    kind: "failed",
    message: messageOf(problem),
    ms: performance.now() - began,
  });
  try {
    const result: unknown = module.exports[name]?.(...args);
    if (!isThenable(result)) return given(result);
    return inTime(Promise.resolve(result), timeoutMs).then(given, failed);
  } catch (problem) {
    return failed(problem);
  }
}

/** The words for an answer that does not come in time, wherever it was awaited. */
export function lateMessage(timeoutMs: number): string {
  return `no answer within ${timeoutMs / 1000} s`;
}

function inTime(result: Promise<unknown>, timeoutMs: number | undefined): Promise<unknown> {
  if (timeoutMs === undefined) return result;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(lateMessage(timeoutMs))), timeoutMs);
    result.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/** What cannot travel becomes something of which a cell says the same. */
function portable(value: unknown): unknown {
  if (typeof value === "symbol" || typeof value === "function") return {};
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return [];
  if (!isErrorValue(value)) return {};
  const { kind, code, detail, origin } = value;
  return {
    kind,
    code,
    ...(typeof detail === "string" ? { detail } : {}),
    ...(origin === undefined ? {} : { origin: { attribute: origin.attribute, at: [...origin.at] } }),
  };
}

function messageOf(problem: unknown): string {
  try {
    return problem instanceof Error ? `${problem.message}` : String(problem);
  } catch {
    return "something that has no text was thrown";
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
