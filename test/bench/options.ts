/** The command line of `npm run bench`, from what was typed to a checked request. */
import { parseArgs } from "node:util";

export interface BenchOptions {
  readonly format: "table" | "json" | "markdown";
  /** Smaller sizes and one process each: ends within a minute. */
  readonly isQuick: boolean;
  readonly workloads: readonly string[];
  readonly engines: readonly string[];
  /** How many processes measure each case; the figure is their median. */
  readonly runs: number;
  /** A process that takes longer is ended, and the engine tried with a tenth of the size. */
  readonly limitMs: number;
  /** When the run ends, in the time of `performance.now()`: what is not measured by then is left out. */
  readonly endsAt: number;
  /** Puts the tables into docs/benchmarks.md. */
  readonly isWritten: boolean;
}

/** A quick run ends in less than a minute, and leaves out the peers that are never the best. */
const quickMs = 45_000;
const quickEngines: readonly string[] = [
  "reckon",
  "reckon-computed",
  "reckon-family",
  "reckon-language",
  "floor",
  "floor-family",
  "reckon-threads",
  "floor-threads",
  "piscina",
  "worker-a-task",
  "hyperformula",
  "preact",
  "alien",
  "solid-signals",
];

const usage = `npm run bench -- [options]

  --only W2,W5        only these workloads
  --engines a,b       only these engines (ratios need the peers and the floors)
  --quick             smaller sizes, fewer peers, one run each, two at once; ends within a minute
  --runs 3            processes for each engine and workload; the median counts
  --limit 60          seconds after which a process is ended
  --json              JSON lines
  --markdown          the tables of docs/benchmarks.md
  --write             puts these tables into docs/benchmarks.md
`;

export type Parsed = { readonly options: BenchOptions } | { readonly problem: string };

export function parseOptions(
  args: readonly string[],
  workloadIds: readonly string[],
  engineNames: readonly string[],
): Parsed {
  let values: Readonly<Record<string, string | boolean | undefined>>;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        engines: { type: "string" },
        runs: { type: "string" },
        limit: { type: "string" },
        quick: { type: "boolean" },
        json: { type: "boolean" },
        markdown: { type: "boolean" },
        write: { type: "boolean" },
        help: { type: "boolean" },
      },
    }));
  } catch (cause) {
    return { problem: `${(cause as Error).message}\n\n${usage}` };
  }
  if (values.help === true) return { problem: usage };
  const workloads = chosen("workload", values.only, workloadIds);
  const engines = chosen("engine", values.engines, engineNames);
  if ("problem" in workloads) return workloads;
  if ("problem" in engines) return engines;
  const isQuick = values.quick === true;
  const runs = numberFrom(values.runs, isQuick ? 1 : 3);
  const limitMs = 1000 * numberFrom(values.limit, isQuick ? 2 : 60);
  const endsAt = isQuick ? quickMs : Number.POSITIVE_INFINITY;
  if (!(runs >= 1 && limitMs > 0)) return { problem: `--runs and --limit want numbers\n\n${usage}` };
  const isWritten = values.write === true;
  const format = values.json === true ? "json" : values.markdown === true ? "markdown" : "table";
  return {
    options: {
      format,
      isQuick,
      workloads: workloads.names,
      engines: isQuick && values.engines === undefined ? quickEngines : engines.names,
      runs,
      limitMs,
      endsAt,
      isWritten,
    },
  };
}

function numberFrom(value: string | boolean | undefined, absent: number): number {
  return value === undefined ? absent : Number(value);
}

function chosen(
  what: string,
  value: string | boolean | undefined,
  known: readonly string[],
): { readonly names: readonly string[] } | { readonly problem: string } {
  if (typeof value !== "string") return { names: known };
  const names: string[] = [];
  for (const wanted of value.split(",").map((name) => name.trim())) {
    const found = known.find((name) => name.toLowerCase() === wanted.toLowerCase());
    if (found === undefined) return { problem: `no ${what} ${wanted}; there are ${known.join(", ")}\n` };
    names.push(found);
  }
  return { names: known.filter((name) => names.includes(name)) };
}
