/**
 * The sheet in which chunks are computed, one after the other: the model as it is written, over the rows of a chunk.
 *
 *   first chunk      the sheet is opened, with the invariants given and only what is kept laid
 *   next chunks      the table is read again: what does not depend on the rows stays laid
 *   a chunk that does not check leaves the sheet as it was; one that was given up throws it away
 *
 * Invariant: the values of an entity depend on the program and its own rows alone, not on the chunks before: loops start cold,
 * and whatever has the entity axis is computed anew. One chunk at a time: a second one waits.
 */
import type { Sheet, SheetHost, SheetResult } from "@reckon/sheet";
import type { Table } from "@reckon/value";
import type { ChunkFigures, ChunkOutcome, EntityChunk } from "../entity.ts";
import type { BatchProgram } from "../program.ts";
import { type ComputedChunk, entityResults } from "./entity-outcomes.ts";
import { fittingRows, withoutRows } from "./fitting-rows.ts";
import { openChunkSheet } from "./open-chunk-sheet.ts";
import { type ChunkScenarios, ScenariosForChunks } from "./scenario-for-chunk.ts";
import type { SheetParts } from "./sheet-parts.ts";

export interface EntitySheet {
  /** Opens the sheet over the columns of a chunk without its rows, so that this is no time of its entities. Never rejects. */
  readonly open: (chunk: EntityChunk) => Promise<void>;
  /** Computes a chunk. Never rejects. After `signal` it is `cancelled` as soon as this thread has a turn. */
  readonly evaluate: (chunk: EntityChunk, signal: AbortSignal) => Promise<ChunkOutcome>;
  readonly dispose: () => void;
}

/** A sheet for the chunks of a program. Cost: nothing before the first chunk. */
export function openEntitySheet(program: BatchProgram, parts: SheetParts): EntitySheet {
  return new KeptSheet(program, parts);
}

class KeptSheet implements EntitySheet {
  readonly #program: BatchProgram;
  readonly #parts: SheetParts;
  readonly #scenarios: ScenariosForChunks;
  #tables: ReadonlyMap<string, Table> = new Map();
  #sheet: Sheet | undefined;
  #opened: ChunkScenarios | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(program: BatchProgram, parts: SheetParts) {
    this.#program = program;
    this.#parts = parts;
    this.#scenarios = new ScenariosForChunks(program);
  }

  readonly open = (chunk: EntityChunk): Promise<void> => {
    const opened = this.#last.then(() => this.#openOver(chunk));
    this.#last = opened;
    return opened;
  };

  readonly evaluate = (chunk: EntityChunk, signal: AbortSignal): Promise<ChunkOutcome> => {
    const outcome = this.#last.then(() => this.#evaluate(chunk, signal));
    this.#last = outcome;
    return outcome;
  };

  readonly dispose = (): void => {
    this.#sheet?.dispose();
    this.#sheet = undefined;
  };

  async #openOver(chunk: EntityChunk): Promise<void> {
    if (this.#sheet !== undefined) return;
    try {
      if (this.#show(withoutRows(chunk)).ok) await this.#settle(neverAborted);
    } catch {
      // Whatever it is, the chunk that comes next meets it as well, and tells it.
      this.dispose();
    }
  }

  async #evaluate(chunk: EntityChunk, signal: AbortSignal): Promise<ChunkOutcome> {
    if (signal.aborted) return cancelled;
    const figures = this.#figures();
    try {
      const fitting = fittingRows(chunk, this.#program, (part) => this.#show(part));
      if ("kind" in fitting) return fitting;
      if (fitting.part.keys.length > 0 && !(await this.#settle(signal))) return cancelled;
      const { entities, block } = entityResults(this.#program, this.#computed(fitting.part), fitting.invalid);
      return { kind: "done", entities, block, figures: figures() };
    } catch (cause) {
      this.dispose();
      return { kind: "failed", message: cause instanceof Error ? cause.message : String(cause) };
    }
  }

  /** Makes the sheet one over the rows of the chunk. */
  #show(chunk: EntityChunk): SheetResult<unknown> {
    const { tablePath } = this.#program;
    this.#tables = new Map([[tablePath, chunk.table], ...Object.entries(chunk.sideTables)]);
    const scenarios = this.#scenarios.for(new Set(chunk.keys));
    if (this.#sheet !== undefined && scenarios.mark === this.#opened?.mark)
      return this.#sheet.reloadHostFile(tablePath);
    this.dispose();
    const result = this.#open(scenarios);
    if (result.ok) {
      const { onEvent } = this.#parts;
      if (onEvent !== undefined) result.value.onEvent(onEvent);
      this.#sheet = result.value;
      this.#opened = scenarios;
    }
    return result;
  }

  #open(scenarios: ChunkScenarios): SheetResult<Sheet> {
    const { module, executor, memoStore, calls, formulaProgram, now, after } = this.#parts;
    const { tables } = this.#program;
    const host: SheetHost = {
      table: (path) =>
        this.#tables.get(path) ?? tables[path] ?? { problem: `${path} is not part of the batch` },
      module,
      now,
      after,
      ...(executor === undefined ? {} : { executor }),
      ...(memoStore === undefined ? {} : { memoStore }),
      ...(calls === undefined ? {} : { calls }),
      ...(formulaProgram === undefined ? {} : { formulaProgram }),
    };
    return openChunkSheet(this.#program, host, scenarios);
  }

  /** Waits until everything that is kept is computed. False: given up, and the sheet is gone. */
  async #settle(signal: AbortSignal): Promise<boolean> {
    const sheet = this.#sheet as Sheet;
    const scenario = this.#opened?.scenario ?? "base";
    if (scenario !== "base" || hasManual(sheet)) sheet.refresh(scenario);
    const isDone = await settledBefore(sheet, signal);
    if (isDone && !signal.aborted) return true;
    sheet.cancel();
    this.dispose();
    return false;
  }

  #computed({ keys }: EntityChunk): ComputedChunk | undefined {
    const sheet = this.#sheet;
    if (sheet === undefined || keys.length === 0) return undefined;
    const scenario = this.#opened?.scenario ?? "base";
    return {
      model: sheet.model,
      keys,
      column: (id) => (sheet.plan.nodeOf(id) === undefined ? undefined : sheet.column(id, scenario)),
      checks: sheet.checks(scenario),
    };
  }

  #figures(): () => ChunkFigures {
    const { worker, cpuMs, lookUps, now, heavy, activeMs } = this.#parts;
    const startedAtMs = Date.now();
    const began = now();
    const cpu = cpuMs();
    const before = lookUps();
    const heavyBefore = heavy?.();
    const activeBefore = activeMs?.() ?? 0;
    return () => {
      const after = lookUps();
      const heavyAfter = heavy?.();
      return {
        worker,
        startedAtMs,
        durationMs: now() - began,
        cpuMs: cpuMs() - cpu,
        memoryPeakBytes: peakBytes(),
        cacheHits: after.found - before.found,
        cacheLookUps: after.all - before.all,
        ...(activeMs === undefined ? {} : { activeMs: activeMs() - activeBefore }),
        ...(heavyBefore === undefined || heavyAfter === undefined
          ? {}
          : {
              heavyMs: heavyAfter.ms - heavyBefore.ms,
              heavyCalls: heavyAfter.calls - heavyBefore.calls,
              undeclaredMs: heavyAfter.undeclaredMs - heavyBefore.undeclaredMs,
              columnBytes: columnBytes(this.#sheet),
            }),
      };
    };
  }
}

/** False as soon as the signal says so. */
async function settledBefore(sheet: Sheet, signal: AbortSignal): Promise<boolean> {
  let stop = (): void => undefined;
  const given = new Promise<boolean>((resolve) => {
    stop = () => resolve(false);
  });
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([sheet.settled().then(() => true), given]);
  } finally {
    // A run has one signal for all of its chunks.
    signal.removeEventListener("abort", stop);
  }
}

/** Asking takes as long as a small chunk, so it is not asked for each. */
const peakEveryMs = 100;
let peakAt = Number.NEGATIVE_INFINITY;
let peak = 0;

/** The largest size that the process has had. */
function peakBytes(): number {
  const now = performance.now();
  if (now - peakAt >= peakEveryMs) {
    peakAt = now;
    peak = process.resourceUsage().maxRSS * 1024;
  }
  return peak;
}

const neverAborted: AbortSignal = new AbortController().signal;

const cancelled: ChunkOutcome = { kind: "cancelled", message: "it was given up" };

const cellBytes = 8;

/** Of all values of the chunk, kept or not. */
function columnBytes(sheet: Sheet | undefined): number {
  let cells = 0;
  for (const { axes } of sheet?.model.attributes.values() ?? [])
    cells += axes.reduce((product, { labels }) => product * labels.length, 1);
  return cells * cellBytes;
}

function hasManual({ model }: Sheet): boolean {
  for (const attribute of model.attributes.values())
    if (attribute.kind === "formula" && attribute.isManual) return true;
  return false;
}
