/** What heavy formulas shall run with: the options that all commands have which calculate. */
import type { HeavyRequest, Refusal } from "./model-request.ts";
import type { RawOptions } from "./raw-options.ts";

const threadsMax = 256;
const memoryMbMin = 64;
/** More than this no machine has, and V8 counts in whole bytes. */
const memoryMbMax = 1024 * 1024;
const serverPattern = /^(?:rediss?|postgres(?:ql)?):\/\//i;

export function heavyRequest({
  threads,
  threadMemory,
  cache,
  verifyCache,
}: RawOptions): HeavyRequest | Refusal {
  const count = threads === "off" ? 0 : Number(threads?.trim() || Number.NaN);
  if (threads !== undefined && !(Number.isInteger(count) && count >= 0 && count <= threadsMax))
    return { refused: `--threads ${threads}: write a number from 0 to ${threadsMax}, or off` };
  const memoryMb = threadMemory === undefined ? undefined : sizeMbOf(threadMemory);
  if (threadMemory !== undefined && memoryMb === undefined)
    return { refused: `--thread-memory ${threadMemory}: write a size from 64 MB on, as in 2GB or 512MB` };
  const problem = cache === undefined ? undefined : cacheProblem(cache);
  if (problem !== undefined) return { refused: problem };
  const share = verifyCache === undefined ? undefined : shareOf(verifyCache);
  if (verifyCache !== undefined && share === undefined)
    return { refused: `--verify-cache ${verifyCache}: write a share from 0% to 100%, as in 5%` };
  return {
    ...(threads === undefined ? {} : { threads: count }),
    ...(memoryMb === undefined ? {} : { memoryMb }),
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

/** `2GB`, `1.5 GB`, `512MB` and `2g` in MB. */
function sizeMbOf(typed: string): number | undefined {
  const [, digits, unit = ""] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([gm])i?b?\s*$/i.exec(typed) ?? [];
  const sizeMb = Math.floor(Number(digits ?? Number.NaN) * (unit.toLowerCase() === "g" ? 1024 : 1));
  return sizeMb >= memoryMbMin && sizeMb <= memoryMbMax ? sizeMb : undefined;
}

/** `5%`, `5 %` and `5` are a twentieth. */
export function shareOf(typed: string): number | undefined {
  const [, digits] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*%?\s*$/.exec(typed) ?? [];
  const percent = Number(digits ?? Number.NaN);
  return percent <= 100 ? percent / 100 : undefined;
}
