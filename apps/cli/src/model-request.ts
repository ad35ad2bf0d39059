/** What the requests of several commands have in common; see request.ts. */

/** What opening a model needs, whatever is done with it. */
export interface ModelRequest {
  readonly model: string;
  readonly scenarios: readonly string[];
  readonly sets: readonly string[];
  readonly allowModules: boolean;
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
