/** What the figures depend on: machine, Node, commit, date, and the versions of the engines. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchEngine } from "../engine.ts";

export function machineLine(date: Date): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    date.toISOString().slice(0, 10),
    `${cpu?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores, ${memory} GB`,
    `Node ${process.versions.node} (V8 ${process.versions.v8})`,
    `commit ${commit()}`,
  ].join(" · ");
}

function commit(): string {
  const found = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : "unknown";
}

/** `hyperformula 3.5.0`, by the package that is installed. */
export function versionsLine(engines: readonly BenchEngine[]): string {
  const versions = new Map<string, string>();
  for (const { packageName, role } of engines) {
    if (packageName === undefined || role !== "peer") continue;
    versions.set(packageName, versionOf(packageName));
  }
  return [...versions].map(([name, version]) => `${name} ${version}`).join(" · ");
}

/** Not every package lets its manifest be imported, so its folder is looked for from its entry upwards. */
function versionOf(packageName: string): string {
  let folder = dirname(fileURLToPath(import.meta.resolve(packageName)));
  while (folder !== dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
      if (manifest.name === packageName) return manifest.version ?? "unknown";
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    }
    folder = dirname(folder);
  }
  return "unknown";
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}
