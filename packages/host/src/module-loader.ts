/**
 * Loading formula modules: TypeScript or JavaScript files whose exported functions a model calls.
 *
 * Node keeps every module it has imported for the life of the process, so a changed file must get another address:
 * each load has a number, which stands behind the file's address as a query (`opponent.ts?reckon=3`), and a resolve
 * hook hands the number on to the relative imports of numbered modules. So one load evaluates the module and
 * everything it imports by relative path afresh. Packages are shared by all loads until a file of one of them is another
 * than was loaded; then all of them are evaluated afresh (`?reckon=p1`). What was `require`d stands in Node's cache by its
 * path, and is taken out of it instead.
 *
 * A load hook sees the bytes of every file as they are loaded, packages included: the version of the module is made of
 * these (module-closure.ts), and all these files are watched. What is imported only when a function reaches it was read for
 * the version before: if it is another by then, the import fails, and so does the call.
 *
 * Cost: an old load's modules stay in memory until the process ends (a limit of Node); one load is a few kilobytes.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { createRequire, type LoadHookContext, type ModuleSource, registerHooks } from "node:module";
import { basename, dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { ModuleFunction } from "@reckon/sheet";
import { importModule } from "./import-module.ts";
import { placeOfFailure } from "./load-place.ts";
import { type Closure, type ClosureFile, closureOf, kindOf, type SeenFile } from "./module-closure.ts";

export type ModuleExports = Readonly<Record<string, ModuleFunction>>;

export type LoadedModule =
  | {
      readonly kind: "loaded";
      readonly exports: ModuleExports;
      readonly closure: Closure;
      readonly files: readonly ClosureFile[];
    }
  | { readonly kind: "failed"; readonly problem: string; readonly files: readonly ClosureFile[] };

/** How long a module's top level may take before the load is given up. */
const loadMsMax = 10_000;
const mark = "reckon";

/** A file as it was loaded, and under what mark: the number of a load, or `p` and the generation of the packages. */
interface Seen extends SeenFile {
  readonly mark: string;
}

/** By mark and path. Of a load that is over, nothing is kept but what packages and `require` share. */
const seenFiles = new Map<string, Map<string, Seen>>();
/** What stands in the cache of `require` by path. */
const required = new Map<string, Seen>();
/** Files that something under a mark requires, with the mark that they get. */
const requiring = new Map<string, string>();
/** Hashes of files that belong to a version and were not loaded with it, by load and path. */
const awaited = new Map<string, Map<string, string>>();
/** The file that was read last. */
let lastNoted: string | undefined;
let lastLoad: Promise<unknown> = Promise.resolve();
let loadCount = 0;
let generation = 0;
let isHooked = false;

/**
 * Imports the module at an absolute path afresh. Never throws: what it throws is the problem. Loads wait for one another:
 * packages that one of them has to load anew would be taken from under the other.
 */
export function loadModule(written: string, source: string): Promise<LoadedModule> {
  const loaded = lastLoad.then(() => load(written, source));
  lastLoad = loaded;
  return loaded;
}

async function load(written: string, source: string): Promise<LoadedModule> {
  hookLoading();
  // Node follows links before it loads.
  const path = await realpath(written).catch(() => written);
  refreshShared();
  loadCount += 1;
  const id = String(loadCount);
  seenFiles.set(id, new Map());
  lastNoted = undefined;
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
    const loaded = await Promise.race([importModule(url.href), late]);
    const closure = closureOf(path, (file) => seenIn(id, file));
    awaitLater(id, closure.files);
    return { kind: "loaded", exports: functionsOf(loaded), closure, files: watched(closure.files, written) };
  } catch (cause) {
    const files = watched(closureOf(path, (file) => seenIn(id, file)).files, written);
    const problem = `${source} does not load: ${describe(cause)}${placeOf(cause, id, { path, source })}`;
    return { kind: "failed", problem, files };
  } finally {
    clearTimeout(timer);
    seenFiles.delete(id);
  }
}

/** The files, and the link that leads to the first of them: it may be made to lead elsewhere. */
function watched(files: readonly ClosureFile[], written: string): readonly ClosureFile[] {
  const [root] = files;
  return root === undefined || root.path === written ? files : [{ ...root, path: written }, ...files];
}

const inPackages = `${sep}node_modules${sep}`;
/** In the place of a load: what is shared by all of them. */
const shared = "p";

/** Remembers what the version says of files that are not loaded yet. */
function awaitLater(id: string, files: readonly ClosureFile[]): void {
  for (const { path, hash } of files) {
    if (seenIn(id, path) !== undefined) continue;
    for (const load of path.includes(inPackages) ? [shared] : [shared, id]) {
      const hashes = awaited.get(load) ?? new Map<string, string>();
      awaited.set(load, hashes.set(path, hash));
    }
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
  return (text.split("\n")[0] ?? "").replaceAll(new RegExp(`\\?${mark}=p?\\d+`, "g"), "");
}

/** ` (lib/two.ts:3:1)`: in which file, named as the model would name it, and where in it. */
function placeOf(
  cause: unknown,
  id: string,
  root: { readonly path: string; readonly source: string },
): string {
  const bytes = lastNoted === undefined ? undefined : seenIn(id, lastNoted)?.bytes;
  const last =
    lastNoted === undefined || bytes === undefined
      ? undefined
      : { path: lastNoted, text: Buffer.from(bytes).toString() };
  const place = placeOfFailure(cause, last, (path) => seenIn(id, path) !== undefined);
  if (place === undefined) return "";
  const file = join(dirname(root.source), relative(dirname(root.path), place.path));
  return ` (${[file, place.line, place.column].filter((part) => part !== undefined).join(":")})`;
}

function seenIn(id: string, path: string): Seen | undefined {
  return seenFiles.get(id)?.get(path) ?? seenFiles.get(packageMark())?.get(path) ?? required.get(path);
}

function packageMark(): string {
  return `p${generation}`;
}

/** Makes the next load evaluate packages and what is required anew, if a file of those is not what was loaded. */
function refreshShared(): void {
  const shared = [...(seenFiles.get(packageMark()) ?? []), ...required];
  if (shared.every(([path, { bytes }]) => isUnchanged(path, bytes))) return;
  seenFiles.delete(packageMark());
  generation += 1;
  const { cache } = createRequire(import.meta.url);
  for (const path of required.keys()) delete cache[path];
  required.clear();
  requiring.clear();
}

function isUnchanged(path: string, bytes: Uint8Array): boolean {
  try {
    return digest(readFileSync(path)) === digest(bytes);
  } catch {
    // Gone: the next load says so.
    return false;
  }
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function hookLoading(): void {
  if (isHooked) return;
  isHooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const importer = importerOf(context.parentURL);
      if (importer === undefined) return resolved;
      const isFile = resolved.url.startsWith("file:");
      const target = isFile ? fileURLToPath(resolved.url) : resolved.url;
      if (isFile || target.startsWith("node:")) importer.seen?.edges.set(specifier, target);
      if (!isFile) return resolved;
      const isOwn = isOwnFile(specifier, target) && !importer.mark.startsWith("p");
      const handedOn = isOwn ? importer.mark : packageMark();
      if (context.conditions.includes("require")) {
        requiring.set(target, handedOn);
        return resolved;
      }
      const url = new URL(resolved.url);
      url.searchParams.set(mark, handedOn);
      return { ...resolved, url: url.href };
    },
    load(url, context, next) {
      const loaded = next(url, context);
      if (url.startsWith("file:")) note(url, loaded.format ?? context.format, loaded.source);
      return loaded;
    },
  });
}

interface Importer {
  readonly mark: string;
  readonly seen: Seen | undefined;
}

/** The file that imports, if it belongs to a load. */
function importerOf(address: string | undefined): Importer | undefined {
  if (address === undefined || !address.startsWith("file:")) return undefined;
  const path = fileURLToPath(address);
  const found = new URL(address).searchParams.get(mark) ?? requiring.get(path);
  if (found === undefined) return undefined;
  return { mark: found, seen: seenFiles.get(found)?.get(path) ?? required.get(path) };
}

/** Keeps what a file was loaded with. */
function note(address: string, format: LoadHookContext["format"], source: ModuleSource | undefined): void {
  const path = fileURLToPath(address);
  const numbered = new URL(address).searchParams.get(mark);
  const found = numbered ?? requiring.get(path);
  if (found === undefined) return;
  const bytes = bytesOf(path, source);
  if (bytes === undefined) return;
  refuseOther(found, path, bytes);
  lastNoted = path;
  const kind = kindOfFormat(format) ?? kindOf(path, bytes);
  const seen: Seen = { bytes, kind, edges: new Map(), mark: found };
  if (kind === "commonjs" || numbered === null) {
    required.set(path, seen);
    // What it requires is told without the mark.
    requiring.set(path, found);
    return;
  }
  const files = seenFiles.get(found) ?? (found.startsWith("p") ? new Map<string, Seen>() : undefined);
  if (files === undefined) return;
  seenFiles.set(found, files);
  files.set(path, seen);
}

/** Throws if a version was made with other bytes: nobody would know what is computed with these. */
function refuseOther(found: string, path: string, bytes: Uint8Array): void {
  if (seenFiles.has(found) && !found.startsWith(shared)) return;
  const wanted = awaited.get(found.startsWith(shared) ? shared : found)?.get(path);
  if (wanted !== undefined && wanted !== digest(bytes))
    throw new Error(`${basename(path)} has changed since the module was loaded`);
}

function bytesOf(path: string, source: ModuleSource | undefined): Uint8Array | undefined {
  if (typeof source === "string") return Buffer.from(source);
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source !== undefined && source !== null) return source as Uint8Array;
  try {
    return readFileSync(path);
  } catch {
    // Loading it says what is wrong.
    return undefined;
  }
}

function kindOfFormat(format: LoadHookContext["format"]): SeenFile["kind"] | undefined {
  if (format === "module" || format === "module-typescript") return "module";
  if (format === "commonjs" || format === "commonjs-typescript") return "commonjs";
  return format === undefined || format === null ? undefined : "other";
}

function isOwnFile(specifier: string, path: string): boolean {
  const isRelative = specifier.startsWith("./") || specifier.startsWith("../");
  return isRelative && extname(path) !== ".node" && !path.includes(inPackages);
}
