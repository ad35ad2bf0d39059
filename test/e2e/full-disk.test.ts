/**
 * Disks that fill while a run keeps its results: a limit on the size of files, and, where the machine lets us have one, a
 * small disk of our own. The run goes on with the right values, and its user is told once.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Place } from "./command-line.ts";

/** Each year waits for the one before and has more to keep, so it is written in many batches, and the disk fills on the way. */
const files = {
  "long.reckon": `model long
use "./grow.js" as g
time year 2001..2040
block b by year
  name = g.grow(name[t-1])  start "0 "  heavy
  size = LEN(name)
`,
  "grow.js": `export function grow(before) {
  const number = Number.parseInt(before, 10) + 1;
  let seed = number;
  for (let burnt = 0; burnt < 1_500_000; burnt++) seed = (seed * 48_271) % 2_147_483_647;
  let text = number + " ";
  for (; text.length < number * 500; seed = (seed * 48_271) % 2_147_483_647) text += seed.toString(36);
  return text;
}
`,
};

const args = ["run", "long.reckon", "--allow-modules", "--csv"];
const inShell = (script: string): readonly string[] => ["sh", "-c", script, "sh"];
const full = /^reckon: The cache file [^\n]*\.sqlite cannot grow, since its disk is full, limited [^\n]*\n$/;
/** 200 kB a file, of which the beginning of a cache takes a third. */
const limited = inShell('ulimit -f 400 && exec "$@"');
/** In a space of its own, which goes with the process. */
const onSmallDisk = ["unshare", "-rm", ...inShell('mount -t tmpfs -o size=300k reckon kept && exec "$@"')];

function canMount(): boolean {
  const place = new Place();
  mkdirSync(place.path("kept"));
  const [command, ...operands] = [...onSmallDisk, "true"] as [string];
  return spawnSync(command, operands, { cwd: place.folder }).status === 0;
}

describe("a disk that fills in mid-run", () => {
  const right = (place: Place): string => {
    const { code, stdout } = place.reckon([...args, "--cache", "off"]);
    expect([code, stdout.length > 400_000]).toEqual([0, true]);
    return stdout;
  };

  it("[CL7] [CL72] [ME15] [ME28] the run goes on, tells once, and what it had kept is sound", () => {
    const place = new Place(files);
    const wanted = right(place);
    const cache = ["--cache", "kept"];
    const { code, signal, stdout, stderr } = place.reckon([...args, ...cache], { within: limited });
    expect([code, signal]).toEqual([0, null]);
    expect(stdout).toBe(wanted);
    expect(stderr).toMatch(full);
    const verified = place.reckon(["cache", "verify", ...cache]);
    expect([verified.code, verified.stdout]).toEqual([
      0,
      expect.stringMatching(/^read [1-9]\d* of .*: all are sound/),
    ]);
    const next = place.json([...args.slice(0, -1), "--json", "--stats", ...cache]) as {
      stats: { computed: number; hits: { disk: number } };
    };
    // What was kept before it was full is found, and the rest computed.
    expect(next.stats.hits.disk).toBeGreaterThan(0);
    expect(next.stats.computed).toBeGreaterThan(0);
    expect(place.reckon([...args, ...cache]).stdout).toBe(wanted);
  });

  it("[CL7] [CL72] [ME15] [ME28] likewise where the disk itself is small, if one can be had", () => {
    const place = new Place(files);
    mkdirSync(place.path("kept"));
    const wanted = right(place);
    const small = canMount();
    const options = small ? { within: onSmallDisk } : {};
    const { code, stdout, stderr } = place.reckon([...args, "--cache", "kept"], options);
    expect([code, stdout]).toEqual([0, wanted]);
    expect(stderr).toMatch(small ? full : /^$/);
  });
});
