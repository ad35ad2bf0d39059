/**
 * What a thread imports to compute chunks. It reads the program from its folder, loads the modules itself, and keeps the sheet
 * by the program's key: chunks of one run follow one another on it.
 *
 * Heavy calls run here, in place, and look into a cache of this thread's own: there is no one to send them to.
 */
import { threadId } from "node:worker_threads";
import { createRuntime, type Runtime } from "@reckon/host";
import type { CallRunner } from "@reckon/plan";
import { keptErrors } from "@reckon/value";
import type { ChunkOutcome, EntityChunk } from "../entity.ts";
import { giveWay } from "../scheduling/give-way.ts";
import { type BeginMark, isInTime, passMark } from "./begin-mark.ts";
import { type EntitySheet, openEntitySheet } from "./entity-sheet.ts";
import { HeavyWork } from "./heavy-work.ts";
import { threadCpuMs } from "./inline-runner.ts";
import { readProgramFolder } from "./program-folder.ts";
import { loadProgramModules } from "./program-modules.ts";
import { partsOf } from "./sheet-parts.ts";

/** A chunk, and where its program is. */
export interface ChunkRequest {
  readonly folder: string;
  readonly key: string;
  readonly chunk: EntityChunk;
  readonly cache: string | "off";
  /** Where somebody waits for its beginning; absent: it may begin at any time. */
  readonly begin?: BeginMark;
}

/** `errors`: how many this thread keeps by now. */
export interface ChunkAnswer {
  readonly outcome: ChunkOutcome;
  readonly errors: number;
}

type Opened = (EntitySheet & { readonly hasModules: boolean }) | { readonly problem: string };

/** Programs that a thread has open; a worker may have chunks of several runs. */
const programsMax = 2;
const sheets = new Map<string, Promise<Opened>>();
const runtimes = new Map<string, Runtime>();
const threadName = `thread ${threadId}`;
/** Of the chunk that is computed: somebody waits to hear that its entity begins. */
let awaited: BeginMark | undefined;
const never: AbortSignal = new AbortController().signal;

/** Opens the program of a chunk, and its sheet; gives the thread's name. What does not open is told with the chunks. Rejects never. */
export async function openProgram({ folder, key, chunk, cache }: ChunkRequest): Promise<string> {
  const sheet = await sheetOf(folder, key, cache);
  if (!("problem" in sheet)) await sheet.open(chunk);
  return threadName;
}

/** Computes a chunk; `undefined`: it is too late to begin, and nothing was done. Rejects never. */
export async function computeChunk(request: ChunkRequest): Promise<ChunkAnswer | undefined> {
  const { folder, key, chunk, cache, begin } = request;
  const sheet = await sheetOf(folder, key, cache);
  if (begin !== undefined && !isInTime(begin)) return undefined;
  awaited = begin;
  // Of formulas nobody outside sees when they begin.
  if ("problem" in sheet || !sheet.hasModules) tellBegun();
  const outcome: ChunkOutcome =
    "problem" in sheet
      ? { kind: "no-program", message: sheet.problem }
      : // Who gives a chunk up ends the thread.
        await sheet.evaluate(chunk, never);
  awaited = undefined;
  return { outcome, errors: keptErrors() };
}

function tellBegun(): void {
  if (awaited === undefined) return;
  passMark(awaited);
  awaited = undefined;
}

/** With the first call of a module an entity begins to do what others see. */
function beginningCalls(runner: CallRunner): CallRunner {
  return {
    call: (called, args, group) => {
      tellBegun();
      return runner.call(called, args, group);
    },
  };
}

function sheetOf(folder: string, key: string, cache: string): Promise<Opened> {
  const known = sheets.get(key);
  // The one used last stands last.
  sheets.delete(key);
  const sheet = known ?? open(folder, cache);
  sheets.set(key, sheet);
  for (const [other, left] of sheets) {
    if (sheets.size <= programsMax) break;
    sheets.delete(other);
    void left.then((each) => ("dispose" in each ? each.dispose() : undefined));
  }
  return sheet;
}

async function open(folder: string, cache: string): Promise<Opened> {
  const program = await readProgramFolder(folder);
  if ("problem" in program) return program;
  const module = await loadProgramModules(program.modules);
  if ("problem" in module) return module;
  const runtime = runtimes.get(cache) ?? createRuntime({ threads: 0, cache });
  runtimes.set(cache, runtime);
  const heavy = new HeavyWork(() => performance.now());
  const sheet = openEntitySheet(program, {
    ...partsOf(runtime, { module, worker: threadName, cpuMs: threadCpuMs }),
    calls: heavy.calls(beginningCalls(runtime.calls)),
    executor: heavy.executor(runtime.executor),
    heavy: () => heavy.time(),
    activeMs: () => performance.eventLoopUtilization().active,
  });
  if (program.modules.length === 0) return { ...sheet, hasModules: false };
  return { ...sheet, hasModules: true, evaluate: evaluateAll(sheet) };
}

/** A promise that nobody looks after ends the thread behind the last microtask of a turn, when its chunk must not have been answered yet. */
function evaluateAll({ evaluate }: EntitySheet): EntitySheet["evaluate"] {
  return async (chunk, signal) => {
    const outcome = await evaluate(chunk, signal);
    await giveWay();
    return outcome;
  };
}
