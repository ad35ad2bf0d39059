/**
 * The formula modules of one model: which ones its text names, whether they may run, and their functions once loaded.
 *
 * Invariant: nothing is imported before its folder is trusted. Both steps are asynchronous, while a sheet asks for
 * functions in the middle of its work; so `prepare` runs before the sheet sees a text, and `lookUp` only looks up.
 */
import { dirname, resolve } from "node:path";
import type { Diagnostic } from "@reckon/formula";
import { type ModelDocument, spanInFile, structureOf } from "@reckon/model";
import type { HostFile, LoadRequest, ModuleClosure } from "./api.ts";
import { hostedFunctions } from "./hosted-function.ts";
import { type LoadedModule, loadModule, type ModuleExports } from "./module-loader.ts";
import { defaultConfigFolder, trustFile, untrustedModules } from "./module-trust.ts";
import { readSource } from "./source-file.ts";

interface ModuleState {
  readonly exports: ModuleExports;
  /** The module's file and all that it imports, each with the hash of what was loaded. */
  readonly files: readonly HostFile[];
  /** Of all of them together. */
  readonly hash: string;
}

interface ModuleUse {
  readonly path: string;
  readonly span: { readonly start: number; readonly end: number };
}

export class ModelModules {
  private readonly folder: string;
  private readonly source: string;
  private readonly request: LoadRequest;
  private readonly loaded = new Map<string, ModuleState>();
  /** The files of modules that were never loaded, as they were when they were refused: only a change is news. */
  private readonly refused = new Map<string, readonly HostFile[]>();

  constructor(request: LoadRequest) {
    this.request = request;
    this.source = request.model;
    this.folder = dirname(resolve(request.model));
  }

  /** The functions of a module that `prepare` or `reload` has loaded. */
  lookUp(source: string): ModuleExports | { readonly problem: string } {
    return this.loaded.get(source)?.exports ?? { problem: `the module ${source} is not loaded` };
  }

  /** The modules that the text names and that are loaded: path as written, absolute path, hash of the closure. */
  closures(document: ModelDocument): readonly ModuleClosure[] {
    return usesOf(document).flatMap(({ path }) => {
      const hash = this.loaded.get(path)?.hash;
      return hash === undefined ? [] : [{ path, file: resolve(this.folder, path), hash }];
    });
  }

  files(document: ModelDocument): readonly HostFile[] {
    return usesOf(document).flatMap(
      ({ path: source }) =>
        this.loaded.get(source)?.files ??
        this.refused.get(source) ?? [{ kind: "module" as const, path: resolve(this.folder, source), source }],
    );
  }

  /** Loads the modules that the text names and that are not loaded yet. Gives what stands in the way. */
  async prepare(document: ModelDocument): Promise<readonly Diagnostic[]> {
    const wanted = usesOf(document).filter((use) => !this.loaded.has(use.path));
    if (wanted.length === 0) return [];
    const configFolder = this.request.configFolder ?? defaultConfigFolder();
    const refused = await untrustedModules({
      folder: this.folder,
      modules: wanted.map((use) => ({ source: use.path, path: resolve(this.folder, use.path) })),
      allowModules: this.request.allowModules === true,
      ask: this.request.ask,
      configFolder,
    });
    const diagnostics: Diagnostic[] = [];
    for (const use of wanted) {
      const answer = refused.get(use.path);
      if (answer !== undefined) {
        this.refused.set(use.path, await this.filesAt([resolve(this.folder, use.path)], use.path));
        diagnostics.push(this.untrusted(use, answer, configFolder));
      } else {
        const problem = await this.load(use.path);
        if (problem !== undefined) diagnostics.push(this.failed(use, problem));
      }
    }
    return diagnostics;
  }

  /** Loads a module again after it, or a file that it imports, changed. The functions before stay when that fails. */
  async reload(source: string, document: ModelDocument): Promise<readonly Diagnostic[]> {
    const problem = await this.load(source);
    if (problem === undefined) return [];
    const use = usesOf(document).find((other) => other.path === source);
    return [this.failed(use ?? { path: source, span: { start: 0, end: 0 } }, problem)];
  }

  private async load(source: string): Promise<string | undefined> {
    const path = resolve(this.folder, source);
    const found = await readSource(path);
    if (found.kind === "missing") return `${source} does not exist`;
    if (found.kind === "unreadable") return found.problem;
    const began = performance.now();
    const module: LoadedModule = await loadModule(path, source);
    const loadMs = performance.now() - began;
    const files = module.files.map((file): HostFile => ({ kind: "module", ...file, source }));
    const before = this.loaded.get(source);
    if (module.kind === "loaded") {
      const exports = hostedFunctions({ path, source, closure: module.closure, loadMs }, module.exports);
      this.loaded.set(source, { exports, files, hash: module.closure.hash });
    }
    // What a failed load read is watched as well: the correction may be in a file that it imports.
    else if (before !== undefined) this.loaded.set(source, { ...before, files });
    else this.refused.set(source, files);
    return module.kind === "failed" ? module.problem : undefined;
  }

  private async filesAt(paths: readonly string[], source: string): Promise<readonly HostFile[]> {
    const files: HostFile[] = [];
    for (const path of paths) {
      const read = await readSource(path);
      const file: HostFile = { kind: "module", path, source };
      files.push(read.kind === "text" ? { ...file, hash: read.hash } : file);
    }
    return files;
  }

  private untrusted(use: ModuleUse, answer: "unasked" | "refused", configFolder: string): Diagnostic {
    const file = trustFile(configFolder);
    const hint =
      answer === "refused"
        ? `the answer for its folder was no; run with --allow-modules, or take the answer out of ${file}`
        : `read it, then run with --allow-modules; or run in a terminal and answer the question (kept in ${file})`;
    return {
      code: "host/untrusted-module",
      severity: "error",
      source: this.source,
      span: use.span,
      message: `\`${use.path}\` is code from a folder that is not trusted, so it was not run`,
      hint,
    };
  }

  private failed(use: ModuleUse, problem: string): Diagnostic {
    return {
      code: "host/module-failed",
      severity: "error",
      source: this.source,
      span: use.span,
      message: problem,
    };
  }
}

/** The modules a model names, in file order, with their places in the file. */
function usesOf(document: ModelDocument): readonly ModuleUse[] {
  const uses: ModuleUse[] = [];
  for (const { id, declaration } of structureOf(document)) {
    if (declaration?.kind !== "use") continue;
    const span = spanInFile(document, id, declaration.span) ?? declaration.span;
    uses.push({ path: declaration.path, span });
  }
  return uses;
}
