/**
 * The shapes of the host: what a program on Node needs around a sheet. Files are read, watched and saved here, and
 * formula modules are loaded after their folder is trusted; everything above works on texts and values.
 *
 * A `source` is a file's path as the user wrote it (or, for a file that was found, relative in the same way). A
 * `path` is absolute.
 */
import type { Diagnostic } from "@reckon/formula";
import type { ModelDocument } from "@reckon/model";
import type {
  LayingOptions,
  OpenOptions,
  ScenarioName,
  Sheet,
  SheetHost,
  SheetResult,
  SourceText,
} from "@reckon/sheet";
import type { Runtime } from "./runtime.ts";

/** Asked once for a folder whose modules have never been run. */
export interface TrustQuestion {
  /** The folder that the answer is about, absolute. */
  readonly folder: string;
  /** The modules that wait for the answer, as written in the model. */
  readonly modules: readonly string[];
}

export interface LoadRequest {
  /** Path of the model file, relative to the working directory or absolute. */
  readonly model: string;
  /** Files, or names of scenarios that stand beside the model; `base` is the model itself. */
  readonly scenarios?: readonly string[];
  /** Also opens every other scenario beside the model that is for this model and has no errors. */
  readonly discover?: boolean;
  /** `block.attribute=value` or `block.attribute[index]=value`, as typed behind `--set`. */
  readonly sets?: readonly string[];
  /** Runs the model's modules without asking, this time only. */
  readonly allowModules?: boolean;
  /**
   * Yes runs the modules and no does not, both remembered; undefined (no answer) does not run them and asks again
   * the next time. Without it, untrusted modules are a diagnostic.
   */
  readonly ask?: (question: TrustQuestion) => Promise<boolean | undefined>;
  /** How the model is laid into the engine. */
  readonly laying?: LayingOptions;
  /** Called before each step that may take long, with what it is: `opening saas.reckon`. */
  readonly onStep?: (step: string) => void;
  /** Is told where opening spends its time, and what is computed until it is stopped. */
  readonly profiler?: OpenOptions["profiler"];
  /** What heavy formulas run with; without it they run in place, and nothing is kept. Not closed with the sheet. */
  readonly runtime?: Runtime;
  /** This thread takes a share of heavy work, for programs that wait for the results; absent: it stays free. */
  readonly sharesThread?: boolean;
  /** Where `trust.json` is kept; the user's configuration folder unless told. */
  readonly configFolder?: string;
}

export type HostFileKind = "model" | "scenario" | "table" | "module";

/** A file that takes part in a sheet. */
export interface HostFile {
  readonly kind: HostFileKind;
  readonly path: string;
  /**
   * For models and scenarios the sheet's source; for tables and modules the path as written in the model. A file
   * that a module imports has the source of that module.
   */
  readonly source: string;
  /** Of the text as last read; absent while the file could not be read. */
  readonly hash?: string;
}

/** A sheet over files. */
export interface LoadedSheet {
  readonly ok: true;
  readonly sheet: Sheet;
  /** The scenarios that were asked for, in that order; `["base"]` when none was. */
  readonly requested: readonly ScenarioName[];
  /** Problems that did not keep the sheet from opening. */
  readonly diagnostics: readonly Diagnostic[];
  /** The files that take part now; edits and reloads of the model may change them. */
  readonly files: () => readonly HostFile[];
  /** A diagnostic as a person reads it. */
  readonly render: (diagnostic: Diagnostic) => string;
  /** The last text seen of a source. */
  readonly textOf: (source: string) => string | undefined;
  /** Hash of a model's or scenario's text on disk as last read or saved: what `saveSource` expects there. */
  readonly hashOf: (source: string) => string | undefined;
  /** Records that `source` now has this text on disk, after a save. */
  readonly markSaved: (source: string, text: string) => void;
  /**
   * Takes over what changed on disk: a model or scenario is reloaded, a table read again, a module loaded again.
   * With errors the last good state stays. Modules that a new text of the model names are loaded (and asked about)
   * first.
   */
  readonly refresh: (file: HostFile, text: string) => Promise<SheetResult<void>>;
  /** Closes the sheet. */
  readonly dispose: () => void;
}

/** A module as a model names it, its file, and what its file and all that it imports were when it was loaded. */
export interface ModuleClosure {
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  readonly hash: string;
}

/** What a sheet would be opened from. */
export interface ModelSources {
  readonly ok: true;
  readonly model: SourceText;
  readonly document: ModelDocument;
  /** Those asked for and what they extend, ancestors first. */
  readonly scenarios: readonly SourceText[];
  /** The first that was asked for; `base` when none was. */
  readonly scenario: ScenarioName;
  readonly sets: readonly { readonly path: string; readonly value: string }[];
  /** Tables as they are read from beside the model, the modules loaded, and what the request's runtime has. */
  readonly host: SheetHost;
  readonly modules: readonly ModuleClosure[];
  /** A diagnostic as a person reads it. */
  readonly render: (diagnostic: Diagnostic) => string;
}

export interface LoadFailure {
  readonly ok: false;
  /** What kept the files from being read at all (exit code 2), as a sentence. */
  readonly problem?: string;
  /** What is wrong with what was written (exit code 1). */
  readonly diagnostics: readonly Diagnostic[];
  readonly render: (diagnostic: Diagnostic) => string;
  readonly textOf: (source: string) => string | undefined;
  /** What was read so far, so that a watcher can wait for a correction. */
  readonly files: readonly HostFile[];
}

export type SaveOutcome =
  | { readonly kind: "saved"; readonly hash: string }
  /** The file on disk is not the one that was read; nothing was written. */
  | { readonly kind: "changed"; readonly text: string; readonly hash: string }
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly problem: string };

/** What happened to a watched file, once it has settled. */
export type FileChange =
  | { readonly kind: "changed"; readonly path: string; readonly text: string; readonly hash: string }
  /** Gone, and not replaced within the grace period. */
  | { readonly kind: "missing"; readonly path: string }
  /** There but empty, and not filled within the grace period. */
  | { readonly kind: "empty"; readonly path: string }
  | { readonly kind: "unreadable"; readonly path: string; readonly problem: string };

export interface FileWatch {
  /** Resolves when changes are seen from now on. */
  readonly ready: Promise<void>;
  /** Watches exactly these paths from now on. */
  readonly setPaths: (paths: readonly string[]) => void;
  /** Tells the watch what a file holds now, so that one's own save is not reported as a change. */
  readonly expect: (path: string, hash: string) => void;
  /**
   * Tells the watch what was read from a file (nothing, when it was missing), unless it already knows of a later
   * state: a change since then is reported.
   */
  readonly expectFirst: (path: string, hash: string | undefined) => void;
  readonly close: () => Promise<void>;
}
