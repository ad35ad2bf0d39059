/** What `EngineError.code` can say; stable, so callers may branch on it. */
export type EngineErrorCode =
  | "engine/unknown-node"
  | "engine/wrong-kind"
  | "engine/wrong-shape"
  | "engine/bad-box"
  | "engine/still-read"
  | "engine/unknown-loop"
  | "engine/edit-while-computing"
  | "engine/endless-effects"
  | "engine/closed"
  | "engine/no-clock"
  | "engine/foreign-state"
  | "engine/foreign-attribute"
  | "engine/asynchronous-transaction"
  | "engine/too-large"
  | "engine/broken-invariant";

/**
 * Misuse of the engine, or a broken invariant of its own. Never thrown for data: an error inside a model is an
 * error value.
 *
 * @example
 * ```ts
 * try {
 *   engine.read(42 as NodeId);
 * } catch (error) {
 *   if (error instanceof EngineError) console.log(error.code); // "engine/unknown-node"
 * }
 * ```
 */
export class EngineError extends Error {
  readonly code: EngineErrorCode;
  readonly expected: string;
  readonly found: string;
  /** What the caller can do about it. */
  readonly remedy: string;

  constructor(code: EngineErrorCode, facts: EngineErrorFacts) {
    super(`${code}: expected ${facts.expected}, found ${facts.found}; ${facts.remedy}`);
    this.name = "EngineError";
    this.code = code;
    this.expected = facts.expected;
    this.found = facts.found;
    this.remedy = facts.remedy;
  }
}

export interface EngineErrorFacts {
  readonly expected: string;
  readonly found: string;
  readonly remedy: string;
}
