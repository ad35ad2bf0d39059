/**
 * `npm run bench`: measures our engine, its peers and the floor on the same workloads, each engine in a process of its
 * own, and prints the tables. See docs/benchmarks.md for the method.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runWorkload } from "./campaign.ts";
import { endChildren } from "./child.ts";
import { engineNames, loadEngine } from "./engines/index.ts";
import { type BenchOptions, parseOptions } from "./options.ts";
import { jsonLinesOf } from "./report/json-lines.ts";
import { machineLine, versionsLine } from "./report/machine.ts";
import { pageWith, sectionOf } from "./report/markdown.ts";
import type { Result } from "./report/result.ts";
import { absences, figureGrid, goalGrid, gridText } from "./report/table.ts";
import type { Workload } from "./workload.ts";
import { workloads } from "./workloads/index.ts";

const page = fileURLToPath(new URL("../../docs/benchmarks.md", import.meta.url));
const isTerminal = process.stderr.isTTY === true;

const parsed = parseOptions(
  process.argv.slice(2),
  workloads.map(({ id }) => id),
  engineNames,
);
if ("problem" in parsed) {
  process.stderr.write(parsed.problem);
  process.exitCode = 2;
} else {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      endChildren();
      process.exit(signal === "SIGINT" ? 130 : 143);
    });
  }
  await runAll(parsed.options);
}

async function runAll(options: BenchOptions): Promise<void> {
  const machine = machineLine(new Date());
  const versions = versionsLine(await Promise.all(options.engines.map(loadEngine)));
  if (options.format === "table") process.stdout.write(`${machine}\n${versions}\n`);
  if (options.format === "table" && options.isQuick) {
    process.stdout.write(
      "quick: smaller sizes, the fastest peers, one run each and two at once; ratios say less than those of a full run\n",
    );
  }
  const chosen = workloads.filter(({ id }) => options.workloads.includes(id));
  const sections = new Map<string, string>();
  for (const [i, workload] of chosen.entries()) {
    const results = await runWorkload(workload, options, (what) =>
      showProgress(`${i + 1}/${chosen.length} ${what}`),
    );
    clearProgress();
    print(options, workload, results);
    sections.set(workload.id, sectionOf(workload, results, `${machine} · ${versions}`));
  }
  if (options.isWritten) writeFileSync(page, pageWith(readFileSync(page, "utf8"), sections));
  else if (options.format === "markdown") process.stdout.write(`${[...sections.values()].join("\n\n")}\n`);
}

function print({ format, isQuick }: BenchOptions, workload: Workload, results: readonly Result[]): void {
  if (format === "json") {
    for (const line of jsonLinesOf(results)) process.stdout.write(`${JSON.stringify(line)}\n`);
    for (const line of absences(results)) process.stderr.write(`${workload.id} ${line}\n`);
  } else if (format === "table") {
    // Goals are for the full sizes.
    const goals = goalGrid(results, ({ label }) => !isQuick && label.split(".")[0] === workload.id);
    process.stdout.write(
      `\n${[
        `${workload.id}  ${workload.title}`,
        gridText(figureGrid(workload, results), 2),
        ...absences(results).map((line) => `  ${line}`),
        ...(goals.rows.length === 0 ? [] : [gridText(goals, 1)]),
      ].join("\n")}\n`,
    );
  }
}

function showProgress(what: string): void {
  process.stderr.write(isTerminal ? `\r${what}\u001b[K` : `${what}\n`);
}

function clearProgress(): void {
  if (isTerminal) process.stderr.write("\r\u001b[K");
}
