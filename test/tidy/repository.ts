/**
 * The repository as the tidy tests see it: which files it has, what they hold, which packages there are.
 *
 * Files are found by walking the folders, not by asking git, so the tests also run in an unpacked archive. Folders
 * that are made by tools (`node_modules`, `dist`, …) are no part of the repository. Paths use `/` and are relative
 * to the root. Everything is read once per test file.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

const madeByTools = new Set(["node_modules", "dist", "coverage", ".git", ".turbo", ".DS_Store", ".cache"]);

/** Paths of all files, sorted. */
export const files: readonly string[] = walk("").sort();

function walk(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (madeByTools.has(entry.name) || /\.(?:tsbuildinfo|log)$/.test(entry.name)) continue;
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...walk(path));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}

/** The files and folders at the top, without what tools make. */
export function topLevel(): string[] {
  return readdirSync(root).filter((name) => !madeByTools.has(name) && !/\.(?:tsbuildinfo|log)$/.test(name));
}

const texts = new Map<string, string>();

export function textOf(path: string): string {
  let text = texts.get(path);
  if (text === undefined) {
    text = readFileSync(join(root, path), "utf8");
    texts.set(path, text);
  }
  return text;
}

export function jsonOf<T>(path: string): T {
  return JSON.parse(textOf(path)) as T;
}

export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly type?: string;
  readonly private?: boolean;
  readonly sideEffects?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** A workspace under `packages` or `apps`. */
export interface Workspace {
  /** `packages/value` */
  readonly folder: string;
  /** `value` */
  readonly shortName: string;
  readonly isApp: boolean;
  readonly manifest: PackageManifest;
}

export const workspaces: readonly Workspace[] = files
  .filter((path) => /^(?:packages|apps)\/[^/]+\/package\.json$/.test(path))
  .map((path) => {
    const folder = path.slice(0, -"/package.json".length);
    return {
      folder,
      shortName: folder.slice(folder.indexOf("/") + 1),
      isApp: folder.startsWith("apps/"),
      manifest: jsonOf<PackageManifest>(path),
    };
  });

/** TypeScript and JavaScript files under `folder`. */
export function sourcesUnder(folder: string): string[] {
  return files.filter((path) => path.startsWith(`${folder}/`) && /\.(?:ts|tsx|mts|js|mjs)$/.test(path));
}

export function isTest(path: string): boolean {
  return /\.(?:test|test-d)\.tsx?$/.test(path);
}

/** One import, export-from, type import or dynamic import of a source file. */
export interface ImportedName {
  readonly specifier: string;
  readonly line: number;
}

// Statements start a line and doc comments start with ` *`, so examples inside comments are not taken for imports.
const importForms: readonly RegExp[] = [
  /^import\b[^"';]*?["']([^"']+)["']/gm,
  /^export\s+(?:type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)\s+from\s+["']([^"']+)["']/gm,
  /^(?!\s*(?:\*|\/\/)).*?\bimport\(\s*["']([^"']+)["']/gm,
  /^(?!\s*(?:\*|\/\/)).*?\bvi\.mock\(\s*["']([^"']+)["']/gm,
];

export function importsOf(path: string): ImportedName[] {
  const text = textOf(path);
  return importForms.flatMap((form) =>
    Array.from(text.matchAll(form), (match) => ({
      specifier: match[1] as string,
      line: text.slice(0, match.index).split("\n").length,
    })),
  );
}

/** The name of the package that a bare specifier belongs to: `@reckon/value`, `immer`, `node:fs`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] as string);
}
