import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { openRows } from "@reckon/tables";
import { describe, expect, it } from "vitest";
import { overStores, storesCsv, storesPlace, summaryOf } from "./batch-place.ts";
import type { Place } from "./command-line.ts";

/** A folder with three runs: sequential, threads, and one in which two entities have failed. */
function withHistory(): { readonly place: Place; readonly runs: readonly string[] } {
  const place = storesPlace();
  const runs: string[] = [];
  const run = (...more: string[]): void => {
    const { stdout } = place.reckon([
      ...overStores,
      "--no-resume",
      "--retries",
      "0",
      "--ledger",
      "l.sqlite",
      ...more,
    ]);
    runs.push(summaryOf(stdout).run as string);
  };
  run("--strategy", "sequential", "--price", "0.5");
  run("--strategy", "threads", "--threads", "2", "--chunk", "3");
  place.write("broken.txt", "s3\ns4\n");
  run("--strategy", "sequential");
  return { place, runs };
}

interface Run {
  readonly run: string;
  readonly state: string;
  readonly strategy: string;
  readonly counts: Readonly<Record<string, number>>;
}

const ledger = ["--ledger", "l.sqlite"];

describe("runs", () => {
  it("[LE15] [CL82] lists runs, newest first, with choices", () => {
    const { place, runs } = withHistory();
    const list = place.json(["runs", ...ledger, "--json"]) as Run[];
    expect(list.map(({ run }) => run)).toEqual(runs.toReversed());
    expect(list.map(({ state }) => state)).toEqual(["failed", "succeeded", "succeeded"]);
    expect(list[1]).toMatchObject({ strategy: "threads", counts: { entities: 12, succeeded: 12 } });
    const newest = place.json(["runs", "list", ...ledger, "--limit", "1", "--json"]) as Run[];
    expect(newest.map(({ run }) => run)).toEqual(runs.slice(2));
    expect(place.json(["runs", ...ledger, "--model", "others", "--json"])).toEqual([]);
    expect(place.json(["runs", ...ledger, "--axis", "store", "--since", "1h", "--json"])).toHaveLength(3);
    const { stdout } = place.reckon(["runs", ...ledger]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/state +entities +time +strategy +model$/);
    expect(lines.slice(1, 4).map((line) => line.split(" ")[0])).toEqual(runs.toReversed());
    expect(lines.at(-1)).toMatch(/^time of an entity, run after run {2}[▁-█]{3} {2}/);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  it("[LE15] a run that was killed is shown as interrupted", async () => {
    const place = storesPlace({ stores: 200, ms: 20 });
    const running = place.start([...overStores, "--strategy", "sequential", "--chunk", "1", ...ledger]);
    await running.output(/"succeeded":[1-9]/);
    await running.end("SIGKILL");
    const at = Date.now();
    // Nobody holds it any more once the lease of half a minute is over; the ledger's clock is moved instead.
    const { DatabaseSync } = await import("node:sqlite");
    const file = new DatabaseSync(place.path("l.sqlite"));
    file.prepare("UPDATE runs SET owner_until_ms = ?").run(at - 1);
    file.close();
    expect(place.json(["runs", ...ledger, "--json"])).toMatchObject([{ state: "interrupted" }]);
  });

  it("[LE16] show tells counts, times, workers, prediction and cost", () => {
    const { place, runs } = withHistory();
    const last = place.json(["runs", "show", ...ledger, "--json"]) as Run;
    expect(last).toMatchObject({ run: runs[2], counts: { failed: 2 }, failureShare: 2 / 12 });
    const first = place.json(["runs", "show", runs[0] as string, ...ledger, "--json"]);
    expect(first).toMatchObject({
      run: runs[0],
      durationMs: { count: 12 },
      cost: expect.any(Number),
      predictedMs: expect.any(Number),
      utilisation: expect.any(Number),
    });
    const { stdout } = place.reckon(["runs", "show", runs[1] as string, ...ledger]);
    for (const part of [
      /^stores over store · /,
      /entities +12: 12 succeeded/,
      /strategy +threads 2/,
      /predicted/,
    ])
      expect(stdout).toMatch(part);
    for (const name of ["p50", "p95", "p99", "max"])
      expect(stdout).toMatch(new RegExp(`\n  ${name} +\\S+ [mµ]?s`));
    expect(stdout).toMatch(/chunks +entities +CPU +memory/);
    const missing = place.reckon(["runs", "show", `${(runs[1] as string).slice(0, -1)}x`, ...ledger]);
    expect([missing.code, missing.stdout]).toEqual([2, ""]);
    expect(missing.stderr).toContain("did you mean");
  });

  it("[CL82] a ledger without runs and no ledger are told apart", () => {
    const place = storesPlace();
    expect(place.reckon([...overStores, "--plan", ...ledger]).code).toBe(0);
    const said = (...args: string[]) => {
      const { code, stdout, stderr } = place.reckon(["runs", ...args, ...ledger]);
      return [code, stdout, stderr];
    };
    const none = "reckon: no runs yet; `reckon batch` makes the first\n";
    for (const action of ["list", "compare", "failures"]) expect(said(action)).toEqual([0, "", none]);
    for (const action of ["show", "export"]) expect(said(action)).toEqual([2, "", none]);
    expect(place.reckon(["runs", "--ledger", "no.sqlite"])).toMatchObject({
      code: 2,
      stderr: "reckon: there is no ledger no.sqlite; `reckon batch … --ledger no.sqlite` makes one\n",
    });
    expect(existsSync(place.path("no.sqlite"))).toBe(false);
  });

  it("[CL82] a model is found by its name and its file, and one that has no runs is told", () => {
    const place = storesPlace();
    expect(place.reckon([...overStores, ...ledger]).code).toBe(0);
    expect(place.reckon(["runs", "--model", "stors", ...ledger]).stderr).toBe(
      "reckon: there is no run of the model stors; did you mean stores?\n",
    );
    expect(place.reckon(["runs", "failures", "--model", "stores.reckon", ...ledger]).stderr).toBe(
      "reckon: nothing has failed\n",
    );
    expect(place.json(["runs", "--model", "stores.reckon", ...ledger, "--json"])).toHaveLength(1);
  });

  it("[LE17] compare does not mix models, and takes the newest runs with --limit", () => {
    const { place } = withHistory();
    place.write("more/stores.reckon", readFileSync(place.path("stores.reckon"), "utf8"));
    for (const name of ["calls.js", "stores.csv"])
      place.write(`more/${name}`, readFileSync(place.path(name), "utf8"));
    const args = ["--strategy", "sequential", "--ledger", "../l.sqlite"];
    expect(place.reckon([...overStores, ...args], { cwd: place.path("more") }).code).toBe(0);
    const { strategies } = place.json(["runs", "compare", ...ledger, "--json"]) as {
      strategies: { modelPath: string; strategy: string; speedUp?: number }[];
    };
    expect(strategies.map(({ modelPath, strategy }) => [modelPath, strategy])).toEqual([
      [place.path("more/stores.reckon"), "sequential"],
      [place.path("stores.reckon"), "sequential"],
      [place.path("stores.reckon"), "threads"],
    ]);
    expect(strategies.slice(0, 2).map(({ speedUp }) => speedUp)).toEqual([
      expect.closeTo(1, 9),
      expect.closeTo(1, 9),
    ]);
    const { stdout } = place.reckon(["runs", "compare", ...ledger], { env: { COLUMNS: "200" } });
    expect(stdout).toContain(`\nstores over store (${place.path("more/stores.reckon")})\n`);
    expect(place.reckon(["runs", ...ledger]).stdout).not.toContain("time of an entity");
    const newest = place.json(["runs", "compare", ...ledger, "--limit", "1", "--json"]) as {
      strategies: object[];
    };
    expect(newest.strategies).toMatchObject([{ modelPath: place.path("more/stores.reckon"), runs: 1 }]);
  });

  it("[LE17] compare tells strategies, and draws their runs", () => {
    const { place } = withHistory();
    const { strategies } = place.json(["runs", "compare", ...ledger, "--json"]) as {
      strategies: { strategy: string; runs: number; speedUp?: number }[];
    };
    expect(strategies.map(({ strategy, runs }) => [strategy, runs])).toEqual([
      ["sequential", 2],
      ["threads", 1],
    ]);
    expect(strategies[0]?.speedUp).toBeCloseTo(1, 9);
    const { stdout } = place.reckon(["runs", "compare", ...ledger]);
    expect(stdout).toMatch(/\nstores over store\n {2}sequential 1 +2 .*/);
    expect(stdout).toMatch(
      /time of an entity, run after run\nstores over store\n {2}sequential 1 {2}[▁-█]{2} {2}/,
    );
  });

  it("[LE18] failures names what fails, how often, and the latest message", () => {
    const { place } = withHistory();
    const rows = place.json(["runs", "failures", ...ledger, "--json"]) as { key: string; failures: number }[];
    expect(rows.toSorted((a, b) => (a.key < b.key ? -1 : 1))).toMatchObject([
      { key: "s3", failures: 1, runs: 1 },
      { key: "s4", failures: 1, runs: 1 },
    ]);
    const { stdout } = place.reckon(["runs", "failures", ...ledger]);
    expect(stdout).toMatch(
      /(?:^|\n)s3 {2}1 time in 1 run {2}█+\n {2}\S+ in sales\.double, \S+ \S+ UTC: .*s3 is broken/,
    );
  });

  it.each([
    ["stores.csv", "a model with runs in this ledger reads this file"],
    ["./link.csv", "a model with runs in this ledger reads this file"],
    ["l.csv", "this file is the ledger"],
    ["folder.json", "it is a folder"],
    ["folder.csv", "it is a folder"],
    ["no/x.json", "there is no folder no"],
  ])("[CL86] export to %s is refused", (out, message) => {
    const place = storesPlace();
    symlinkSync("stores.csv", place.path("link.csv"));
    for (const name of ["folder.json", "folder.csv"]) mkdirSync(place.path(name));
    expect(place.reckon([...overStores, "--ledger", "l.csv"]).code).toBe(0);
    const before = readFileSync(place.path("l.csv"));
    for (const what of ["values", "runs"]) {
      const args = ["runs", "export", "--ledger", "l.csv", "--what", what, "--out", out];
      const { code, stdout, stderr } = place.reckon(args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(message);
    }
    expect(readFileSync(place.path("stores.csv"), "utf8")).toBe(storesCsv(12));
    expect(readFileSync(place.path("l.csv")).equals(before)).toBe(true);
  });

  it("[LE19] export writes values, entities, attempts and runs in each form", async () => {
    const { place, runs } = withHistory();
    const first = runs[0] as string;
    const csv = place
      .reckon(["runs", "export", first, ...ledger])
      .stdout.trimEnd()
      .split("\n");
    expect(csv.slice(0, 2)).toEqual([
      "store,sales.name,sales.double,sales.share,state,error",
      "s1,s1,2,0.6666666666666666,succeeded,",
    ]);
    expect(csv).toHaveLength(13);
    const values = place.json(["runs", "export", first, ...ledger, "--json"]) as Record<string, unknown>[];
    expect(values[2]).toMatchObject({ store: "s3", "sales.double": 6, "sales.share": 2, state: "succeeded" });
    for (const name of ["v.parquet", "v.jsonl", "v.json"]) {
      const written = place.reckon(["runs", "export", first, ...ledger, "--out", name]);
      expect([written.code, written.stdout]).toEqual([0, ""]);
      const rows = await openRows(place.path(name));
      if ("problem" in rows) throw new Error(rows.problem);
      let count = 0;
      for await (const block of rows.blocks()) count += block.rows;
      await rows.close();
      expect([name, count]).toEqual([name, 12]);
    }
    const entities = place.json(["runs", "export", ...ledger, "--what", "entities", "--json"]) as unknown[];
    expect(entities[3]).toMatchObject({ store: "s4", state: "failed", attempts: 1 });
    const attempts = place.json(["runs", "export", ...ledger, "--what", "attempts", "--json"]) as unknown[];
    expect(attempts).toMatchObject([
      { store: "s3", attempt: 1, outcome: "failed" },
      { store: "s4", attempt: 1, outcome: "failed" },
    ]);
    expect(place.json(["runs", "export", ...ledger, "--what", "runs", "--json"])).toHaveLength(3);
  });

  it("[LE19] JSON is whole whatever stands in a text, and in its place when it is complete", () => {
    const place = storesPlace();
    place.write("stores.csv", "id,size\na\u2028b\u2029c,1\n");
    expect(place.reckon([...overStores, ...ledger]).code).toBe(0);
    const [row] = place.json(["runs", "export", ...ledger, "--json"]) as { store: string }[];
    expect(row?.store).toBe("a\u2028b\u2029c");
    symlinkSync("behind.json", place.path("o.json"));
    expect(place.reckon(["runs", "export", ...ledger, "--out", "o.json"]).code).toBe(0);
    expect(lstatSync(place.path("o.json")).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(place.path("o.json"), "utf8"))).toMatchObject([
      { store: "a\u2028b\u2029c" },
    ]);
    expect(existsSync(place.path("behind.json.part"))).toBe(false);
  });

  it("[LE21] without --ledger nothing but the default file is written; off keeps nothing", () => {
    const place = storesPlace();
    expect(place.reckon(overStores).code).toBe(0);
    const file = place.path(".data/reckon/ledger.sqlite");
    expect(existsSync(file)).toBe(true);
    const before = readFileSync(file);
    const off = place.reckon([...overStores, "--ledger", "off"]);
    expect([off.code, summaryOf(off.stdout).succeeded]).toEqual([0, 12]);
    expect(off.stderr).toContain("the run cannot be resumed");
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(place.json(["runs", "--json"])).toHaveLength(1);
  });

  it("[CL82] forget removes runs, and says what it keeps", () => {
    const { place, runs } = withHistory();
    const { code, stdout } = place.reckon(["runs", "forget", runs[0] as string, "--yes", ...ledger]);
    expect([code, stdout]).toEqual([0, "forgot 1 run\n"]);
    expect(place.json(["runs", ...ledger, "--json"])).toHaveLength(2);
    expect(place.json(["runs", "forget", "--before", "0", "--yes", ...ledger, "--json"])).toMatchObject({
      kept: [],
    });
    expect(place.json(["runs", ...ledger, "--json"])).toEqual([]);
  });

  it.each([
    ["runs shw", "did you mean show?"],
    ["runs list --what runs", "--what goes with runs export"],
    ["runs show a b", "takes one run, and got b"],
    ["runs --since yesterday", "--since yesterday: write a day"],
    ["runs --ledger off", "there is nothing to look at"],
    ["runs --ledger nothing.sqlite", "there is no ledger nothing.sqlite"],
    ["runs export --out a.xls", "--out a.xls: the file's ending says"],
    ["runs forget", "which runs?"],
    ["runs show", "no runs yet"],
  ])("[CL82] %s", (line, message) => {
    const { code, stdout, stderr } = storesPlace().reckon(line.split(" "));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it("[LE23] [LE24] a folder is no ledger, none is made for one, and what cannot be written is read", () => {
    const place = storesPlace();
    const refused = (ledgerPlace: string): string => {
      const { code, stderr } = place.reckon([...overStores, "--ledger", ledgerPlace]);
      return `${code} ${stderr}`;
    };
    expect(refused("no/l.sqlite")).toContain("cannot write no/l.sqlite: there is no folder no");
    expect(existsSync(place.path("no"))).toBe(false);
    expect(refused(".")).toContain(". is a folder; name a file, for example ledger.sqlite");
    place.reckon([...overStores, "--ledger", "still.sqlite"]);
    symlinkSync(place.path("no/shm"), place.path("still.sqlite-shm"));
    expect(place.json(["runs", "--ledger", "still.sqlite", "--json"])).toHaveLength(1);
  });

  it("[CL82] makes no ledger where there is none", () => {
    const place = storesPlace();
    const { code, stderr } = place.reckon(["runs"]);
    expect([code, stderr]).toEqual([0, "reckon: no runs yet; `reckon batch` makes the first\n"]);
    expect(existsSync(place.path(".data"))).toBe(false);
  });
});
