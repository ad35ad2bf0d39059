/** Misuse, and trouble that ends a run: a ledger that cannot be written, a queue that cannot be reached. */
export type BatchErrorCode =
  | "ledger"
  | "ledger-newer"
  | "run-held"
  /** Another process has the run that this one conducted. */
  | "taken-over"
  | "source"
  | "results"
  | "queue"
  | "unknown-run"
  | "misuse";

export class BatchError extends Error {
  readonly code: BatchErrorCode;

  constructor(code: BatchErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "BatchError";
    this.code = code;
  }
}
