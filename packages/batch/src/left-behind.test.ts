import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BatchFolder, batchFolder } from "./fixtures/batch-folder.ts";

const program = fileURLToPath(new URL("./fixtures/left-behind-process.ts", import.meta.url));
const module = `import { existsSync, writeFileSync } from "node:fs";
import { exit } from "node:process";
const ways = {
  exit: () => process.exit(7),
  "imported exit": () => exit(7),
  abort: () => process.abort(),
  rejection: () => void Promise.reject(new Error("late")),
  microtask: () => queueMicrotask(() => { throw new Error("later"); }),
  waiting: () => new Promise(() => setTimeout(() => { throw new Error("latest"); }, 0)),
  behind: () => void setTimeout(() => { throw new Error("too late"); }, 300),
  "exit when called again": () => {
    const called = new URL("./called", import.meta.url);
    if (existsSync(called)) process.exit(9);
    writeFileSync(called, "");
  },
  slow: () => new Promise((resolve) => setTimeout(resolve, 1000, 0)),
};
export function work(x, what) {
  return ways[what]?.() ?? x * 2;
}
`;
const text = `model points
use "./work.js" as f
axis player = table("players.csv", key id)
block game by player
  worked = f.work(player.x, player.what)
`;
let folder: BatchFolder;
beforeAll(async () => {
  folder = await batchFolder(text);
  await folder.write("work.js", module);
});
afterAll(() => folder.remove());

type Ended = Readonly<
  Record<"strategy" | "succeeded" | "failed" | "errors" | "notices" | "inPlace" | "different", unknown>
>;

/** Each strategy in the same process, which has to be there at the end. The first ten are the sample. */
async function ended(
  ways: Readonly<Record<string, string>>,
  ...strategies: readonly string[]
): Promise<readonly Ended[]> {
  const args = ["--conditions=@reckon/source", program, folder.path, JSON.stringify(ways), ...strategies];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const lines = stdout.trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Ended);
}

it("[BA15] [BA56] what functions leave behind fails their entity with the same words in every strategy, and ends nothing else", async () => {
  const ways = {
    p2: "exit",
    p4: "rejection",
    p7: "behind",
    p8: "waiting",
    p13: "imported exit",
    p15: "abort",
    p17: "microtask",
    p20: "rejection",
    p26: "slow",
  };
  for (const run of await ended(ways, "sequential", "inside", "threads"))
    expect(run).toEqual({
      strategy: run.strategy,
      succeeded: 23,
      failed: 7,
      errors: {
        p2: "f.work failed: it called process.exit(7)",
        p4: "what it left behind threw: late",
        p8: "what it left behind threw: latest",
        p13: "f.work failed: it called process.exit(7)",
        p15: "f.work failed: it called process.abort()",
        p17: "what it left behind threw: later",
        p20: "what it left behind threw: late",
      },
      notices: ["what a function of a module left behind threw when its entity had ended: too late"],
      inPlace: run.strategy === "threads" ? 0 : 30,
      different: [],
    });
}, 240_000);

it("[BA37] [BA49] where threads are asked for no function of a module runs in this process, also none of the sample or to verify", async () => {
  const [run] = await ended({ p4: "rejection", p20: "exit", p25: "exit when called again" }, "threads");
  expect(run).toEqual({
    strategy: "threads",
    succeeded: 28,
    failed: 2,
    errors: { p4: "what it left behind threw: late", p20: "f.work failed: it called process.exit(7)" },
    notices: [],
    inPlace: 0,
    different: ["p25: failed: f.work failed: it called process.exit(9)"],
  });
}, 240_000);
