/**
 * What we use of the queue's library, and what not: its flows are trees, in which a diamond waits for ever and a failed part
 * holds up the whole, and it counts attempts by itself. So a job is a chunk, waits for no other, and is tried once.
 */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { jsonOf, sourcesUnder } from "./repository.ts";

const sources = sourcesUnder("packages").filter((path) => /"bullmq"/.test(readFileSync(path, "utf8")));

it("only the cluster speaks to the queue's library, and takes no flows from it", () => {
  expect(sources.every((path) => path.startsWith("packages/cluster/src/"))).toBe(true);
  const taken = new Set<string>();
  for (const path of sources)
    for (const [, names = ""] of readFileSync(path, "utf8").matchAll(
      /import (?:type )?\{([^}]*)\} from "bullmq"/g,
    ))
      for (const name of names.split(","))
        if (name.trim() !== "") taken.add(name.replace(/\btype\b/, "").trim());
  expect([...taken].sort()).toEqual([
    "Job",
    "KeepJobs",
    "Queue",
    "QueueEvents",
    "QueueOptions",
    "UnrecoverableError",
    "WaitingError",
    "Worker",
    "WorkerOptions",
    "createPostgresBackend",
    "runMigrations",
  ]);
});

it("no job has others above or beneath it, or is tried again by the library", () => {
  for (const path of sources)
    expect(readFileSync(path, "utf8"), path).not.toMatch(
      /\b(?:parent|children|backoff)\s*:|\battempts:(?! 1\b)/,
    );
});

it("its version is pinned: its PostgreSQL side is young", () => {
  const { dependencies } = jsonOf("packages/cluster/package.json") as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  expect(dependencies.bullmq).toMatch(/^\d+\.\d+\.\d+$/);
});
