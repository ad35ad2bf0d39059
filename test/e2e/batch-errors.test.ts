import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { summaryOf } from "./batch-place.ts";
import { Place } from "./command-line.ts";

it("[BA14] with --errors-fail an error value is a failure, and a result without", () => {
  const place = new Place();
  place.write("q.reckon", 'model q\naxis p = table("p.csv", key id)\nblock v by p\n  y = 1 / p.x\n');
  place.write("p.csv", "id,x\na,1\nb,0\n");
  const args = ["batch", "q.reckon", "--over", "p", "--ledger", "off", "--retries", "0"];
  const ended = (...more: string[]) => {
    const { code, stdout } = place.reckon([...args, ...more]);
    const { succeeded, failed } = summaryOf(stdout);
    return [code, succeeded, failed];
  };
  expect(ended()).toEqual([0, 2, 0]);
  expect(ended("--errors-fail")).toEqual([3, 1, 1]);
});

const turns = `
export const quiet = (x) => { try { process.chdir("/"); } catch { return x; } return x; };
export const loud = (x) => { if (x === 2) process.chdir("/"); return x; };
`;

it("[BA74] a module cannot change the folder: relative paths stay what they were, and it fails everywhere as on threads", () => {
  const place = new Place({ "turns.js": turns, "p.csv": "id,x\na,1\nb,2\nc,3\n" });
  const model = (name: string) =>
    `model q\nuse "./turns.js" as turns\naxis p = table("p.csv", key id)\nblock v by p\n  y = turns.${name}(p.x)\n`;
  place.write("quiet.reckon", model("quiet"));
  place.write("loud.reckon", model("loud"));
  const run = (name: string, strategy: string) =>
    place.reckon([
      ...[
        "batch",
        `${name}.reckon`,
        "--over",
        "p",
        "--allow-modules",
        "--strategy",
        strategy,
        "--retries",
        "0",
      ],
      ...["--rows", "p.csv", "--out", `${strategy}.csv`, "--ledger", "kept.sqlite", "--cache", "off"],
    ]);
  const quiet = run("quiet", "sequential");
  expect([quiet.code, quiet.stderr]).toEqual([0, ""]);
  expect(readFileSync(place.path("sequential.csv"), "utf8")).toContain("c,3,succeeded");
  expect(place.json(["runs", "--ledger", "kept.sqlite", "--json"])).toHaveLength(1);
  const [alone, threads] = ["sequential", "threads"].map((strategy) => {
    expect(run("loud", strategy).code).toBe(3);
    return readFileSync(place.path(`${strategy}.csv`), "utf8");
  });
  expect(alone).toContain("process.chdir() is not supported in workers");
  expect(threads).toBe(alone);
});
