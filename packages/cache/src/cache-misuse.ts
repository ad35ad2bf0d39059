/** Thrown for options that break a documented precondition; never for what a store, a file or a server does. */
export class CacheMisuse extends Error {
  readonly code: "not-plain" | "unknown-url";

  constructor(code: "not-plain" | "unknown-url", message: string) {
    super(message);
    this.name = "CacheMisuse";
    this.code = code;
  }
}
