/**
 * One case in one process: `node --expose-gc measure.ts <workload> <engine> <size> <quick or full>`.
 *
 * Writes one line of JSON: the figures, or why there are none.
 */
import { loadEngine } from "./engines/index.ts";
import type { Figure } from "./timing.ts";
import { type Effort, fullEffort, quickEffort, type Workload } from "./workload.ts";
import { workloads } from "./workloads/index.ts";

export type Outcome = { readonly figures: readonly Figure[] } | { readonly failure: string };

export async function measure(
  workload: Workload,
  engineName: string,
  size: number,
  effort: Effort,
): Promise<Outcome> {
  try {
    return { figures: await workload.run(await loadEngine(engineName), size, effort) };
  } catch (cause) {
    return { failure: failureOf(cause) };
  }
}

function failureOf(cause: unknown): string {
  const { name, message } = cause as Error;
  if (/call stack|memory access out of bounds/i.test(message)) return "overflows the stack";
  if (name === "WrongResult") return `wrong: ${message}`;
  return `fails: ${message}`;
}

if (import.meta.main) {
  const [id, engineName = "", size, effort] = process.argv.slice(2);
  const workload = workloads.find((candidate) => candidate.id === id);
  if (workload === undefined) throw new RangeError(`no workload ${id}`);
  const outcome = await measure(
    workload,
    engineName,
    Number(size),
    effort === "quick" ? quickEffort : fullEffort,
  );
  process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
}
