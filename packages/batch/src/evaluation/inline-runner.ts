/** Chunks on this thread, one after another, with all calls in place. */
import { createRuntime } from "@reckon/host";
import type { ChunkRunner } from "../chunk-runner.ts";
import type { EntityChunk } from "../entity.ts";
import type { BatchProgram } from "../program.ts";
import { type EntitySheet, openEntitySheet } from "./entity-sheet.ts";
import { HeavyWork } from "./heavy-work.ts";
import { holdProcess, runHeld } from "./held-process.ts";
import { loadProgramModules } from "./program-modules.ts";
import { partsOf, type SheetParts } from "./sheet-parts.ts";

export interface InlineRunnerOptions {
  /** Where results of heavy calls are kept, as `createRuntime` takes it; absent: `off`. */
  readonly cache?: string | "off";
  /** Is told what functions of modules threw when their chunk had ended. */
  readonly onLate?: (message: string) => void;
}

/**
 * A runner for `sequential` without a timeout, for samples, and for what is verified. Cannot end a chunk that does not come back, nor
 * outlive a process that is out of memory.
 *
 * @example
 * ```ts
 * const load = { model: "points.reckon", allowModules: true };
 * const prepared = await prepareProgram({ load, axis: "player", columns: ["id", "minutes", "opponent", "rate"] });
 * if (!("program" in prepared)) throw new Error("the model does not check");
 * const source = createRecordSource([{ id: "p001", minutes: 34, opponent: "Maples", rate: 0.736 }]);
 * const runner = createInlineRunner(prepared.program);
 * const kinds: string[] = [];
 * for await (const block of source.blocks())
 *   for (const chunk of formChunks(block, { chunkEntities: 100, firstNumber: 0 }))
 *     kinds.push((await runner.run(chunk, { signal: new AbortController().signal })).kind);
 * kinds; // ["done"]
 * await runner.close();
 * ```
 */
export function createInlineRunner(
  program: BatchProgram,
  { cache = "off", onLate }: InlineRunnerOptions = {},
): ChunkRunner {
  const runtime = createRuntime({ threads: 0, cache });
  const heavy = new HeavyWork(() => performance.now());
  const parts = (module: SheetParts["module"]): SheetParts => ({
    ...partsOf(runtime, { module, worker: "main", cpuMs: threadCpuMs }),
    calls: heavy.calls(runtime.calls),
    executor: heavy.executor(runtime.executor),
    heavy: () => heavy.time(),
    activeMs: () => performance.eventLoopUtilization().active,
  });
  const runner = runnerInPlace(program, parts, onLate);
  return {
    ...runner,
    close: async () => {
      await runner.close();
      await runtime.close();
    },
  };
}

/**
 * A runner with one sheet on this thread, whose modules are loaded when the first chunk comes. What their functions leave behind ends
 * no more than their chunk.
 */
export function runnerInPlace(
  program: BatchProgram,
  parts: (module: SheetParts["module"]) => SheetParts,
  onLate: (message: string) => void = () => undefined,
): ChunkRunner {
  const hasModules = program.modules.length > 0;
  let letGo: (() => void) | undefined;
  let sheet: Promise<EntitySheet | { readonly problem: string }> | undefined;
  const open = async (): Promise<EntitySheet | { readonly problem: string }> => {
    const module = await loadProgramModules(program.modules);
    return "problem" in module ? module : openEntitySheet(program, parts(module));
  };
  return {
    concurrency: 1,
    run: async (chunk: EntityChunk, { signal }) => {
      if (hasModules) letGo ??= holdProcess();
      sheet ??= open();
      const opened = await sheet;
      if ("problem" in opened) return { kind: "no-program", message: opened.problem };
      if (!hasModules) return opened.evaluate(chunk, signal);
      return await runHeld((own) => opened.evaluate(chunk, own), signal, onLate);
    },
    close: async () => {
      const opened = await sheet;
      if (opened !== undefined && "dispose" in opened) opened.dispose();
      letGo?.();
      letGo = undefined;
    },
  };
}

/** User and system time of this thread. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
