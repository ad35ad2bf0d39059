/**
 * What the screen shows and where the cursor is: everything about a session that is not in the model. Plain data;
 * `reduce` makes the next from the last.
 */
import type { LineState } from "./line-editor.ts";

export interface AppState {
  readonly mode: Mode;
  readonly cursor: { readonly row: number; readonly column: number };
  /** First visible row and column. */
  readonly scroll: { readonly top: number; readonly left: number };
  /** Rows folded against their default, by key. */
  readonly toggled: ReadonlySet<string>;
  readonly scenario: string;
  readonly isDifference: boolean;
  readonly isPaneShown: boolean;
  /** Where jumps began, newest last. */
  readonly trail: readonly Place[];
  readonly searched: string;
  /** Earlier lines of the command line, newest last. */
  readonly commands: readonly string[];
  readonly log: readonly LogEntry[];
  /** The message under the grid; gone with the next key, unlike the log. */
  readonly notice: Notice | undefined;
  /** Keys typed so far of an unfinished sequence. */
  readonly pendingKeys: string;
}

/** A cell that outlives edits and reloads. */
export interface Place {
  readonly key: string;
  readonly column: number;
}

export interface Notice {
  readonly tone: "plain" | "error" | "good";
  readonly text: string;
}
export interface LogEntry extends Notice {
  /** `14:02:11` */
  readonly time: string;
}

export type Mode =
  | { readonly kind: "grid" }
  | {
      readonly kind: "edit";
      readonly target: EditTarget;
      readonly line: LineState;
      readonly problem?: string;
    }
  | { readonly kind: "command"; readonly line: LineState; readonly recalled: number }
  | { readonly kind: "search"; readonly line: LineState; readonly from: Place }
  | { readonly kind: "help"; readonly line: LineState; readonly top: number }
  | { readonly kind: "page"; readonly title: string; readonly lines: readonly string[]; readonly top: number }
  | {
      readonly kind: "menu";
      readonly purpose: "scenario" | "go";
      readonly title: string;
      readonly entries: readonly MenuEntry[];
      readonly selected: number;
    }
  | { readonly kind: "question"; readonly question: Question };

export interface MenuEntry {
  readonly value: string;
  readonly label: string;
  readonly column?: number;
}

/** What an edit line writes to. */
export type EditTarget =
  /** One cell of an input, or (`isWholeRow`) all of its periods. */
  | {
      readonly kind: "input";
      readonly id: string;
      readonly member: number | undefined;
      readonly column: number | undefined;
      readonly title: string;
    }
  | {
      readonly kind: "formula";
      readonly id: string;
      readonly title: string;
      readonly column: number;
      readonly member: number;
    }
  /** A whole line `name = formula` or `input name = value`. */
  | {
      readonly kind: "attribute";
      readonly block: string;
      readonly after: string | undefined;
      readonly title: string;
    };

/** Asked in the line under the grid and answered by one key; Esc takes `escape`. */
export interface Question {
  readonly text: string;
  readonly choices: readonly { readonly key: string; readonly label: string; readonly answer: Answer }[];
}
export type Answer =
  | { readonly kind: "nothing" }
  | { readonly kind: "quit" }
  | { readonly kind: "save-and-quit" }
  | { readonly kind: "save-anyway" }
  | { readonly kind: "keep-mine"; readonly path: string }
  | { readonly kind: "take-theirs"; readonly path: string };

export const logEntriesMax = 200;
export const trailPlacesMax = 100;

export function initialState(scenario: string): AppState {
  return {
    mode: { kind: "grid" },
    cursor: { row: 0, column: 0 },
    scroll: { top: 0, left: 0 },
    toggled: new Set(),
    scenario,
    isDifference: false,
    isPaneShown: true,
    trail: [],
    searched: "",
    commands: [],
    log: [],
    notice: undefined,
    pendingKeys: "",
  };
}
