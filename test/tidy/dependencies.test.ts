/**
 * Who may import whom. The table below is the whole truth: manifests, import statements and tsconfig references
 * must agree with it and with each other. A new package gets its line here first.
 */
import { posix } from "node:path";
import { describe, expect, it } from "vitest";
import {
  importsOf,
  isTest,
  jsonOf,
  type PackageManifest,
  packageOf,
  sourcesUnder,
  type Workspace,
  workspaces,
} from "./repository.ts";

const allowed: Readonly<Record<string, readonly string[]>> = {
  value: [],
  formula: ["value"],
  engine: ["value"],
  tables: ["value"],
  workers: ["engine", "value"],
  cache: ["engine", "value"],
  model: ["formula", "value"],
  plan: ["engine", "formula", "model", "value"],
  sheet: ["engine", "formula", "model", "plan", "value"],
  batch: ["engine", "formula", "host", "model", "plan", "sheet", "tables", "value", "workers"],
  cluster: ["batch", "engine", "formula", "host", "model", "plan", "sheet", "value", "workers"],
  host: ["cache", "engine", "formula", "model", "plan", "sheet", "tables", "value", "workers"],
  terminal: ["engine", "formula", "host", "model", "plan", "sheet", "tables", "value"],
  cli: [
    "batch",
    "cluster",
    "engine",
    "formula",
    "host",
    "model",
    "plan",
    "sheet",
    "tables",
    "terminal",
    "value",
  ],
};

/** These run unchanged in a browser: no Node module, no Node types. */
const browserSafe = ["value", "formula", "model", "engine", "plan", "sheet"];

function reckonNames(record: Readonly<Record<string, string>> | undefined): string[] {
  return Object.keys(record ?? {})
    .filter((name) => name.startsWith("@reckon/"))
    .map((name) => name.slice("@reckon/".length))
    .sort();
}

function importedBy(workspace: Workspace, wanted: (path: string) => boolean): Map<string, string> {
  const found = new Map<string, string>();
  for (const path of sourcesUnder(`${workspace.folder}/src`).filter(wanted)) {
    for (const { specifier, line } of importsOf(path)) {
      if (!specifier.startsWith(".")) found.set(packageOf(specifier), `${path}:${line}`);
    }
  }
  return found;
}

it("the table names exactly the packages and apps that exist", () => {
  expect(workspaces.map((workspace) => workspace.shortName).sort()).toEqual(Object.keys(allowed).sort());
});

it("the table has no cycle", () => {
  const settled = new Set<string>();
  for (let progress = true; progress; ) {
    const next = Object.entries(allowed).filter(
      ([name, targets]) => !settled.has(name) && targets.every((target) => settled.has(target)),
    );
    for (const [name] of next) settled.add(name);
    progress = next.length > 0;
  }
  expect([...settled].sort()).toEqual(Object.keys(allowed).sort());
});

describe.each(workspaces.map((workspace) => [workspace.shortName, workspace] as const))(
  "%s",
  (name, workspace) => {
    const targets = allowed[name] ?? [];
    const declared = reckonNames(workspace.manifest.dependencies);

    it("declares only what the table allows", () => {
      expect(declared.filter((target) => !targets.includes(target))).toEqual([]);
      expect(reckonNames(workspace.manifest.devDependencies)).toEqual([]);
      expect(reckonNames(workspace.manifest.peerDependencies)).toEqual([]);
    });

    it("imports in its sources exactly the packages of this repository that it declares", () => {
      const imported = [...importedBy(workspace, (path) => !isTest(path)).keys()]
        .filter((target) => target.startsWith("@reckon/"))
        .map((target) => target.slice("@reckon/".length));
      expect(imported.sort()).toEqual(declared);
    });

    it("imports in its tests nothing that the table forbids", () => {
      const forbidden = [...importedBy(workspace, isTest)]
        .filter(([target]) => target.startsWith("@reckon/") && target !== workspace.manifest.name)
        .filter(([target]) => !targets.includes(target.slice("@reckon/".length)));
      expect(forbidden).toEqual([]);
    });

    it("declares every other package its sources import", () => {
      const { dependencies, peerDependencies } = workspace.manifest;
      const known = new Set([...Object.keys(dependencies ?? {}), ...Object.keys(peerDependencies ?? {})]);
      const missing = [...importedBy(workspace, (path) => !isTest(path))].filter(
        ([target]) => !target.startsWith("node:") && !known.has(target),
      );
      expect(missing).toEqual([]);
    });

    it("reaches other packages by name only, and through their front door", () => {
      const wrong = sourcesUnder(workspace.folder).flatMap((path) =>
        importsOf(path)
          .filter(({ specifier }) =>
            specifier.startsWith(".")
              ? !posix.join(posix.dirname(path), specifier).startsWith(`${workspace.folder}/`)
              : specifier.startsWith("@reckon/") && specifier.split("/").length > 2,
          )
          .map(({ specifier, line }) => `${path}:${line} ${specifier}`),
      );
      expect(wrong).toEqual([]);
    });

    it("has tsconfig references equal to the packages it declares", () => {
      const config = jsonOf<{ references?: { path: string }[] }>(`${workspace.folder}/tsconfig.json`);
      const referenced = (config.references ?? []).map(({ path }) => posix.basename(path)).sort();
      expect(referenced).toEqual(declared);
    });
  },
);

it.each(browserSafe)("%s runs in a browser: no Node module, no Node types", (name) => {
  const workspace = workspaces.find(({ shortName }) => shortName === name) as Workspace;
  const nodeModules = [...importedBy(workspace, (path) => !isTest(path))].filter(([target]) =>
    /^(?:node:.*|fs|path|os|crypto|worker_threads|child_process|url|util)$/.test(target),
  );
  expect(nodeModules).toEqual([]);
  const config = jsonOf<{ compilerOptions: { types?: string[] } }>(`${workspace.folder}/tsconfig.json`);
  expect(config.compilerOptions.types).toEqual([]);
  expect(workspace.manifest.engines).toBeUndefined();
});

it("nobody imports the test workspaces, or a peer of the benchmark", () => {
  const bench = jsonOf<PackageManifest>("test/bench/package.json").devDependencies ?? {};
  const shared = new Set(["@preact/signals-core", "vitest"]);
  const peers = Object.keys(bench).filter((name) => !name.startsWith("@reckon/") && !shared.has(name));
  expect(peers).toContain("hyperformula");
  const declared = workspaces.flatMap(({ manifest }) => dependenciesOf(manifest));
  expect(declared.filter((name) => peers.includes(name))).toEqual([]);
  const forbidden = new Set(["@reckon/test", "@reckon/bench", ...peers]);
  const wrong = workspaces.flatMap((workspace) =>
    sourcesUnder(workspace.folder).flatMap((path) =>
      importsOf(path).filter(({ specifier }) => forbidden.has(packageOf(specifier))),
    ),
  );
  expect(wrong).toEqual([]);
});

/** What a package declares in any way. */
function dependenciesOf(manifest: PackageManifest): string[] {
  const { dependencies, devDependencies, peerDependencies } = manifest;
  return [dependencies, devDependencies, peerDependencies].flatMap((record) => Object.keys(record ?? {}));
}

it("the test project references every package and app", () => {
  const config = jsonOf<{ references: { path: string }[] }>("test/tsconfig.json");
  const referenced = config.references.map(({ path }) => path.replace("../", "")).sort();
  expect(referenced).toEqual(workspaces.map((workspace) => workspace.folder).sort());
});
