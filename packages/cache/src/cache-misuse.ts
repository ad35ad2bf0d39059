type CacheMisuseCode = "not-plain" | "unknown-url" | "empty-secret";

/** Thrown for options that break a documented precondition; never for what a store, a file or a server does. */
export class CacheMisuse extends Error {
  readonly code: CacheMisuseCode;

  constructor(code: CacheMisuseCode, message: string) {
    super(message);
    this.name = "CacheMisuse";
    this.code = code;
  }
}
