/**
 * Node's own `import()` for tests: the runner's would load modules without the hooks of the loader. Used as
 * `vi.mock("../../packages/host/src/import-module.ts", () => import("./node-import.ts"))`; packages have one of their own.
 */
import { constants, Script } from "node:vm";

export const importModule = new Script("(address) => import(address)", {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
}).runInThisContext() as (address: string) => Promise<Record<string, unknown>>;
