/**
 * What a thread imports to compute chunks. It reads the program from its folder, loads the modules itself, and keeps the sheet
 * by the program's key: chunks of one run follow one another on it.
 *
 * Heavy calls run here, in place, and look into a cache of this thread's own: there is no one to send them to.
 */
import { BroadcastChannel, threadId } from "node:worker_threads";
import { createRuntime, type Runtime } from "@reckon/host";
import type { CallRunner } from "@reckon/plan";
import { keptErrors } from "@reckon/value";
import type { ChunkOutcome, EntityChunk } from "../entity.ts";
import { type BeginMark, isInTime, passMark } from "./begin-mark.ts";
import { type EntitySheet, openEntitySheet } from "./entity-sheet.ts";
import { HeavyWork } from "./heavy-work.ts";
import { holdProcess, runHeld } from "./held-process.ts";
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
  /** The channel on which is told what functions of modules threw when their chunk had ended. */
  readonly late: string;
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
/** Where this thread tells what comes late. */
let lateChannel: BroadcastChannel | undefined;
let isHeld = false;

/** Opens the program of a chunk, and its sheet; gives the thread's name. What does not open is told with the chunks. Rejects never. */
export async function openProgram({ folder, key, chunk, cache }: ChunkRequest): Promise<string> {
  const sheet = await sheetOf(folder, key, cache);
  if (!("problem" in sheet)) await sheet.open(chunk);
  return threadName;
}

/** Computes a chunk; `undefined`: it is too late to begin, and nothing was done. Rejects never. */
export async function computeChunk(request: ChunkRequest): Promise<ChunkAnswer | undefined> {
  const { folder, key, chunk, cache, late, begin } = request;
  const sheet = await sheetOf(folder, key, cache);
  if (begin !== undefined && !isInTime(begin)) return undefined;
  awaited = begin;
  // Of formulas nobody outside sees when they begin.
  if ("problem" in sheet || !sheet.hasModules) tellBegun();
  const outcome: ChunkOutcome =
    "problem" in sheet ? { kind: "no-program", message: sheet.problem } : await evaluated(sheet, chunk, late);
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
  const hasModules = program.modules.length > 0;
  // For as long as there is this thread, and before a module takes `process.exit` for itself: what comes late may come at any time.
  if (hasModules && !isHeld) holdProcess();
  isHeld ||= hasModules;
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
  return { ...sheet, hasModules };
}

/** Who gives a chunk up ends the thread. What functions leave behind fails their chunk with the words that it has in every strategy. */
async function evaluated(
  { evaluate, hasModules }: Extract<Opened, EntitySheet>,
  chunk: EntityChunk,
  late: string,
): Promise<ChunkOutcome> {
  if (!hasModules) return await evaluate(chunk, never);
  return await runHeld(
    (own) => evaluate(chunk, own),
    never,
    (message) => tellLate(late, message),
  );
}

function tellLate(channel: string, message: string): void {
  if (lateChannel === undefined) {
    lateChannel = new BroadcastChannel(channel);
    lateChannel.unref();
  }
  lateChannel.postMessage(message);
}
