/** What the app asks of its files; `FileSync` does it, and asks the app its questions in turn. */
import type { Answer } from "../state/app-state.ts";

export interface FileActions {
  readonly isWatching: boolean;
  /** The sources with edits that are on no disk. */
  readonly unsaved: () => readonly string[];
  /** True when everything was saved; `isForced` overwrites files that changed underneath. */
  readonly save: (isForced: boolean) => Promise<boolean>;
  readonly reread: (isForced: boolean) => Promise<void>;
  readonly answer: (answer: Answer) => Promise<void>;
}
