/**
 * The version of a module: SHA-256 over all that it and everything it imports is made of.
 *
 *   root ──► what it imports ──► what that imports …     own files by their path relative to the root, files of packages
 *                                                        by name, version and path; Node's modules by name
 *
 *   1. Files that were loaded count with the bytes that were loaded, and lead to where Node resolved their imports.
 *   2. Files that are imported only later (`import("./a.ts")` inside a function, `require` of a package) are read from the disk.
 *   3. Each file counts with its name, its kind (whether it is a script or a module), the hash of its bytes and the names of what each of its imports leads to. Where the
 *      files stand plays no part, so two copies of a folder have the same version.
 *   4. What no hash of texts can see (module-text.ts) is told beside it: then nobody can say what the module computes.
 *
 * The version of Node counts (its modules, its `URL`, the tables of `Intl`), and so do the time zone and the locale: `Date` and
 * `Intl` read them.
 * Cost: the bytes of the files, once a load (of packages once a process).
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type ModuleKind, type ModuleText, readModuleText } from "./module-text.ts";

/** A file as a load found it. */
export interface SeenFile {
  readonly bytes: Uint8Array;
  readonly kind: ModuleKind | "other";
  /** What its imports led to, by specifier: an absolute path, or `node:` and a name. */
  readonly edges: Map<string, string>;
}

export interface Closure {
  /** Of all files; different as soon as one byte of one of them is. */
  readonly hash: string;
  /** Why the hash does not tell what the module computes; empty where it does. */
  readonly unknown: readonly string[];
  readonly files: readonly ClosureFile[];
}

export interface ClosureFile {
  readonly path: string;
  /** As `hashText` of its text. */
  readonly hash: string;
}

interface Scanned {
  readonly hash: string;
  readonly text: ModuleText | undefined;
}

/** Of files in packages, by their bytes: most loads find them unchanged. */
const scans = new Map<string, Scanned>();
const scansMax = 20_000;
/** How many reasons are told. */
const reasonsMax = 3;

/** `seen`: the files of this load by absolute path. */
export function closureOf(root: string, seen: (path: string) => SeenFile | undefined): Closure {
  return new Walk(root, seen).closure();
}

/** The version of a module that is not loaded: as `closureOf` of the same file once it is, where it imports nothing but Node's modules. */
export function moduleVersion(root: string): string {
  return closureOf(root, () => undefined).hash;
}

class Walk {
  private readonly root: string;
  private readonly seen: (path: string) => SeenFile | undefined;
  private readonly names = new Map<string, string>();
  private readonly taken = new Set<string>();
  private readonly open: string[] = [];
  private readonly entries: string[] = [];
  private readonly unknown: string[] = [];
  private readonly files: ClosureFile[] = [];
  private readsMode = false;

  constructor(root: string, seen: (path: string) => SeenFile | undefined) {
    this.root = root;
    this.seen = seen;
  }

  closure(): Closure {
    this.nameOf(this.root, false);
    for (let path = this.open.pop(); path !== undefined; path = this.open.pop()) this.visit(path);
    const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
    const hash = createHash("sha256");
    hash.update(JSON.stringify(["module 2", locale, timeZone, process.version]));
    if (this.readsMode) hash.update(JSON.stringify(["mode", process.env.NODE_ENV ?? null]));
    for (const entry of this.entries.sort()) hash.update(`\n${entry}`);
    return {
      hash: hash.digest("hex"),
      unknown: [...new Set(this.unknown)].slice(0, reasonsMax),
      files: this.files,
    };
  }

  private visit(path: string): void {
    const name = this.names.get(path) as string;
    const seen = this.seen(path);
    const bytes = seen?.bytes ?? readNow(path);
    if (bytes === undefined) {
      this.unknown.push(`${name} cannot be read`);
      this.entries.push(JSON.stringify([name, null]));
      return;
    }
    if (extname(path) === ".node") this.unknown.push(`${name} is a compiled add-on`);
    const kind = seen?.kind ?? kindOf(path, bytes);
    const { hash, text } = scanned(bytes, kind);
    this.files.push({ path, hash });
    this.readsMode ||= text?.readsMode === true;
    for (const { line, what } of text?.unknown ?? []) this.unknown.push(`${name} ${what} in line ${line}`);
    const edges: [string, string][] = [];
    for (const [specifier, target] of this.targets(path, kind, seen, text))
      edges.push([
        specifier,
        isNode(target) ? this.nodeModule(target, name) : this.nameOf(target, this.isPackage(path, specifier)),
      ]);
    edges.sort(([a], [b]) => (a < b ? -1 : 1));
    this.entries.push(JSON.stringify([name, kind, hash, edges]));
  }

  /** What each import leads to: as it was resolved, or as it will be. */
  private targets(
    path: string,
    kind: SeenFile["kind"],
    seen: SeenFile | undefined,
    text: ModuleText | undefined,
  ): ReadonlyMap<string, string> {
    const targets = new Map(seen?.edges);
    if (text === undefined) return targets;
    const written = seen === undefined ? [...text.first, ...text.later] : text.later;
    for (const { specifier, line } of written) {
      if (targets.has(specifier)) continue;
      const target = resolveLater(path, specifier, kind);
      if (target !== undefined) targets.set(specifier, target);
      else this.unknown.push(`${this.names.get(path)} imports ${specifier} only later, in line ${line}`);
    }
    return targets;
  }

  private nodeModule(target: string, name: string): string {
    const module = target.slice("node:".length);
    if (!plainModules.has(module)) this.unknown.push(`${name} uses ${target}`);
    return target;
  }

  /** A file of a package imports its own files by relative paths. */
  private isPackage(importer: string, specifier: string): boolean {
    return (this.names.get(importer) as string).startsWith("package ") || !isRelative(specifier);
  }

  private nameOf(path: string, isPackage: boolean): string {
    let name = this.names.get(path);
    if (name === undefined) {
      name = isPackage || path.includes(`${sep}node_modules${sep}`) ? packageName(path) : this.ownName(path);
      // Two packages may call themselves the same and be others: which of them an import leads to counts.
      while (this.taken.has(name)) name += " (another)";
      this.taken.add(name);
      this.names.set(path, name);
      this.open.push(path);
    }
    return name;
  }

  private ownName(path: string): string {
    return relative(dirname(this.root), path).split(sep).join("/");
  }
}

/** Those of Node's modules whose functions depend on nothing but their arguments; random numbers are looked for by name. */
const plainModules: ReadonlySet<string> = new Set([
  ...[
    "assert",
    "assert/strict",
    "async_hooks",
    "buffer",
    "constants",
    "crypto",
    "events",
    "path",
    "path/posix",
  ],
  ...["path/win32", "punycode", "querystring", "stream", "stream/promises", "stream/web", "string_decoder"],
  ...["timers", "timers/promises", "url", "util", "util/types", "zlib"],
]);

function scanned(bytes: Uint8Array, kind: SeenFile["kind"]): Scanned {
  const hash = createHash("sha256").update(bytes).digest("hex");
  const key = `${kind} ${hash}`;
  let found = scans.get(key);
  if (found === undefined) {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    found = { hash, text: kind === "other" ? undefined : readModuleText(text, kind) };
    if (scans.size >= scansMax) scans.clear();
    scans.set(key, found);
  }
  return found;
}

function readNow(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    // Gone, or not to be read: whoever asks is told that, and nothing is kept of the module.
    return undefined;
  }
}

function isRelative(specifier: string): boolean {
  return /^\.\.?\//.test(specifier) || specifier === "." || specifier === "..";
}

function isNode(target: string): boolean {
  return target.startsWith("node:");
}

function resolveLater(path: string, specifier: string, kind: SeenFile["kind"]): string | undefined {
  if (isBuiltin(specifier)) return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
  if (kind === "module") {
    // Where a package is found for an import is known only once it is resolved.
    if (!isRelative(specifier)) return undefined;
    const target = fileURLToPath(new URL(specifier, pathToFileURL(path)));
    return existsSync(target) ? target : undefined;
  }
  try {
    return createRequire(path).resolve(specifier);
  } catch {
    // Code that tries whether a package is there: it may be there tomorrow.
    return undefined;
  }
}

/** The kind of a file, where nobody has told it. */
export function kindOf(path: string, bytes: Uint8Array): SeenFile["kind"] {
  const extension = extname(path);
  if ([".mjs", ".mts"].includes(extension)) return "module";
  if ([".cjs", ".cts"].includes(extension)) return "commonjs";
  if (![".js", ".ts", ""].includes(extension)) return "other";
  const { type } = packageOf(path);
  if (type === "module") return "module";
  return /^\s*(?:import|export)\b/m.test(new TextDecoder().decode(bytes)) ? "module" : "commonjs";
}

interface Package {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly type: string | undefined;
}

function packageName(path: string): string {
  const { folder, name, version } = packageOf(path);
  const inside = relative(folder, path).split(sep).join("/");
  const at = path.indexOf(`${sep}node_modules${sep}`);
  const nested =
    at < 0
      ? ""
      : dirname(relative(path.slice(0, at), folder))
          .split(sep)
          .join("/");
  return `package ${nested}/${name}@${version}/${inside}`;
}

/** The nearest `package.json` with a name at or above the file. */
function packageOf(path: string): Package {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = readPackage(folder);
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return { folder: dirname(path), name: "", version: "", type: undefined };
  }
}

function readPackage(folder: string): Package | undefined {
  const bytes = readNow(join(folder, "package.json"));
  if (bytes === undefined) return undefined;
  try {
    const { name, version, type } = JSON.parse(new TextDecoder().decode(bytes)) as
      | Partial<Package>
      | Record<string, never>;
    return name === undefined ? undefined : { folder, name: `${name}`, version: `${version ?? ""}`, type };
  } catch {
    // A file of that name that is none of Node's: the package is looked for further up.
    return undefined;
  }
}
