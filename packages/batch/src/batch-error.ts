/** Misuse, and trouble that ends a run: a ledger that cannot be written, a queue that cannot be reached. */
export type BatchErrorCode =
  | "ledger"
  | "ledger-newer"
  | "run-held"
  /** Another process has the run that this one conducted. */
  | "taken-over"
  | "source"
  | "results"
  /** What the run computes with is not there, or not what it was: see the outcome `no-program`. */
  | "program"
  | "queue"
  | "unknown-run"
  | "misuse";

export class BatchError extends Error {
  readonly code: BatchErrorCode;

  /** For an outcome `no-program`. */
  static noProgram(message: string): BatchError {
    return new BatchError(
      "program",
      `${message}; no entity has failed by that, what has ended is kept, and the same command goes on once it is put right`,
    );
  }

  constructor(code: BatchErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "BatchError";
    this.code = code;
  }
}
