/**
 * What was measured on this machine, kept as JSON in the user's cache folder:
 *
 *   { "version": 1, "machines": { "AMD … × 8, node 24.21.0": {
 *     "costs": { … }, "functions": { "version": 12.5 }, "models": { "/models/saas.reckon": { "version": 0.08 } } } } }
 *
 * The file is read when something is asked for, and written at the end if something new is known. It is nothing but a memory: whatever
 * is wrong with it, it is as if it were not there.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { dirname, join } from "node:path";
import type { DispatchCosts } from "@reckon/engine";

interface Machine {
  costs?: DispatchCosts;
  /** What a call of a function takes in ms, by its version. */
  functions?: Readonly<Record<string, number>>;
  /** What a cell of a formula takes in ms, by its version, for each model. */
  models?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Those used last stay. */
const functionsMax = 500;
const modelsMax = 50;
const formulasMax = 200;
/** A version is a text that grows with its formula. */
const versionLengthMax = 4_000;
const machinesMax = 20;

export class KeptCosts {
  private readonly path: string;
  private readonly name: string;
  private read: Record<string, Machine> | undefined;
  private hasChanged = false;

  constructor(folder: string, machine: string = thisMachine()) {
    this.path = join(folder, "costs.json");
    this.name = machine;
  }

  get costs(): DispatchCosts | undefined {
    const { costs } = this.machine;
    return costs !== undefined && isCosts(costs) ? costs : undefined;
  }

  set costs(costs: DispatchCosts) {
    this.machine.costs = costs;
    this.hasChanged = true;
  }

  functionMs(version: string): number | undefined {
    const ms = this.machine.functions?.[version];
    return typeof ms === "number" && ms >= 0 ? ms : undefined;
  }

  addFunctions(estimates: ReadonlyMap<string, number>): void {
    if (estimates.size === 0) return;
    const others = Object.entries(this.machine.functions ?? {}).filter(
      ([version]) => !estimates.has(version),
    );
    this.machine.functions = Object.fromEntries([...others, ...estimates].slice(-functionsMax));
    this.hasChanged = true;
  }

  cellMs(model: string): ReadonlyMap<string, number> {
    const known = Object.entries(this.machine.models?.[model] ?? {});
    return new Map(known.filter(([, ms]) => typeof ms === "number" && ms > 0));
  }

  addModel(model: string, costs: ReadonlyMap<string, number>): void {
    const kept = [...costs].filter(([version]) => version.length <= versionLengthMax);
    if (kept.length === 0) return;
    kept.sort(([, a], [, b]) => b - a);
    const others = Object.entries(this.machine.models ?? {}).filter(([path]) => path !== model);
    const own = Object.fromEntries(kept.slice(0, formulasMax));
    this.machine.models = Object.fromEntries([...others, [model, own] as const].slice(-modelsMax));
    this.hasChanged = true;
  }

  /** Writes what is new. Two programs that end at the same time: the last one's stands. */
  save(): void {
    if (!this.hasChanged) return;
    this.hasChanged = false;
    const machines = Object.fromEntries(Object.entries(this.machines).slice(-machinesMax));
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      makeFolder(dirname(this.path));
      writeFileSync(temporary, `${JSON.stringify({ version: 1, machines }, null, 2)}\n`);
      renameSync(temporary, this.path);
    } catch {
      // A folder that nobody may write to, a full disk: it is measured again next time.
      this.hasChanged = true;
    }
  }

  private get machine(): Machine {
    const machines = this.machines;
    let machine = machines[this.name];
    if (typeof machine !== "object" || machine === null) {
      machine = {};
      machines[this.name] = machine;
    }
    return machine;
  }

  private get machines(): Record<string, Machine> {
    this.read ??= readMachines(this.path);
    return this.read;
  }
}

/** One after the other: `mkdirSync` with `recursive` never comes back where the system has no folder for us. */
function makeFolder(path: string): void {
  if (existsSync(path) || dirname(path) === path) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

function readMachines(path: string): Record<string, Machine> {
  try {
    const { version, machines } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    if (version === 1 && typeof machines === "object" && machines !== null)
      return { ...(machines as Record<string, Machine>) };
  } catch {
    // Not there, or damaged: nothing is known.
    return {};
  }
  return {};
}

function isCosts(costs: Partial<DispatchCosts>): costs is DispatchCosts {
  const { threads, roundTripMs, perTaskMs, spawnMs, perMegabyteMs } = costs;
  return [threads, roundTripMs, perTaskMs, spawnMs, perMegabyteMs].every(
    (each) => typeof each === "number" && each >= 0,
  );
}

function thisMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown";
  return `${model} × ${availableParallelism()}, node ${process.versions.node}`;
}
