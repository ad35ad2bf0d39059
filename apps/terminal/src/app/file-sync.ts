/**
 * Keeping the model and its files together: saving what was edited, taking over what changed on disk.
 *
 * - A save writes each unsaved source in one step and is refused when the file is no longer the one that was read;
 *   the question that follows offers to overwrite it (`:w!`) or to take the file's text.
 * - A file that changes while its source has no unsaved edits is reloaded at once; with unsaved edits a question is
 *   asked, and nothing is lost whichever way it is answered: a reload is one undo step.
 * - A file with errors changes nothing: the last good model stays, and the message says file and line.
 */
import type { Diagnostic } from "@reckon/formula";
import type { FileChange, FileWatch, HostFile, LoadedSheet, SaveOutcome } from "@reckon/host";
import type { Answer, Question } from "../state/app-state.ts";
import type { App } from "./app.ts";
import type { FileActions } from "./file-actions.ts";

/** The host's functions that are needed here; tests give their own. */
export interface FileAccess {
  readonly saveSource: (path: string, text: string, expectedHash: string | undefined) => Promise<SaveOutcome>;
  readonly watchFiles: (
    paths: readonly string[],
    onChange: (changes: readonly FileChange[]) => void,
  ) => FileWatch;
}

export class FileSync implements FileActions {
  private readonly app: App;
  private readonly loaded: LoadedSheet;
  private readonly access: FileAccess;
  private watch: FileWatch | undefined;
  /** Texts on disk that the user has not decided about, by path. */
  private readonly waiting = new Map<string, string>();
  /** Files that were said to be gone. */
  private readonly gone = new Set<string>();

  constructor(app: App, loaded: LoadedSheet, access: FileAccess) {
    this.app = app;
    this.loaded = loaded;
    this.access = access;
  }

  get isWatching(): boolean {
    return this.watch !== undefined;
  }

  start(): void {
    this.watch = this.access.watchFiles(this.paths(), (changes) => void this.takeChanges(changes));
    this.expectWhatWasRead();
  }

  /** What changed between reading a file and watching it is a change too. */
  private expectWhatWasRead(): void {
    for (const { path, hash } of this.loaded.files()) this.watch?.expectFirst(path, hash);
  }

  async close(): Promise<void> {
    await this.watch?.close();
  }

  private paths(): readonly string[] {
    return this.loaded.files().map((file) => file.path);
  }

  private fileOf(source: string): HostFile | undefined {
    return this.loaded.files().find((file) => file.source === source && isText(file));
  }

  unsaved(): readonly string[] {
    return this.loaded.sheet.unsaved();
  }

  /** Saves everything unsaved; whether all of it is on disk now. `isForced` overwrites what changed underneath. */
  async save(isForced: boolean): Promise<boolean> {
    const sources = this.unsaved();
    if (sources.length === 0) {
      this.app.notify("nothing to save");
      return true;
    }
    for (const source of sources) if (!(await this.saveOne(source, isForced))) return false;
    this.app.log(`saved ${sources.join(", ")}`, "good");
    return true;
  }

  private async saveOne(source: string, isForced: boolean): Promise<boolean> {
    const file = this.fileOf(source);
    if (file === undefined) {
      this.app.notify(`${source} has no file to be saved to`, "error");
      return false;
    }
    const { sheet } = this.loaded;
    const text = sheet.text(scenarioOf(this.loaded, source));
    let outcome = await this.access.saveSource(file.path, text, this.loaded.hashOf(source));
    if (isForced && outcome.kind === "changed")
      outcome = await this.access.saveSource(file.path, text, outcome.hash);
    if (isForced && outcome.kind === "missing")
      outcome = await this.access.saveSource(file.path, text, undefined);
    switch (outcome.kind) {
      case "saved":
        this.watch?.expect(file.path, outcome.hash);
        this.loaded.markSaved(source, text);
        this.waiting.delete(file.path);
        return true;
      case "changed":
        this.waiting.set(file.path, outcome.text);
        this.app.ask(saveQuestion(source, file.path));
        return false;
      case "missing":
        this.app.ask(missingQuestion(source));
        return false;
      case "failed":
        this.app.notify(`${source} was not saved: ${outcome.problem}`, "error");
        return false;
    }
  }

  private async takeChanges(changes: readonly FileChange[]): Promise<void> {
    for (const change of changes) {
      const file = this.loaded.files().find((candidate) => candidate.path === change.path);
      if (file === undefined) continue;
      if (change.kind === "changed") await this.takeText(file, change.text);
      else {
        this.gone.add(file.path);
        this.app.log(`${file.source} ${lossOf(change)}; the last good values stay`, "error");
      }
    }
  }

  private async takeText(file: HostFile, text: string): Promise<void> {
    if (this.gone.delete(file.path)) this.app.log(`${file.source} is back`, "good");
    if (isText(file) && this.loaded.sheet.text(scenarioOf(this.loaded, file.source)) === text) {
      // Somebody saved what is already here: only the record of what is on disk changes.
      this.loaded.markSaved(file.source, text);
      // What was said about the file before, a mistake in it or a question, holds no longer.
      if (this.waiting.delete(file.path))
        this.app.log(`${file.source} on disk is what is shown here again`, "good");
      this.app.surroundings.requestDraw();
      return;
    }
    if (isText(file) && this.unsaved().includes(file.source)) {
      this.waiting.set(file.path, text);
      this.app.ask(conflictQuestion(file));
      return;
    }
    await this.reload(file, text);
  }

  private async reload(file: HostFile, text: string): Promise<void> {
    const result = await this.loaded.refresh(file, text);
    if (!result.ok) {
      const first = result.diagnostics.find((one) => one.severity === "error") ?? result.diagnostics[0];
      const said =
        first === undefined ? `${file.source} cannot be read` : placed(first, this.loaded.render(first));
      this.waiting.set(file.path, text);
      this.app.log(`${said} (the last good values stay)`, "error");
      return;
    }
    this.waiting.delete(file.path);
    this.watch?.setPaths(this.paths());
    this.expectWhatWasRead();
    this.app.refresh();
    // What a table or a module was is nowhere in the model's history.
    this.app.log(`reloaded ${file.source}${isText(file) ? " (u undoes)" : ""}`, "good");
  }

  /** Reads a source again from disk (`:e`); `isForced` drops unsaved edits of it. */
  async reread(isForced: boolean): Promise<void> {
    const { scenario } = this.app.state;
    const file = this.fileOf(this.loaded.sheet.sourceOf(scenario));
    if (file === undefined) return;
    const text = this.waiting.get(file.path);
    if (text === undefined) {
      this.app.notify(`${file.source} on disk is what is shown here`);
      return;
    }
    if (!isForced && this.unsaved().includes(file.source)) this.app.ask(conflictQuestion(file));
    else await this.reload(file, text);
  }

  async answer(answer: Answer): Promise<void> {
    switch (answer.kind) {
      case "nothing":
        return;
      case "quit":
        this.app.surroundings.quit(0);
        return;
      case "save-and-quit":
        if (await this.save(false)) this.app.surroundings.quit(0);
        return;
      case "save-anyway":
        await this.save(true);
        return;
      case "keep-mine":
        this.app.log("your edits are kept; :w! overwrites the file, :e! takes it", "plain");
        return;
      case "take-theirs": {
        const file = this.loaded.files().find((candidate) => candidate.path === answer.path);
        const text = this.waiting.get(answer.path);
        if (file !== undefined && text !== undefined) await this.reload(file, text);
        return;
      }
    }
  }
}

function isText(file: HostFile): boolean {
  return file.kind === "model" || file.kind === "scenario";
}

function scenarioOf(loaded: LoadedSheet, source: string): string {
  return loaded.sheet.scenarios.find((name) => loaded.sheet.sourceOf(name) === source) ?? "base";
}

function lossOf(change: FileChange): string {
  switch (change.kind) {
    case "missing":
      return "is gone from disk";
    case "empty":
      return "is empty on disk";
    case "unreadable":
      return `cannot be read: ${change.problem}`;
    case "changed":
      return "changed";
  }
}

/** A diagnostic in one line, after its place (`saas.reckon:17:3`), which the rendered text knows. */
function placed(diagnostic: Diagnostic, rendered: string): string {
  const place = /\S+:\d+:\d+/.exec(rendered)?.[0] ?? diagnostic.source;
  const hint = diagnostic.hint === undefined ? "" : `; ${diagnostic.hint}`;
  return `${place} ${diagnostic.message}${hint}`;
}

function conflictQuestion(file: HostFile): Question {
  return {
    text: `${file.source} changed on disk and here.`,
    choices: [
      { key: "k", label: "keep mine", answer: { kind: "keep-mine", path: file.path } },
      { key: "t", label: "take theirs", answer: { kind: "take-theirs", path: file.path } },
    ],
  };
}

function saveQuestion(source: string, path: string): Question {
  return {
    text: `Not saved: ${source} changed on disk.`,
    choices: [
      { key: "o", label: "overwrite it (:w!)", answer: { kind: "save-anyway" } },
      { key: "t", label: "take theirs", answer: { kind: "take-theirs", path } },
      { key: "c", label: "cancel", answer: { kind: "nothing" } },
    ],
  };
}

function missingQuestion(source: string): Question {
  return {
    text: `Not saved: ${source} is gone from disk.`,
    choices: [
      { key: "o", label: "write it again (:w!)", answer: { kind: "save-anyway" } },
      { key: "c", label: "cancel", answer: { kind: "nothing" } },
    ],
  };
}

/** Asked before unsaved edits are lost. */
export function quitQuestion(sources: readonly string[]): Question {
  return {
    text: `${sources.join(", ")} has unsaved edits.`,
    choices: [
      { key: "s", label: "save and quit", answer: { kind: "save-and-quit" } },
      { key: "q", label: "quit without saving", answer: { kind: "quit" } },
      { key: "c", label: "cancel", answer: { kind: "nothing" } },
    ],
  };
}
