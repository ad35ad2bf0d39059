/** What the requests of several commands have in common; see request.ts. */

/** What heavy formulas shall run with. */
export interface HeavyRequest {
  /** At most so many threads; 0 for none; absent: as many as the machine runs at the same time. */
  readonly threads?: number;
  /** How large the heap of a thread may grow, in MB; absent: what the machine has, shared between them. */
  readonly memoryMb?: number;
  /** A file, a folder, the address of a server, or `off`; absent: the file of the user's cache folder. */
  readonly cache?: string;
  /** From 0 to 1. */
  readonly verifyShare?: number;
}

/** What opening a model needs, whatever is done with it. */
export interface ModelRequest {
  readonly model: string;
  readonly scenarios: readonly string[];
  readonly sets: readonly string[];
  readonly allowModules: boolean;
  readonly heavy: HeavyRequest;
}

export interface Refusal {
  readonly refused: string;
}

/** `Ent, "New York", 2026-03`: commas inside quotes belong to the label. */
export function splitLabels(index: string): readonly string[] {
  const labels: string[] = [];
  for (const [whole, quoted] of index.matchAll(/"((?:[^"]|"")*)"|[^,"]+/g)) {
    const label = quoted === undefined ? whole.trim() : quoted.replaceAll('""', '"');
    if (label !== "") labels.push(label);
  }
  return labels;
}
