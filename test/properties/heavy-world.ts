/**
 * Random models in which some formulas are heavy and some call functions of a module, and the ways in which these can be
 * run: on threads, with results kept in any tier, in any combination. Whatever is heavy is worth keeping here: its cost
 * is told to be large, so that tiers take it.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CacheStore, createMemoStore, type MemoStoreOptions } from "@reckon/cache";
import type { MemoStore } from "@reckon/engine";
import { hostedFunctions, loadModule, ModuleCalls } from "@reckon/host";
import { openSheet, type Sheet, type SheetHost } from "@reckon/sheet";
import type { Column } from "@reckon/value";
import { createWorkerExecutor, type WorkerExecutor } from "@reckon/workers";
import { Choices } from "../arbitraries/choices.ts";
import type { ModelText } from "../arbitraries/model.ts";
import { exactly } from "./exact-cells.ts";
import { emptyHost } from "./open-text.ts";

type Functions = Exclude<ReturnType<SheetHost["module"]>, { readonly problem: string }>;

const moduleText = `
import { scale } from "./lib/scale.js";
const size = (x) => (typeof x === "number" ? x : typeof x === "string" ? x.length / 7 : x === null ? -0 : Number(x));
export const mix = (x, y) => scale(size(x)) + Math.pow(1.1, size(y) % 50) / 3;
export const same = (x) => x;
export const later = async (x, y) => mix(x, y);
export const picky = (x) => {
  if (size(x) > 20) throw new Error("more than 20: " + size(x));
  return size(x) < -20 ? undefined : size(x) === 0 ? -0 : "n" + size(x);
};
`;
const scaleText = "export const scale = (x) => Math.sin(x) * 3 - x / 7;\n";

/** The functions of the module, and what stands for those that answer later where nothing can be awaited. */
export interface HeavyModule {
  readonly functions: Functions;
  readonly atOnce: Functions;
}

/** Writes the module into the folder, and loads it as the command does. */
export async function heavyModule(folder: string): Promise<HeavyModule> {
  const path = join(folder, "fn.js");
  writeFileSync(path, moduleText);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  mkdirSync(join(folder, "lib"), { recursive: true });
  writeFileSync(join(folder, "lib", "scale.js"), scaleText);
  const loaded = await loadModule(path, "fn.js");
  if (loaded.kind === "failed") throw new Error(loaded.problem);
  const { closure, exports } = loaded;
  if (closure.unknown.length > 0) throw new Error(closure.unknown.join());
  const functions = hostedFunctions({ path, source: "fn.js", closure, loadMs: 0 }, exports);
  return { functions, atOnce: { ...functions, later: functions.mix } as Functions };
}

/**
 * The model with some formulas heavy or light, and behind some of its lines attributes that call the module with them, which
 * later lines read in their place.
 */
export function weighedModel({ text, scenarios }: ModelText, drawn: readonly number[]): ModelText {
  const choices = new Choices(drawn);
  const replaced: [RegExp, string][] = [];
  const lines = text.split("\n").flatMap((line) => {
    const [, name = "", type] = /^ {2}(?:input )?(\w+)(: text)? = /.exec(line) ?? [];
    if (name === "") return [line];
    let written = line;
    for (const [pattern, by] of replaced) {
      const at = written.indexOf(" = ") + 3;
      written = written.slice(0, at) + written.slice(at).replaceAll(pattern, by);
    }
    const isFormula = !line.startsWith("  input ");
    if (isFormula) written += choices.pick(["  heavy", "", "  heavy", "  light"]);
    // Members of loops stay the ones that they are.
    if (name.startsWith("l_") || !choices.once(3)) return [written];
    const weight = choices.pick(["  heavy", "  heavy", "", "  light"]);
    const call = choices.pick([
      `fn.mix(${name}, ${choices.below(9)})`,
      `fn.later(${name}, -0.5)`,
      `fn.same(${name})`,
      `fn.picky(${name})`,
      `fn.mix(${name}, fn.mix(${name}, 2)) + fn.mix(3, ${name})`,
    ]);
    const isAny = call.startsWith("fn.picky") || (call.startsWith("fn.same") && type !== undefined);
    if (!isAny && type === undefined)
      replaced.push([new RegExp(`(?<![.\\w])${name}(?![\\w\\[])`, "g"), `m_${name}`]);
    return [written, `  m_${name} = ${call}${weight}`];
  });
  return { text: lines.join("\n").replace("\n", '\nuse "fn.js" as fn\n'), scenarios };
}

/** How heavy work is run. */
export interface Way {
  readonly name: string;
  readonly host: SheetHost;
  readonly store: CacheStore | undefined;
  readonly executor: WorkerExecutor | undefined;
  readonly close: () => Promise<void>;
}

export interface WayOptions {
  readonly threads?: number;
  readonly tiers?: Omit<MemoStoreOptions, "settings">;
  /** Everything is taken for long work. */
  readonly isSlow?: boolean;
}

export function wayOf(name: string, module: HeavyModule, { threads, tiers, isSlow }: WayOptions): Way {
  const costs = { threads: threads ?? 1, roundTripMs: 1e-6, perTaskMs: 1e-7, spawnMs: 0, perMegabyteMs: 0 };
  const executor = threads === undefined ? undefined : createWorkerExecutor({ threads, costs });
  const store = tiers === undefined ? undefined : createMemoStore({ ...tiers, settings: {} });
  const memoStore = store && worthAll(store);
  let time = 0;
  const now = isSlow === true ? () => (time += 3) : () => 0;
  const sender = executor && { call: executor.call, costs: () => costs, measureCosts: async () => costs };
  const calls = new ModuleCalls({
    now,
    ...(sender === undefined ? {} : { sender }),
    ...(memoStore === undefined ? {} : { memoStore }),
  });
  const host: SheetHost = {
    ...emptyHost,
    module: () => module.functions,
    calls,
    formulaProgram: import.meta.resolve("@reckon/plan/formula-program"),
    ...(executor === undefined ? {} : { executor }),
    ...(memoStore === undefined ? {} : { memoStore }),
    ...(isSlow === true ? { now } : {}),
  };
  const close = async (): Promise<void> => {
    await executor?.close();
    await store?.close();
  };
  return { name, host, store, executor, close };
}

/** The store, for work of which all is worth it. */
function worthAll(store: CacheStore): MemoStore {
  return { get: store.get, put: (key, column) => store.put(key, column, 60_000), lookUpMs: () => 0 };
}

export function openWith({ text, scenarios }: ModelText, host: SheetHost): Sheet {
  const opened = openSheet({ model: { source: "random.reckon", text }, scenarios, host });
  if (opened.ok) return opened.value;
  throw new Error(
    `the model does not open:\n${text}\n${opened.diagnostics.map((one) => one.message).join("\n")}`,
  );
}

/** The first cells in which a sheet is not the other one. */
export function unlike(sheet: Sheet, right: Sheet): string[] {
  const found: string[] = [];
  for (const scenario of right.scenarios) {
    for (const id of right.model.attributes.keys()) {
      const [left, wanted] = [sheet.column(id, scenario), right.column(id, scenario)] as [Column, Column];
      for (let cell = 0; cell < wanted.length && found.length < 5; cell++) {
        const [is, must] = [exactly(left.get(cell)), exactly(wanted.get(cell))];
        if (is !== must) found.push(`${scenario}: ${id}@${cell} is ${is}, should be ${must}`);
      }
    }
  }
  return found;
}
