/** Thrown for a call that breaks a documented precondition; never for what a model or a formula holds. */
export class ValueMisuse extends Error {
  readonly code: "not-canonical";

  constructor(code: "not-canonical", message: string) {
    super(message);
    this.name = "ValueMisuse";
    this.code = code;
  }
}
