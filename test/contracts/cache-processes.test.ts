/** Several processes on one cache file, and processes that are killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMemoStore } from "@reckon/cache";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "reckon-cache-"));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const freshPath = (): string => join(folder, `reckon-${++files}.sqlite`);
const program = fileURLToPath(new URL("./cache-process.ts", import.meta.url));

function start(...args: (string | number)[]): ChildProcess {
  const all = ["--conditions=@reckon/source", program, ...args.map(String)];
  return spawn(process.execPath, all, { stdio: ["ignore", "pipe", "inherit"] });
}

async function answerOf(child: ChildProcess): Promise<{ hits: number; notices: string[] }> {
  let text = "";
  child.stdout?.on("data", (piece) => {
    text += String(piece);
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(0);
  return JSON.parse(text) as { hits: number; notices: string[] };
}

/** Resolves once the child has printed `count` lines; answers the last one. */
async function printed(child: ChildProcess, count: number): Promise<number> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.on("close", () => reject(new Error("it ended by itself")));
    child.stdout?.on("data", (piece) => {
      text += String(piece);
      const lines = text.split("\n").slice(0, -1);
      if (lines.length >= count) resolve(Number(lines.at(-1)));
    });
  });
}

it("[ME18] processes that begin one file at the same time, and write the same and other entries, lose nothing", async () => {
  const path = freshPath();
  const ranges = [
    [0, 300],
    [100, 400],
    [200, 500],
    [0, 500],
  ] as const;
  const answers = await Promise.all(ranges.map(([from, to]) => answerOf(start("fill", path, from, to))));
  expect(answers.flatMap(({ notices }) => notices)).toEqual([]);
  expect(await answerOf(start("fill", path, 0, 500))).toEqual({ hits: 500, notices: [] });
  const store = createMemoStore({ disk: { path, bytesMax: 1e9 }, settings: null });
  expect(await store.verify(1000)).toEqual({ checked: 500, damaged: 0 });
  await store.close();
});

it("[ME18] a process that is killed while it writes loses at most what was not written, and damages nothing", async () => {
  const path = freshPath();
  let last = 0;
  for (const lines of [1, 4, 9]) {
    const child = start("forever", path, last);
    last = await printed(child, lines);
    const ended = new Promise((resolve) => child.removeAllListeners("close").on("close", resolve));
    child.kill("SIGKILL");
    await ended;
  }
  const answer = await answerOf(start("fill", path, 0, last + 1));
  expect(answer).toEqual({ hits: last + 1, notices: [] });
  const store = createMemoStore({ disk: { path, bytesMax: 1e9 }, settings: null });
  const { checked, damaged } = await store.verify(100_000);
  expect(checked).toBeGreaterThan(last);
  expect(damaged).toBe(0);
  await store.close();
});

it("[ME16] a file that may not be written, in a folder that may not either, is read", async () => {
  const inside = join(folder, "read-only");
  mkdirSync(inside);
  const path = join(inside, "reckon.sqlite");
  await answerOf(start("fill", path, 0, 20));
  chmodSync(path, 0o444);
  chmodSync(inside, 0o555);
  try {
    expect(await answerOf(start("read", path, 0, 30))).toEqual({ hits: 20, notices: ["read-only"] });
    const missing = join(inside, "reckon-missing.sqlite");
    expect(await answerOf(start("read", missing, 0, 30))).toEqual({ hits: 0, notices: ["read-only"] });
  } finally {
    chmodSync(inside, 0o755);
  }
});
