/** Misuse of a sheet: asking for an attribute or scenario that is not there, undo inside a transaction. */
export class SheetError extends Error {
  /** Stable, as a diagnostic's. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "SheetError";
    this.code = code;
  }
}
