/**
 * Excel's wildcards: `?` is any one character, `*` any number of them, `~` takes the next character as it is. Letters match in
 * any case.
 *
 * Matching keeps one point to come back to (the last `*`), so its cost is at most pattern × text, for searching too, and no
 * pattern can hang.
 */

/** One step of a pattern: a character (lower case), any one character, or any number of them. */
type Step = { readonly kind: "exact"; readonly unit: string } | { readonly kind: "one" | "many" };

/** A pattern ready to be matched many times. */
export interface Wildcard {
  readonly hasWildcards: boolean;
  readonly steps: readonly Step[];
}

/** Reads a pattern. Cost: its length. */
export function readWildcard(pattern: string): Wildcard {
  const steps: Step[] = [];
  const units = pattern.toLowerCase();
  for (let i = 0; i < units.length; i++) {
    const unit = units.charAt(i);
    const following = units.charAt(i + 1);
    if (unit === "~") {
      if (following !== "") steps.push({ kind: "exact", unit: following });
      i++;
    } else if (unit === "?") steps.push({ kind: "one" });
    else if (unit === "*") steps.push({ kind: "many" });
    else steps.push({ kind: "exact", unit });
  }
  return { hasWildcards: steps.some((step) => step.kind !== "exact"), steps };
}

/** Whether the whole of `text` matches. */
export function matchesWildcard(pattern: Wildcard, text: string): boolean {
  return matchFrom(pattern.steps, text.toLowerCase(), 0, true) === "match";
}

/** Where in `text` the pattern first matches, at or after `start` (from 0); −1 when nowhere. */
export function findWildcard(pattern: Wildcard, text: string, start: number): number {
  const units = text.toLowerCase();
  for (let at = start; at <= units.length; at++) {
    const outcome = matchFrom(pattern.steps, units, at, false);
    if (outcome === "match") return at;
    // What must follow a `*` occurs nowhere behind it, so it does not behind a later beginning either.
    if (outcome === "rest-missing") return -1;
  }
  return -1;
}

/** Whether a match begins at `from`, which must be the whole rest of the text when `isWhole`. */
function matchFrom(
  steps: readonly Step[],
  units: string,
  from: number,
  isWhole: boolean,
): "match" | "no-match" | "rest-missing" {
  let step = 0;
  let at = from;
  let starStep = -1;
  let starAt = 0;
  while (step < steps.length || (isWhole && at < units.length)) {
    const current = steps[step];
    if (current?.kind === "many") {
      starStep = step++;
      starAt = at;
    } else if (current !== undefined && at < units.length && accepts(current, units.charAt(at))) {
      step++;
      at++;
    } else if (starStep >= 0 && starAt < units.length) {
      step = starStep + 1;
      at = ++starAt;
    } else return starStep >= 0 ? "rest-missing" : "no-match";
  }
  return "match";
}

function accepts(step: Step, unit: string): boolean {
  return step.kind === "one" || (step.kind === "exact" && step.unit === unit);
}
