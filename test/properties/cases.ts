/**
 * How many cases a property is tried on, and which. The default is few and always the same, so that a run of the
 * tests says the same twice; `RECKON_CASES=2000` tries more and `RECKON_SEED=7` (or `random`) others. A failure
 * prints its seed and the smallest failing case; `RECKON_SEED` with that seed plays it again.
 */
import type fc from "fast-check";

const defaultSeed = 20_261_120;

function seedFrom(text: string | undefined): number {
  if (text === undefined || text === "") return defaultSeed;
  return text === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(text);
}

/** Parameters for `fc.assert`: `count` cases unless `RECKON_CASES` says otherwise. */
export function cases(count: number): fc.Parameters<unknown> {
  const { RECKON_CASES, RECKON_SEED } = process.env;
  return {
    numRuns: RECKON_CASES ? Number(RECKON_CASES) : count,
    seed: seedFrom(RECKON_SEED),
    endOnFailure: false,
  };
}
