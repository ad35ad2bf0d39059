/**
 * Watching files: `chokidar` says that something happened, `settling.ts` says when to read, and only a text that
 * differs from the last one known is reported.
 *
 *   event ─→ settling (a timer per path) ─→ outcome ─┐
 *   event ─→ settling                    ─→ outcome ─┴─→ one report when no path is settling any more
 *
 * Invariants: a path has at most one timer; an event during a read starts the settling again, so the last state is
 * never missed; a report never names a path twice. Files are few (a model, its scenarios, tables and modules), so
 * each is watched by itself. A path that does not exist yet is watched for.
 */
import { stat } from "node:fs/promises";
import { type FSWatcher, watch } from "chokidar";
import type { FileChange, FileWatch } from "./api.ts";
import { type Look, lookEveryMs, type Settling, sameLook, settle, settleMsMax } from "./settling.ts";
import { isMissing, readSource } from "./source-file.ts";

interface WatchedPath {
  /** What was last reported or expected: a hash, `missing`, `empty` or `unreadable`; undefined while unknown. */
  known?: string | undefined;
  settling?: Settling | undefined;
  /** An event came while the file was being looked at or read. */
  isAgain: boolean;
}

/** How long a report may wait for other files that are still settling. */
const reportWaitMsMax = 1000;

/**
 * Watches `paths` and reports what changed after things have settled. Reports never overlap with each other.
 *
 * @example
 * ```ts
 * const watching = watchFiles(["saas.reckon"], (changes) => console.log(changes.length));
 * await watching.ready;
 * await watching.close();
 * ```
 */
export function watchFiles(
  paths: readonly string[],
  onChange: (changes: readonly FileChange[]) => void,
): FileWatch {
  const watching = new PathWatch(paths, onChange);
  return {
    ready: watching.ready,
    setPaths: (next) => watching.setPaths(next),
    expect: (path, hash) => watching.expect(path, hash),
    expectFirst: (path, hash) => watching.expectFirst(path, hash),
    close: () => watching.close(),
  };
}

class PathWatch {
  readonly ready: Promise<void>;
  private readonly watcher: FSWatcher;
  private readonly watched = new Map<string, WatchedPath>();
  private readonly outcomes = new Map<string, FileChange>();
  private readonly onChange: (changes: readonly FileChange[]) => void;
  private firstOutcomeMs = 0;
  private isClosed = false;

  constructor(paths: readonly string[], onChange: (changes: readonly FileChange[]) => void) {
    this.onChange = onChange;
    for (const path of paths) this.watched.set(path, { isAgain: false });
    // Atomic saves and slow writes are settled here, for all back ends alike. The first `add` of each path is
    // wanted: what changed between the first read and the beginning of the watch had nobody to see it.
    this.watcher = watch([...paths], { ignoreInitial: false, atomic: false, awaitWriteFinish: false });
    this.ready = new Promise((resolve) => this.watcher.once("ready", () => resolve()));
    this.watcher.on("all", (_event, path) => this.look(path));
    this.watcher.on("error", (error) => {
      process.emitWarning(`watching files: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  setPaths(paths: readonly string[]): void {
    const wanted = new Set(paths);
    const added = paths.filter((path) => !this.watched.has(path));
    const dropped = [...this.watched.keys()].filter((path) => !wanted.has(path));
    for (const path of dropped) {
      this.watched.delete(path);
      this.watcher.unwatch(path);
    }
    for (const path of added) this.watched.set(path, { isAgain: false });
    if (added.length > 0) this.watcher.add(added);
  }

  expect(path: string, hash: string): void {
    const watched = this.watched.get(path);
    if (watched !== undefined) watched.known = hash;
  }

  expectFirst(path: string, hash: string | undefined): void {
    const watched = this.watched.get(path);
    if (watched !== undefined) watched.known ??= hash ?? "missing";
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.watcher.close();
  }

  /** Starts settling, or marks that there is something new to settle. */
  private look(path: string): void {
    const watched = this.watched.get(path);
    if (watched === undefined || this.isClosed) return;
    if (watched.settling !== undefined) {
      watched.isAgain = true;
      return;
    }
    watched.settling = { sinceMs: performance.now() };
    void this.step(path, watched);
  }

  private async step(path: string, watched: WatchedPath): Promise<void> {
    for (;;) {
      const before = await lookAt(path);
      const step = settle(watched.settling as Settling, before, performance.now());
      if (this.isClosed || this.watched.get(path) !== watched) return;
      if (step.kind === "wait") {
        watched.settling = step.settling;
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
        continue;
      }
      watched.isAgain = false;
      const change: FileChange | undefined =
        step.kind === "read" ? await read(path) : { kind: step.kind, path };
      const { sinceMs } = watched.settling as Settling;
      const isOverdue = performance.now() - sinceMs >= settleMsMax;
      const isSteady = step.kind !== "read" || sameLook(before, await lookAt(path));
      if (change !== undefined && (isOverdue || (isSteady && !watched.isAgain))) {
        this.finish(path, watched, change);
        return;
      }
      watched.settling = { sinceMs };
    }
  }

  private finish(path: string, watched: WatchedPath, change: FileChange): void {
    watched.settling = undefined;
    const now = change.kind === "changed" ? change.hash : change.kind;
    // A path without an expectation was not read by anyone yet: what it holds now is where its changes begin.
    const isNews = watched.known !== undefined && watched.known !== now;
    watched.known = now;
    if (isNews) {
      if (this.outcomes.size === 0) this.firstOutcomeMs = performance.now();
      this.outcomes.set(path, change);
    }
    const isSettling = [...this.watched.values()].some((other) => other.settling !== undefined);
    const isLate = performance.now() - this.firstOutcomeMs > reportWaitMsMax;
    if (this.outcomes.size === 0 || this.isClosed || (isSettling && !isLate)) return;
    const changes = [...this.outcomes.values()];
    this.outcomes.clear();
    this.onChange(changes);
  }
}

async function lookAt(path: string): Promise<Look> {
  try {
    const found = await stat(path);
    return { kind: "file", size: found.size, modifiedMs: found.mtimeMs, inode: found.ino };
  } catch (cause) {
    // A file that may not be looked at is handed on as a file: reading it then says what the problem is.
    return isMissing(cause) ? { kind: "missing" } : { kind: "file", size: -1, modifiedMs: 0, inode: 0 };
  }
}

/** The file's state; undefined when it went away between the look and the read. */
async function read(path: string): Promise<FileChange | undefined> {
  const outcome = await readSource(path);
  switch (outcome.kind) {
    case "text":
      return { kind: "changed", path, text: outcome.text, hash: outcome.hash };
    case "unreadable":
      return { kind: "unreadable", path, problem: outcome.problem };
    case "missing":
      return undefined;
  }
}
