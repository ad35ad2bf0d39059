/**
 * Runs one case in a Node process of its own, with a limit of time. What runs is ended when this process is.
 *
 * The process has garbage collection exposed, room for eight gigabytes, and the usual stack.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./measure.ts";

const script = fileURLToPath(new URL("measure.ts", import.meta.url));
const memoryMb = 8192;

/** A quick run starts a hundred processes: what they load is compiled once. */
const withCompileCache = {
  ...process.env,
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../node_modules/.cache/bench", import.meta.url)),
};

const running = new Set<ChildProcess>();

/** Ends every case that runs. */
export function endChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}

export interface Case {
  readonly workload: string;
  readonly engine: string;
  readonly size: number;
  readonly isQuick: boolean;
  readonly limitMs: number;
}

export function runCase(wanted: Case): Promise<Outcome> {
  const { workload, engine, size, isQuick, limitMs } = wanted;
  const child = spawn(
    process.execPath,
    [
      "--expose-gc",
      `--max-old-space-size=${memoryMb}`,
      script,
      workload,
      engine,
      String(size),
      isQuick ? "quick" : "full",
    ],
    { stdio: ["ignore", "pipe", "pipe"], env: isQuick ? withCompileCache : process.env },
  );
  running.add(child);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, limitMs);
  let output = "";
  let problem = "";
  child.stdout.on("data", (piece) => {
    output += piece;
  });
  child.stderr.on("data", (piece) => {
    problem += piece;
  });
  return new Promise((resolve) => {
    child.on("close", () => {
      clearTimeout(timer);
      running.delete(child);
      resolve(
        isLate
          ? { failure: `too slow: ended after ${Math.round(limitMs / 1000)} s` }
          : outcomeOf(output, problem),
      );
    });
  });
}

function outcomeOf(output: string, problem: string): Outcome {
  const line = output.trim().split("\n").at(-1) ?? "";
  if (line.startsWith("{")) return JSON.parse(line) as Outcome;
  if (/heap out of memory|Allocation failed/.test(problem)) {
    return { failure: `runs out of ${memoryMb / 1024} GB` };
  }
  const reason = /^\w*Error: .*$/m.exec(problem)?.[0] ?? "no answer";
  return { failure: `fails: ${reason}` };
}
