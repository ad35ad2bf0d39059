/**
 * `reckon watch`: calculate again whenever a file changes, and print what that changed.
 *
 *   report of settled changes ─→ each file taken over by the live sheet ─→ compare with what was shown ─→ print
 *                                 │ refused (a mistake, or files that only fit together)
 *                                 └─→ open everything anew: good → that sheet goes on; not good → say what is wrong,
 *                                     the sheet before stays
 *
 * Opening anew is what makes two files that must change together recover: a rename in the model is refused while the
 * scenario has the old name, and the scenario's new name is refused by the old model, but the disk is right.
 * Invariant: there is at most one live sheet, and reports are worked on one after the other.
 */
import { relative, resolve } from "node:path";
import {
  type FileChange,
  type FileWatch,
  type HostFile,
  type LoadedSheet,
  type LoadFailure,
  watchFiles,
} from "@reckon/host";
import { chooseAttributes } from "./attribute-choice.ts";
import { patternOf } from "./display-pattern.ts";
import { EndSignals } from "./end-signals.ts";
import { type ExitCode, exitFailure, exitGood } from "./exit-code.ts";
import { HeavyWork } from "./heavy-work.ts";
import { LoopWatch } from "./loop-warnings.ts";
import { openModel, reportWarnings } from "./open-model.ts";
import type { Output } from "./output.ts";
import type { WatchRequest } from "./request.ts";
import { SeenValues } from "./seen-values.ts";
import { waitingText } from "./settled-sheet.ts";
import { jsonReport, textReport, type WatchChange, type WatchReport } from "./watch-report.ts";

/** How long a save waits for asynchronous functions before what is there is printed. */
const answerMsMax = 5000;

/** Watches until a signal ends it; that is a good end. */
export async function watchCommand(request: WatchRequest, output: Output): Promise<ExitCode> {
  const signals = new EndSignals();
  const work = new HeavyWork(request.heavy, output, () => signals.leave());
  try {
    return await watch(request, output, work, signals);
  } finally {
    await work.close();
  }
}

async function watch(
  request: WatchRequest,
  output: Output,
  work: HeavyWork,
  signals: EndSignals,
): Promise<ExitCode> {
  const started = performance.now();
  const first = await openModel(request, { work });
  if (!first.ok && first.problem !== undefined) {
    output.message(`reckon: ${first.problem}`);
    return exitFailure;
  }
  const session = new WatchSession(request, output, first, { signals, work });
  const refused = await session.start(performance.now() - started);
  if (refused !== undefined) {
    output.message(`reckon: ${refused}`);
    return exitFailure;
  }
  await signals.ended;
  await session.close();
  return exitGood;
}

class WatchSession {
  private readonly request: WatchRequest;
  private readonly output: Output;
  private readonly report: WatchReport;
  private readonly seen = new SeenValues();
  private readonly loops = new LoopWatch();
  private readonly watch: FileWatch;
  /** The live sheet, or undefined while nothing good has been opened yet. */
  private live: LoadedSheet | undefined;
  private failed: LoadFailure | undefined;
  /** Files that are gone, and files whose last text was refused. */
  private readonly wrong = new Set<string>();
  private readonly signals: EndSignals;
  private readonly heavy: HeavyWork;
  private work: Promise<void> = Promise.resolve();

  constructor(
    request: WatchRequest,
    output: Output,
    first: LoadedSheet | LoadFailure,
    { signals, work }: { readonly signals: EndSignals; readonly work: HeavyWork },
  ) {
    this.request = request;
    this.output = output;
    this.signals = signals;
    this.heavy = work;
    if (first.ok) this.live = first;
    else {
      this.failed = first;
      this.wrong.add(resolve(request.model));
    }
    this.watch = watchFiles(
      this.files().map((file) => file.path),
      (changes) => {
        this.work = this.work
          .then(() => this.take(changes))
          .catch((cause: unknown) => {
            // Whatever goes wrong with one save, the next one may put it right: the watch goes on.
            output.message(`reckon: ${cause instanceof Error ? cause.message : String(cause)}`);
          });
      },
    );
    const count = first.ok ? first.requested.length : request.scenarios.length;
    this.report = request.isJson
      ? jsonReport(output, () => this.live?.sheet.model.name ?? request.model)
      : textReport(output, count);
  }

  /** Begins to watch. Gives what is wrong with the request, if it is found out only now. */
  async start(elapsedMs: number): Promise<string | undefined> {
    if (this.live !== undefined) {
      reportWarnings(this.live, this.output);
      await this.answers(this.live);
      const chosen = chooseAttributes(this.live.sheet.model, this.request.only);
      if ("refused" in chosen) {
        await this.close();
        return chosen.refused;
      }
      this.look(this.live);
    } else if (this.failed !== undefined)
      this.report.problem([this.request.model], { ...this.failed, hasValues: false });
    this.followFiles();
    await this.watch.ready;
    this.signals.hear();
    this.report.ready(this.names(), this.live === undefined ? undefined : elapsedMs);
    this.tellLoops();
    return undefined;
  }

  async close(): Promise<void> {
    await this.watch.close();
    await this.work;
    this.live?.dispose();
  }

  private async take(changes: readonly FileChange[]): Promise<void> {
    const names: string[] = [];
    const refused: string[] = [];
    const started = performance.now();
    const wasWrong = this.wrong.size > 0;
    for (const change of changes) {
      if (change.kind !== "changed") {
        this.wrong.add(change.path);
        const problem = change.kind === "unreadable" ? change.problem : undefined;
        this.report.absent(nameOf(change.path), change.kind, problem);
        continue;
      }
      names.push(nameOf(change.path));
      if (await this.refresh(change.path, change.text)) this.wrong.delete(change.path);
      else refused.push(change.path);
    }
    if (names.length === 0) return;
    const isGood = refused.length === 0 || (await this.openAnew(refused));
    if (this.live !== undefined && (isGood || refused.length < names.length)) {
      await this.answers(this.live);
      const differences = this.look(this.live);
      const isRecovered = wasWrong && this.wrong.size === 0;
      this.signals.hear();
      const ms = performance.now() - started;
      this.report.changed({ files: names, differences, ...readingsOf(this.live), isRecovered, ms });
      this.tellLoops();
    }
    this.followFiles();
  }

  /**
   * Waits for asynchronous functions, but not for ever: a function that never answers must not keep the next save
   * from being seen. What it says later is reported then.
   */
  private async answers(live: LoadedSheet): Promise<void> {
    this.signals.hear();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), answerMsMax);
    });
    const ended = this.signals.ended.then(() => "ended");
    const settled = live.sheet.settled().then(() => "settled");
    this.heavy.follow(live.sheet, live.requested);
    const first = await Promise.race([settled, ended, late]);
    this.heavy.unfollow();
    clearTimeout(timer);
    if (first !== "late") return;
    this.output.message(waitingText(live.sheet, live.requested));
    void settled.then(() => {
      this.work = this.work.then(() => this.answered(live));
    });
  }

  private answered(live: LoadedSheet): void {
    if (this.live !== live) return;
    const differences = this.look(live);
    this.signals.hear();
    if (differences.every((each) => each.changes.length === 0)) return;
    const files = [nameOf(resolve(this.request.model))];
    this.report.changed({ files, differences, ...readingsOf(live), isRecovered: false, ms: 0 });
    this.tellLoops();
  }

  private tellLoops(): void {
    if (this.live === undefined) return;
    for (const text of this.loops.news(this.live.sheet, this.live.requested)) this.output.message(text);
  }

  /** Hands one changed file to the live sheet, in every part it plays. */
  private async refresh(path: string, text: string): Promise<boolean> {
    const { live } = this;
    if (live === undefined) return false;
    this.signals.ignore();
    let isTaken = true;
    for (const file of live.files().filter((each) => each.path === path)) {
      isTaken = (await live.refresh(file, text)).ok && isTaken;
    }
    return isTaken;
  }

  /** Opens the files as they are on disk now; when that is no good, says why and keeps what there is. */
  private async openAnew(refused: readonly string[]): Promise<boolean> {
    this.signals.ignore();
    const opened = await openModel(this.request, { work: this.heavy });
    this.signals.hear();
    if (!opened.ok) {
      for (const path of refused) this.wrong.add(path);
      // Nothing good yet: whatever was ever asked for may be what brings the correction.
      const files = [...opened.files, ...(this.failed?.files ?? [])];
      this.failed = { ...opened, files };
      if (opened.problem !== undefined) this.output.message(`reckon: ${opened.problem}`);
      this.report.problem(refused.map(nameOf), { ...opened, hasValues: this.live !== undefined });
      return false;
    }
    this.live?.dispose();
    this.live = opened;
    this.failed = undefined;
    this.wrong.clear();
    return true;
  }

  private look(live: LoadedSheet): ReturnType<SeenValues["look"]> {
    this.signals.ignore();
    const chosen = chooseAttributes(live.sheet.model, this.request.only);
    return this.seen.look(live.sheet, live.requested, "ids" in chosen ? chosen.ids : []);
  }

  /** The files of the live sheet, and those of a failed opening: the correction may be in either. */
  private files(): readonly HostFile[] {
    const byPath = new Map<string, HostFile>();
    for (const file of this.failed?.files ?? []) byPath.set(file.path, file);
    for (const file of this.live?.files() ?? []) byPath.set(file.path, file);
    return [...byPath.values()];
  }

  private followFiles(): void {
    const files = this.files();
    this.watch.setPaths(files.map((file) => file.path));
    for (const { path, hash } of files) this.watch.expectFirst(path, hash);
  }

  private names(): string[] {
    return this.files().map((file) => nameOf(file.path));
  }
}

/** What the report must know of attributes. */
function readingsOf({ sheet }: LoadedSheet): Pick<WatchChange, "axesOf" | "patternOf"> {
  return {
    axesOf: (attribute) => sheet.attribute(attribute)?.axes ?? [],
    patternOf: (attribute) => patternOf(sheet.attribute(attribute)),
  };
}

/** The path as a person in this folder would write it. */
function nameOf(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? resolve(path) : near;
}
