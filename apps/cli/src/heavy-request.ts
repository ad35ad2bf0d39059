/** What heavy formulas shall run with: the options that all commands have which calculate. */
import type { HeavyRequest, Refusal } from "./model-request.ts";
import type { RawOptions } from "./raw-options.ts";

const threadsMax = 256;
const serverPattern = /^(?:rediss?|postgres(?:ql)?):\/\//i;

export function heavyRequest({ threads, cache, verifyCache }: RawOptions): HeavyRequest | Refusal {
  const count = threads === "off" ? 0 : Number(threads?.trim() || Number.NaN);
  if (threads !== undefined && !(Number.isInteger(count) && count >= 0 && count <= threadsMax))
    return { refused: `--threads ${threads}: write a number from 0 to ${threadsMax}, or off` };
  const problem = cache === undefined ? undefined : cacheProblem(cache);
  if (problem !== undefined) return { refused: problem };
  const share = verifyCache === undefined ? undefined : shareOf(verifyCache);
  if (verifyCache !== undefined && share === undefined)
    return { refused: `--verify-cache ${verifyCache}: write a share from 0% to 100%, as in 5%` };
  return {
    ...(threads === undefined ? {} : { threads: count }),
    ...(cache === undefined ? {} : { cache }),
    ...(share === undefined ? {} : { verifyShare: share }),
  };
}

/** Never repeats an address: it may hold a password. */
export function cacheProblem(cache: string): string | undefined {
  if (cache.trim() === "") return "--cache needs a file, a folder, the address of a server, or off";
  const scheme = /^([a-z][a-z+.-]+):\/\//i.exec(cache)?.[1];
  if (scheme === undefined || serverPattern.test(cache)) return undefined;
  return `--cache takes redis://, rediss:// and postgres:// addresses, not ${scheme}://`;
}

/** `5%`, `5 %` and `5` are a twentieth. */
export function shareOf(typed: string): number | undefined {
  const [, digits] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*%?\s*$/.exec(typed) ?? [];
  const percent = Number(digits ?? Number.NaN);
  return percent <= 100 ? percent / 100 : undefined;
}
