/**
 * The tables of docs/benchmarks.md. Each workload has a section between two comments, so that a run of some
 * workloads puts in those and leaves the others; the table of all goals is gathered from the sections.
 */
import type { Workload } from "../workload.ts";
import type { Result } from "./result.ts";
import { absences, figureGrid, goalGrid, gridMarkdown } from "./table.ts";

export function sectionOf(workload: Workload, results: readonly Result[], machine: string): string {
  const goals = goalGrid(results, (goal) => goal.label.split(".")[0] === workload.id);
  const missing = absences(results);
  return [
    `### ${workload.id}: ${workload.title}`,
    workload.about,
    gridMarkdown(figureGrid(workload, results), 2),
    ...(goals.rows.length === 0 ? [] : [gridMarkdown(goals, 1)]),
    ...(missing.length === 0 ? [] : [missing.map((line) => `- ${line}`).join("\n")]),
    `_${machine}_`,
  ].join("\n\n");
}

const mark = (id: string) => [`<!-- ${id} -->`, `<!-- end of ${id} -->`] as const;

/** The page with the sections put in, and the goals gathered anew. */
export function pageWith(page: string, sections: ReadonlyMap<string, string>): string {
  let text = page;
  for (const [id, section] of sections) text = between(text, id, section);
  const rows = text
    .slice(text.indexOf("<!-- end of goals -->"))
    .split("\n")
    .filter((line) => /^\| \S+ reckon\S* \|.*\| (?:reached|missed.*) \|$/.test(line));
  const { head } = goalGrid([], () => false);
  text = between(text, "goals", [gridMarkdown({ head, rows: [] }, 1), ...rows].join("\n"));
  return between(text, "lost", lostCases(text).join("\n") || "None.");
}

/** The rows of our engine in which a peer is faster: `- W3 edit: reckon 0.60× preact`. */
function lostCases(page: string): string[] {
  let workload = "";
  return page.split("\n").flatMap((line) => {
    workload = /^### (\S+):/.exec(line)?.[1] ?? workload;
    const row = /^\| (reckon\S*) \| ([^|]+) \| ([^|]+) \|.*\| (0\.\d+)× (\S+) \|[^|]*\|$/.exec(line);
    if (row === null) return [];
    const [, engine, measure, size, ratio, peer] = row;
    return [`- ${workload}, ${measure}, ${size}: ${engine} has ${ratio} of the speed of ${peer}`];
  });
}

function between(page: string, id: string, content: string): string {
  const [begin, end] = mark(id);
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new RangeError(`the page has no place for ${id}`);
  return `${page.slice(0, from)}${begin}\n\n${content}\n\n${page.slice(to)}`;
}
