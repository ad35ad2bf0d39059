/**
 * What a command calculates with: the runtime of heavy formulas, what is said while they are awaited, and Ctrl-C.
 *
 *   calculation ──► nothing awaited ─────────────────────────────► results
 *        │                                                            ▲
 *        └──► wait: progress on a terminal ──► all answers are there ─┤
 *                          │                                          │
 *                          ├──► nothing left that could answer ───────┤ exit code 1
 *                          └──► Ctrl-C: the rest is given up ─────────┘ exit code 130
 *
 * Ctrl-C is heard only while this thread waits. A calculation, or a function of a module that runs here, may never end and lets
 * no listener run, so while one goes on the signal keeps its default meaning and ends the program at once; so does a
 * second Ctrl-C.
 */
import { createRuntime, type Runtime, type RuntimeStats } from "@reckon/host";
import type { ScenarioName, Sheet } from "@reckon/sheet";
import { EndSignals } from "./end-signals.ts";
import { type ExitCode, exitGood, exitInterrupted, exitModel } from "./exit-code.ts";
import type { HeavyRequest } from "./model-request.ts";
import type { Output } from "./output.ts";
import { settled, waitingText } from "./settled-sheet.ts";
import { WaitLine } from "./wait-line.ts";

/** Signals that come so soon after another are the same Ctrl-C. */
const oneKeyMs = 300;

/** How a wait ended. */
export type Settling = "settled" | "unanswered" | "interrupted";

export class HeavyWork {
  readonly runtime: Runtime;
  private readonly output: Output;
  private readonly line = new WaitLine();
  private readonly interrupts = new EndSignals(["SIGINT"]);
  private began = performance.now();
  private ended: number | undefined;

  /** `onPlace`: as for the runtime, in the place of what this class does about Ctrl-C. */
  constructor(request: HeavyRequest, output: Output, onPlace: () => void = () => this.interrupts.leave()) {
    this.output = output;
    const cacheSecret = process.env.RECKON_CACHE_SECRET;
    this.runtime = createRuntime({
      ...request,
      ...(cacheSecret === undefined || cacheSecret === "" ? {} : { cacheSecret }),
      onNotice: (notice) => {
        this.line.wipe();
        output.message(`reckon: ${notice}`);
      },
      onPlace,
    });
  }

  /** The calculation begins now. */
  begin(): void {
    this.began = performance.now();
    this.ended = undefined;
  }

  /** What the calculation took until now, or until it was settled. */
  get ms(): number {
    return (this.ended ?? performance.now()) - this.began;
  }

  get stats(): RuntimeStats {
    return this.runtime.stats();
  }

  /** Waits for what is awaited; given up, it is told what is missing. */
  async settled(sheet: Sheet, scenarios: readonly ScenarioName[]): Promise<Settling> {
    this.interrupts.hear();
    this.line.begin(sheet, this.runtime, scenarios, this.ms);
    const interrupted = this.interrupts.ended.then(() => "interrupted" as const);
    try {
      const settling = await Promise.race([settled(sheet, scenarios, this.output), interrupted]);
      this.ended = performance.now();
      if (settling !== "interrupted") {
        this.interrupts.ignore();
        return settling ? "settled" : "unanswered";
      }
      // Where the program runs under another Node than it was started with, one Ctrl-C comes twice.
      setTimeout(() => this.interrupts.ignore(), oneKeyMs).unref();
      this.line.end();
      this.output.message(waitingText(sheet, scenarios, "interrupted"));
      sheet.stop();
      return settling;
    } finally {
      this.line.end();
    }
  }

  /** Says on a terminal what the sheet awaits, until `unfollow`. */
  follow(sheet: Sheet, scenarios: readonly ScenarioName[]): void {
    this.line.begin(sheet, this.runtime, scenarios);
  }

  unfollow(): void {
    this.line.end();
  }

  /** Ends the threads and writes what is to be kept. */
  async close(): Promise<void> {
    await this.runtime.close();
  }
}

/** Does something with a runtime, which is closed behind it. */
export async function withHeavyWork<R>(
  request: HeavyRequest,
  output: Output,
  run: (work: HeavyWork) => Promise<R>,
): Promise<R> {
  const work = new HeavyWork(request, output);
  try {
    return await run(work);
  } finally {
    await work.close();
  }
}

/** The exit code of a command that would end with `code` if all had been answered. */
export function exitAfter(settling: Settling, code: ExitCode): ExitCode {
  if (settling === "interrupted") return exitInterrupted;
  return settling === "settled" || code !== exitGood ? code : exitModel;
}
