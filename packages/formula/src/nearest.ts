/**
 * "Did you mean": the candidate nearest to a name that was not found, without regard to case. A candidate that begins
 * with the name comes first, the shortest of several: a name is often left off half way. Else the nearest by edit
 * distance, with neighbouring letters swapped counting once; a name may be off by a third of its letters, at least by one.
 * Of several equally near those with the same digits come first, as numbers in names are seldom mistyped, then that
 * whose first other letter is nearest in the alphabet: `g7` for `f7`, before `i7` and `f8`.
 * Cost: candidates × length²; candidates of too different a length are skipped.
 */

/** Fewer letters begin too many names to tell which was meant. */
const beginningLengthMin = 3;

/** The nearest of `candidates` when one is near enough; of several equally near the likeliest, or the first. */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  const list = [...candidates];
  return shortestBeginningWith(wanted, list) ?? nearestByEdits(wanted, list);
}

function shortestBeginningWith(wanted: string, candidates: readonly string[]): string | undefined {
  if (wanted.length < beginningLengthMin) return undefined;
  let best: string | undefined;
  for (const candidate of candidates) {
    if (best !== undefined && candidate.length >= best.length) continue;
    if (candidate.toLowerCase().startsWith(wanted)) best = candidate;
  }
  return best;
}

function nearestByEdits(wanted: string, candidates: readonly string[]): string | undefined {
  const digits = digitsOf(wanted);
  const oddnessOf = (other: string): number =>
    (digitsOf(other) === digits ? 0 : otherDigits) + firstDifference(wanted, other);
  let limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (Math.abs(other.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, other, limit);
    if (distance > limit) continue;
    const isTie = best !== undefined && distance === limit;
    if (isTie && oddnessOf(other) >= oddnessOf((best as string).toLowerCase())) continue;
    best = candidate;
    if (distance === 0) return best;
    limit = distance;
  }
  return best;
}

/** More than letters can be apart. */
const otherDigits = 0x10000;

/** How far apart the first letters are that differ; one that is missing is as far as can be. */
function firstDifference(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const apart = Math.abs(a.charCodeAt(i) - b.charCodeAt(i));
    if (apart !== 0) return Number.isNaN(apart) ? otherDigits - 1 : apart;
  }
  return 0;
}

function digitsOf(name: string): string {
  return name.replaceAll(/\D+/g, " ").trim();
}

/** Insertions, deletions, replacements and swaps from `a` to `b`; anything above `limit` once it is passed. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const isSame = a.charCodeAt(i - 1) === b.charCodeAt(j - 1);
      let cost = Math.min(
        (previous[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (previous[j - 1] as number) + (isSame ? 0 : 1),
      );
      const isSwap =
        i > 1 &&
        j > 1 &&
        a.charCodeAt(i - 1) === b.charCodeAt(j - 2) &&
        a.charCodeAt(i - 2) === b.charCodeAt(j - 1);
      if (isSwap) cost = Math.min(cost, (before[j - 2] as number) + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return least;
    before = previous;
    previous = row;
  }
  return previous[b.length] as number;
}
