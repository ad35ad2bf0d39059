/** What an engine keeps of what is gone: nothing. Measured in a process of its own, after collecting. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/** Compiled code and the like come and go; one leaked object in each turn is far above it. */
const grownMax = 600_000;

it("[CE11] edits, overlays, replacements, signals, listeners, engines and tables that are gone leave no memory behind", () => {
  const script = fileURLToPath(new URL("leak-turns.ts", import.meta.url));
  const flags = ["--expose-gc", "--conditions=@reckon/source"];
  const lines = execFileSync(process.execPath, [...flags, script], { encoding: "utf8" })
    .trim()
    .split("\n");
  const things = lines.map((line) => JSON.parse(line) as { name: string; grown: number });
  expect(things.length).toBe(8);
  expect(things.filter(({ grown }) => grown > grownMax)).toEqual([]);
}, 120_000);
