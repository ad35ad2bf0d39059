/**
 * Loading formula modules: TypeScript or JavaScript files whose exported functions a model calls.
 *
 * Node keeps every module it has imported for the life of the process, so a changed file must get another address:
 * each load has a number, which stands behind the file's address as a query (`opponent.ts?reckon=3`), and a resolve
 * hook hands the number on to the relative imports of numbered modules. So one load evaluates the module and
 * everything it imports by relative path afresh, and the hook learns which files those are: they are watched too.
 * Packages (`node_modules`) and Node's own modules are shared by all loads.
 *
 * Cost: an old load's modules stay in memory until the process ends (a limit of Node); one load is a few kilobytes.
 */
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ModuleFunction } from "@reckon/sheet";

export type ModuleExports = Readonly<Record<string, ModuleFunction>>;

export type LoadedModule =
  | { readonly kind: "loaded"; readonly exports: ModuleExports; readonly paths: readonly string[] }
  | { readonly kind: "failed"; readonly problem: string; readonly paths: readonly string[] };

/** How long a module's top level may take before the load is given up. */
const loadMsMax = 10_000;
const mark = "reckon";

/** By the number of a load: the files it has evaluated. */
const filesOfLoad = new Map<string, Set<string>>();
let loadCount = 0;
let isHooked = false;

/** Imports the module at `path` (absolute) afresh. Never throws: what it throws is the problem. */
export async function loadModule(path: string, source: string): Promise<LoadedModule> {
  hookResolution();
  loadCount += 1;
  const id = String(loadCount);
  const files = new Set([path]);
  filesOfLoad.set(id, files);
  const url = pathToFileURL(path);
  url.searchParams.set(mark, id);
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`its top level took more than ${loadMsMax / 1000} s`)),
        loadMsMax,
      );
    });
    const loaded = (await Promise.race([import(url.href), late])) as Record<string, unknown>;
    return { kind: "loaded", exports: functionsOf(loaded), paths: [...files] };
  } catch (cause) {
    return { kind: "failed", problem: `${source} does not load: ${describe(cause)}`, paths: [...files] };
  } finally {
    clearTimeout(timer);
  }
}

function functionsOf(loaded: Record<string, unknown>): ModuleExports {
  const functions: Record<string, ModuleFunction> = Object.create(null);
  for (const [name, value] of Object.entries(loaded)) {
    if (typeof value === "function") functions[name] = value as ModuleFunction;
  }
  return functions;
}

/** The first line of what was thrown, without addresses of loads. */
function describe(cause: unknown): string {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return (text.split("\n")[0] ?? "").replaceAll(new RegExp(`\\?${mark}=\\d+`, "g"), "");
}

function hookResolution(): void {
  if (isHooked) return;
  isHooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const id = loadOf(context.parentURL);
      if (id === undefined || !isOwnFile(specifier, resolved.url)) return resolved;
      filesOfLoad.get(id)?.add(fileURLToPath(resolved.url));
      const url = new URL(resolved.url);
      url.searchParams.set(mark, id);
      return { ...resolved, url: url.href };
    },
  });
}

function loadOf(importer: string | undefined): string | undefined {
  if (importer === undefined || !importer.startsWith("file:")) return undefined;
  return new URL(importer).searchParams.get(mark) ?? undefined;
}

function isOwnFile(specifier: string, url: string): boolean {
  const isRelative = specifier.startsWith("./") || specifier.startsWith("../");
  return isRelative && url.startsWith("file:") && !url.includes("/node_modules/");
}
