/** Thrown where a file of rows cannot be read or written further: what is wrong with it, as a sentence. */
import type { TableProblem } from "../table-problem.ts";

export class RowTrouble extends Error {
  readonly code: "unreadable" | "unwritable";
  /** 1-based, where one line is to blame. */
  readonly line: number | undefined;

  constructor(code: RowTrouble["code"], { problem, line }: TableProblem, cause?: unknown) {
    super(problem, cause === undefined ? undefined : { cause });
    this.name = "RowTrouble";
    this.code = code;
    this.line = line;
  }
}

/** What the system says of a file, without its path and the call that failed: `no such file or directory`. */
export function systemReason(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return /^[A-Z0-9_]+: ([^,]+)/.exec(message)?.[1] ?? message;
}
