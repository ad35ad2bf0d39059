/** The functions of a loaded module as sheets get them: called as they are, and known by where they come from. */
import type { ModuleFunction } from "@reckon/sheet";
import type { Closure } from "./module-closure.ts";
import type { ModuleExports } from "./module-loader.ts";

/** A module as it was loaded once. */
export interface HostedModule {
  /** Absolute. */
  readonly path: string;
  /** As written in the model. */
  readonly source: string;
  readonly closure: Closure;
  /** What loading it took. */
  readonly loadMs: number;
}

/** Where a function comes from. */
export interface HostedFunction {
  readonly module: HostedModule;
  readonly name: string;
}

const origins = new WeakMap<object, HostedFunction>();

/** Functions that call those of the module, each with its version where that is known. */
export function hostedFunctions(module: HostedModule, exports: ModuleExports): ModuleExports {
  const functions: Record<string, ModuleFunction> = Object.create(null);
  const { hash, unknown } = module.closure;
  for (const [name, call] of Object.entries(exports)) {
    const version = unknown.length > 0 ? {} : { version: `${hash} ${name}` };
    const hosted = Object.assign((...args: Parameters<ModuleFunction>) => call(...args), version);
    origins.set(hosted, { module, name });
    functions[name] = hosted;
  }
  return functions;
}

/** Where a function comes from, if it is one of a loaded module. */
export function originOf(call: object): HostedFunction | undefined {
  return origins.get(call);
}
