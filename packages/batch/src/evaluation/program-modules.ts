/** The functions of a program's modules, loaded on the thread that computes with them. */
import { hostedFunctions, loadModule } from "@reckon/host";
import type { ProgramModule } from "../program.ts";
import type { SheetParts } from "./sheet-parts.ts";

/**
 * Loads the modules. A sentence where one does not load, or is not what the program was made with: nobody knows what would be
 * computed then.
 */
export async function loadProgramModules(
  modules: readonly ProgramModule[],
): Promise<SheetParts["module"] | { readonly problem: string }> {
  const loaded = new Map<string, ReturnType<typeof hostedFunctions>>();
  for (const { path, file, hash } of modules) {
    const began = performance.now();
    const module = await loadModule(file, path);
    if (module.kind === "failed") return { problem: module.problem };
    if (module.closure.hash !== hash) return { problem: `${path} is not what it was when the run began` };
    const { closure } = module;
    const loadMs = performance.now() - began;
    loaded.set(path, hostedFunctions({ path: file, source: path, closure, loadMs }, module.exports));
  }
  return (path) => loaded.get(path) ?? { problem: `the module ${path} is not part of the batch` };
}
