import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openRows } from "@reckon/tables";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { calls, jsonLines, overStores, storesCsv, storesPlace, summaryOf } from "./batch-place.ts";
import { Place, type Running, root } from "./command-line.ts";

const schema = JSON.parse(readFileSync(join(root, "docs/spec/batch.schema.json"), "utf8")) as object;
const isLine = new Ajv().compile(schema);

const overPlayers = ["batch", "points.reckon", "--over", "player", "--allow-modules"];

describe("a batch", () => {
  it("[CL79] [BA44] prints plan and summary, and says what is left out", () => {
    const place = Place.ofExample("points");
    const { code, stdout, stderr } = place.reckon([...overPlayers, "--text"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^sample: \d+ of 200 entities in /);
    expect(stdout).toMatch(/\nchoice: \w+/);
    expect(stdout).toMatch(/\npoints\.reckon over player · succeeded · \d{8}T\d{6}-[0-9a-f]{6}\n/);
    expect(stdout).toMatch(/\n {2}entities {2}200: 200 succeeded\n/);
    expect(stdout).toMatch(/\n {2}time {6}\S+ m?s, predicted \S+ m?s\n/);
    expect(stdout).toMatch(/\n {2}values {4}reckon runs export /);
    expect(stderr).toContain(
      "reckon: `round.total` is left out: it reads more of `player` than the current one",
    );
    const shown = place.json(["runs", "show", "--json"]) as { predictedMs: number; wallMs: number };
    expect(shown.predictedMs).toBeGreaterThan(0);
    expect(shown.wallMs).toBeGreaterThan(0);
  });

  it("[CL79] --plan predicts and records nothing", () => {
    const place = storesPlace();
    const { code, stdout } = place.reckon([...overStores, "--plan", "--text"]);
    expect([code, stdout.startsWith("sample: ")]).toEqual([0, true]);
    expect(place.reckon(["runs"]).stderr).toBe("reckon: no runs yet; `reckon batch` makes the first\n");
  });

  it("[CL79] --plan counts --out and writes nothing, and names what it does not count", () => {
    const place = storesPlace({ stores: 40 });
    place.write("broken.txt", "s1\n");
    const ledger = ["--ledger", "l.sqlite"];
    const halted = place.reckon([...overStores, ...ledger, "--retries", "0", "--halt", "soon,fail=1"]);
    expect(halted.code).toBe(5);
    const more = ["--plan", "--out", "o.csv", "--verify", "5", "--delay", "1h"];
    const { code, stdout, stderr } = place.reckon([...overStores, ...ledger, ...more]);
    expect([code, jsonLines(stdout).at(-1)?.event]).toEqual([0, "planned"]);
    expect(stderr).toContain("reckon: the plan does not count --verify, --delay\n");
    const { run, entities } = summaryOf(halted.stdout);
    expect(stderr).toContain(`reckon: run ${run} is not finished, ${entities} entities have ended in it: `);
    expect(readdirSync(place.folder).filter((name) => name.startsWith("o.csv"))).toEqual([]);
    expect(place.json(["runs", ...ledger, "--json"])).toHaveLength(1);
  });

  it("[BA20] [CL79] a priority that is no number is told with its line", () => {
    const place = storesPlace();
    place.write("rows.csv", "id,size,soon\ns1,1,2\ns2,2,high\ns3,3,1\n");
    const { code, stdout, stderr } = place.reckon([
      ...overStores,
      "--rows",
      "rows.csv",
      "--priority",
      "soon",
    ]);
    const message = 'rows.csv:3: the priority in `soon` is the text "high", no number: such rows come last';
    expect([code, stderr]).toEqual([0, `reckon: ${message}\n`]);
    expect(jsonLines(stdout)).toContainEqual({ event: "notice", message });
  });

  it("[BA57] [CL81] in a pipe events are JSON lines, and the summary is the last", () => {
    const { code, stdout } = storesPlace().reckon(overStores);
    expect(code).toBe(0);
    const lines = jsonLines(stdout);
    for (const line of lines) expect(isLine(line), JSON.stringify([line, isLine.errors])).toBe(true);
    expect(lines.map(({ event }) => event)).toEqual(expect.arrayContaining(["planned", "began"]));
    expect(lines.at(-1)).toMatchObject({
      state: "succeeded",
      entities: 12,
      succeeded: 12,
      failed: 0,
      skipped: 0,
      deduplicated: 0,
    });
  });

  it("threads have what computes chunks from one file, and get the same from it", () => {
    const place = storesPlace();
    place.write(
      "calls.js",
      'export function work(id, size) {\n  const { stack } = new Error();\n  return stack.includes("/batch/dist/thread/") ? -size : size;\n}\n',
    );
    const run = (strategy: string) =>
      place.reckon([...overStores, "--no-resume", "--strategy", strategy, "--out", `${strategy}.csv`]).code;
    expect([run("threads"), run("sequential")]).toEqual([0, 0]);
    const rows = (name: string) => readFileSync(place.path(name), "utf8").trimEnd().split("\n").slice(1);
    // The sample as well: nothing of a model's runs beside the conductor where threads were asked for.
    const signs = rows("threads.csv").map((row) => Math.sign(Number(row.split(",")[2])));
    expect(signs).toEqual(Array.from({ length: 12 }, () => -1));
    expect(rows("sequential.csv").map((row) => row.replace("-", ""))).toEqual(
      rows("threads.csv").map((row) => row.replaceAll("-", "")),
    );
  });

  it("writes the values in three forms, the same ones whatever the strategy", async () => {
    const place = storesPlace();
    const run = (...more: string[]) => place.reckon([...overStores, "--no-resume", ...more]).code;
    expect(run("--strategy", "sequential", "--out", "a.csv")).toBe(0);
    expect(run("--strategy", "threads", "--threads", "2", "--chunk", "2", "--out", "b.csv")).toBe(0);
    expect(run("--strategy", "inside", "--chunk", "5", "--out", "c.csv")).toBe(0);
    const text = readFileSync(place.path("a.csv"), "utf8");
    expect(text.split("\n").slice(0, 2)).toEqual([
      "store,sales.name,sales.double,sales.share,state,error",
      "s1,s1,2,0.6666666666666666,succeeded,",
    ]);
    for (const name of ["b.csv", "c.csv"]) expect(readFileSync(place.path(name), "utf8")).toBe(text);
    for (const name of ["d.jsonl", "e.parquet"]) {
      expect(run("--out", name)).toBe(0);
      const rows = await openRows(place.path(name));
      if ("problem" in rows) throw new Error(rows.problem);
      const doubles: unknown[] = [];
      for await (const { columns } of rows.blocks())
        doubles.push(...(columns.find((each) => each.name === "sales.double")?.values ?? []));
      await rows.close();
      expect(doubles).toEqual(Array.from({ length: 12 }, (_, i) => 2 * (i + 1)));
    }
  });
});

describe("runs that go wrong", () => {
  it("[BA58] failed and invalid entities are 3, and the others are there", () => {
    const place = storesPlace();
    place.write("broken.txt", "s3\ns4\n");
    place.write(
      "stores.csv",
      storesCsv(12, (i) => (i === 5 ? 5000 : i)),
    );
    const { code, stdout, stderr } = place.reckon([...overStores, "--retries", "0", "--out", "o.csv"]);
    expect(code).toBe(3);
    expect(summaryOf(stdout)).toMatchObject({ succeeded: 9, failed: 2, invalid: 1, state: "failed" });
    expect(readFileSync(place.path("o.csv"), "utf8")).toMatch(/\ns3,.*,failed,.*s3 is broken/);
    expect(stderr).toMatch(
      /reckon: s5 does not fit the model: stores\.csv:6: .*5000; it must be between 0 and 1000/,
    );
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it("[BA13] [LE18] a row that does not fit is told with its file and line, whatever rows before it are none", () => {
    const place = storesPlace();
    place.write("stores.csv", "id,size\ns1,1\n,2\ns1,3\ns4,4\ns5,many\n");
    const message = 'stores.csv:6: `sales.size[s5]` is the text "many"; it must be a number';
    const { code, stderr } = place.reckon([...overStores, "--out", "o.csv"]);
    expect([code, stderr]).toEqual([
      3,
      expect.stringContaining(`reckon: s5 does not fit the model: ${message}\n`),
    ]);
    expect(readFileSync(place.path("o.csv"), "utf8")).toContain(
      `s5,,,,invalid,"${message.replaceAll('"', '""')}"\n`,
    );
    expect(place.reckon(["runs", "failures"]).stderr).toBe(
      `reckon: nothing has failed\nreckon: s5 does not fit the model: ${message}\n`,
    );
    expect(place.reckon(["check", "stores.reckon"]).stderr).toContain(message);
  });

  it("[CL79] rows that are no entities are told with their lines", () => {
    const place = storesPlace();
    place.write("stores.csv", "id,size\ns1,1\ns1,2\n,3\ns4,4\n");
    const { code, stdout, stderr } = place.reckon(overStores);
    expect([code, summaryOf(stdout)]).toMatchObject([0, { entities: 2, succeeded: 2 }]);
    expect(jsonLines(stdout)).toContainEqual({
      event: "notice",
      message: expect.stringContaining("stores.csv:4"),
    });
    expect(place.json(["runs", "show", "--json"])).toMatchObject({ rowProblems: 2 });
    expect(place.reckon(["runs", "show"]).stdout).toMatch(/\n {2}rows +2 are no entities\n/);
    expect(stderr).toMatch(/stores\.csv:3: .*\n(?:.*\n)*.*stores\.csv:4: /);
  });

  it("[CL79] what a module says steers no terminal", () => {
    const place = storesPlace();
    place.write("calls.js", 'export function work() { throw new Error("a\\u001b[31mred"); }\n');
    const { stderr } = place.reckon([...overStores, "--retries", "0"]);
    expect(stderr).toContain("a\\x1b[31mred");
    const { stdout } = place.reckon(["runs", "failures"]);
    expect(stdout).toContain("a\\x1b[31mred");
    expect(stdout + stderr).not.toContain("\u001b");
  });

  it("[BA58] a run that is halted is 5, and goes on where the cause is gone", () => {
    const place = storesPlace({ stores: 40 });
    place.write("broken.txt", "s1\ns2\ns3\n");
    const args = [...overStores, "--retries", "0", "--chunk", "1", "--strategy", "sequential"];
    const halted = place.reckon([...args, "--halt", "soon,fail=2"]);
    expect(halted.code).toBe(5);
    const before = summaryOf(halted.stdout) as { state: string; failed: number; succeeded: number };
    expect(before.state).toBe("halted");
    expect(before.succeeded).toBeLessThan(38);
    place.write("broken.txt", "");
    const resumed = place.reckon(args);
    expect(summaryOf(resumed.stdout)).toMatchObject({ entities: 40, failed: before.failed });
    expect(resumed.code).toBe(3);
    expect(new Set(calls(place)).size).toBe(40);
    expect(calls(place)).toHaveLength(40);
    const again = place.reckon([...args, "--retry-failed"]);
    expect([again.code, summaryOf(again.stdout).failed]).toEqual([0, 0]);
    expect(calls(place)).toHaveLength(40 + before.failed);
  });

  it("[BA58] a value that is another when computed again is 4, and named", () => {
    const place = storesPlace();
    expect(place.reckon([...overStores, "--ledger", "l.sqlite"]).code).toBe(0);
    falsify(place.path("l.sqlite"));
    const { code, stdout, stderr } = place.reckon([
      ...[...overStores, "--ledger", "l.sqlite", "--skip-unchanged", "--verify", "100%"],
    ]);
    expect(stderr).toMatch(
      /reckon: s\d+: sales\.share is \S+ in the ledger \(by .*\) and \S+ when computed again/,
    );
    expect(code).toBe(4);
    expect(summaryOf(stdout)).toMatchObject({ skipped: 12 });
  });

  it("[BA58] a check that fails for an entity is 1", () => {
    const place = storesPlace();
    place.write(
      "stores.reckon",
      `${readFileSync(place.path("stores.reckon"), "utf8")}\ncheck sales.double < 20  "small"\n`,
    );
    const { code, stdout } = place.reckon(overStores);
    expect([code, summaryOf(stdout).checksFailed]).toEqual([1, 3]);
  });
});

/** Changes a bit of the last value of each block. */
function falsify(path: string): void {
  const ledger = new DatabaseSync(path);
  const chunks = ledger.prepare("SELECT chunk_id, block FROM chunks WHERE block IS NOT NULL").all();
  for (const { chunk_id: id, block } of chunks) {
    const bytes = Uint8Array.from(block as Uint8Array);
    bytes[bytes.length - 8] = (bytes[bytes.length - 8] as number) ^ 1;
    ledger.prepare("UPDATE chunks SET block = ? WHERE chunk_id = ?").run(bytes, id as number);
  }
  ledger.close();
}

const oneByOne = ["--strategy", "sequential", "--chunk", "1"];

/** Stops a process between two of its writes, and lets its lease run out by the ledger's clock. */
function stopBeyondLease(place: Place, { pid }: Running): void {
  for (let tries = 1; ; tries++) {
    process.kill(pid, "SIGSTOP");
    const file = new DatabaseSync(place.path("l.sqlite"));
    try {
      file.prepare("UPDATE runs SET owner_until_ms = ?").run(Date.now() - 1);
      return;
    } catch (error) {
      // It was stopped in the middle of one.
      if (tries === 20) throw error;
      process.kill(pid, "SIGCONT");
    } finally {
      file.close();
    }
  }
}

it("[BA23] entities that read the same are computed once, and the files are the same either way", () => {
  const kinds = 5;
  const rows = Array.from({ length: 40 }, (_, i) => `s${i + 1},${(i * 7) % kinds}\n`).join("");
  const model = readFileSync(storesPlace().path("stores.reckon"), "utf8")
    .replaceAll("  name   = store.id\n", "")
    .replaceAll("store.id, size", '"x", size');
  const results = [[], ["--no-deduplicate"]].map((more) => {
    const place = storesPlace({ ms: 2 });
    place.write("stores.csv", `id,size\n${rows}`);
    place.write("stores.reckon", model);
    const { code, stdout } = place.reckon([...overStores, "--out", "o.csv", "--verify", "100%", ...more]);
    const { succeeded, deduplicated, verify } = summaryOf(stdout);
    expect([code, succeeded, verify]).toMatchObject([0, 40, { sampled: 40, mismatches: [] }]);
    return { bytes: readFileSync(place.path("o.csv"), "utf8"), deduplicated, calls: calls(place).length };
  });
  expect(results[0]?.bytes).toBe(results[1]?.bytes);
  // Those that are compared are computed again, each.
  expect(results.map(({ calls: made, deduplicated }) => [made - 40, deduplicated])).toEqual([
    [kinds, 40 - kinds],
    [40, 0],
  ]);
});

describe("going on", () => {
  it("a killed run goes on with what has not ended, and calls nothing again", async () => {
    const place = storesPlace({ stores: 120, ms: 20 });
    const args = [...overStores, "--strategy", "sequential", "--chunk", "1", "--out", "o.csv"];
    const first = place.start(args);
    // A second of work: the ledger has had its first record after half of one.
    await first.output(/"succeeded":(?:[5-9]\d|\d{3})/);
    await first.end("SIGKILL");
    const ended = (place.json(["runs", "export", "--what", "entities", "--json"]) as { store: string }[]).map(
      ({ store }) => store,
    );
    expect(ended.length).toBeGreaterThan(0);
    const before = calls(place).length;
    const { code, stdout } = place.reckon(args);
    expect(code).toBe(0);
    expect(summaryOf(stdout)).toMatchObject({ entities: 120, succeeded: 120 });
    const again = calls(place).slice(before);
    expect(again.filter((id) => ended.includes(id))).toEqual([]);
    expect(readFileSync(place.path("o.csv"), "utf8").trimEnd().split("\n")).toHaveLength(121);
  });

  it("[BA63] [LE25] a process that stood still for longer than its lease writes nothing more, and says who goes on", async () => {
    const place = storesPlace({ stores: 60, ms: 20 });
    const args = [...overStores, ...oneByOne, "--ledger", "l.sqlite", "--out", "o.csv"];
    const stopped = place.start(args);
    await stopped.output(/"succeeded":[1-9]/);
    stopBeyondLease(place, stopped);
    const other = place.reckon(args);
    expect([other.code, summaryOf(other.stdout).succeeded]).toEqual([0, 60]);
    const written = readFileSync(place.path("o.csv"));
    const show = () => [
      place.json(["runs", "show", "--json", "--ledger", "l.sqlite"]),
      place.json(["runs", "export", "--what", "entities", "--json", "--ledger", "l.sqlite"]),
    ];
    const kept = show();
    const { code, stderr } = await stopped.end("SIGCONT");
    expect([code, stderr]).toEqual([
      6,
      expect.stringMatching(
        /^reckon: run \S+ is not conducted from here any more: .* has taken it over .*; nothing more was written from here$/m,
      ),
    ]);
    expect(readFileSync(place.path("o.csv")).equals(written)).toBe(true);
    expect(existsSync(place.path("o.csv.part"))).toBe(false);
    expect(show()).toEqual(kept);
  });

  it("[BA63] [LE25] one that goes on while the other is at it ends as well, and disturbs nothing", async () => {
    const place = storesPlace({ stores: 100, ms: 20 });
    const args = [...overStores, ...oneByOne, "--ledger", "l.sqlite", "--out", "o.csv"];
    const stopped = place.start(args);
    await stopped.output(/"succeeded":[1-9]/);
    stopBeyondLease(place, stopped);
    const other = place.start(args);
    await other.output(/"succeeded":[1-9]/);
    expect((await stopped.end("SIGCONT")).code).toBe(6);
    const { code, stdout } = await other.wait();
    expect([code, summaryOf(stdout).succeeded]).toEqual([0, 100]);
    expect(readFileSync(place.path("o.csv"), "utf8").trimEnd().split("\n")).toHaveLength(101);
  });

  it("[BA58] Ctrl-C ends a run with 130 and says how to go on", async () => {
    const place = storesPlace({ stores: 60, ms: 20 });
    const args = [...overStores, "--strategy", "sequential", "--chunk", "1", "--out", "o.csv"];
    const running = place.start(args);
    await running.output(/"succeeded":[1-9]/);
    const { code, stdout, stderr } = await running.end("SIGINT");
    expect(code).toBe(130);
    expect(summaryOf(stdout)).toMatchObject({ state: "interrupted" });
    expect(stderr).toContain("the same command goes on with ");
    expect(existsSync(place.path("o.csv"))).toBe(false);
    const resumed = place.reckon(args);
    expect([resumed.code, summaryOf(resumed.stdout).succeeded]).toEqual([0, 60]);
    expect(calls(place)).toHaveLength(60);
  });

  it("[BA30] [BA57] what is interrupted in the sample tells no prediction, and what goes on tells both sessions", async () => {
    const place = storesPlace({ stores: 30, ms: 50 });
    const args = [...overStores, "--strategy", "sequential", "--chunk", "1"];
    const running = place.start(args);
    await running.output(/"event":"began"/);
    const { code, stdout } = await running.end("SIGINT");
    const first = summaryOf(stdout) as { readonly entities: number };
    expect([code, isLine(first)]).toEqual([130, true]);
    expect(first).toMatchObject({ strategy: null, concurrency: null, predictedMs: null, sessions: 1 });
    expect(place.reckon(["runs", "show"]).stdout).not.toMatch(/strategy|predicted/);
    const second = summaryOf(place.reckon(args).stdout) as {
      readonly actualMs: number;
      readonly sessionMs: number;
    };
    expect(isLine(second), JSON.stringify(isLine.errors)).toBe(true);
    expect(second).toMatchObject({ entities: 30, sessions: 2, sessionEntities: 30 - first.entities });
    expect(second.actualMs).toBeGreaterThan(second.sessionMs);
  });

  it("[CL87] when nobody reads the output any more the run ends as with Ctrl-C", async () => {
    const place = storesPlace({ stores: 60, ms: 20 });
    const args = [...overStores, "--strategy", "sequential", "--chunk", "1", "--out", "o.csv"];
    const running = place.start([...args, "--json"]);
    await running.output("\n");
    running.closeOutput();
    const { code, stderr } = await running.wait();
    expect([code, stderr]).toEqual([
      130,
      "reckon: nobody reads the output any more: the run ends; the same command goes on from there\n",
    ]);
    const [left] = place.json(["runs", "--json"]) as { state: string; counts: { entities: number } }[];
    expect(left).toMatchObject({ state: "interrupted" });
    expect(left?.counts.entities).toBeLessThan(60);
    expect(place.json(["runs", "show", "--json"])).not.toHaveProperty("owner");
    const resumed = place.reckon(args);
    expect([resumed.code, summaryOf(resumed.stdout).succeeded]).toEqual([0, 60]);
    expect(calls(place)).toHaveLength(60);
  });

  it("with --skip-unchanged only the row that has changed is computed", () => {
    const place = storesPlace();
    expect(place.reckon(overStores).code).toBe(0);
    place.write(
      "stores.csv",
      storesCsv(12, (i) => (i === 7 ? 70 : i)),
    );
    const { code, stdout } = place.reckon([...overStores, "--skip-unchanged", "--out", "o.csv"]);
    expect([code, summaryOf(stdout)]).toMatchObject([0, { skipped: 11, succeeded: 1 }]);
    expect(calls(place).slice(12)).toEqual(["s7"]);
    expect(readFileSync(place.path("o.csv"), "utf8")).toContain("\ns7,s7,140,");
  });
});

describe("what is refused", () => {
  it.each([
    ["--out stores.csv", "the batch reads this file"],
    ["--out ./link.csv", "the batch reads this file"],
    ["--rows other.csv --out other.csv", "the batch reads this file"],
    ["--ledger kept.csv --out kept.csv", "this file is the ledger"],
  ])("[CL86] %s", (line, message) => {
    const place = storesPlace();
    symlinkSync("stores.csv", place.path("link.csv"));
    place.write("other.csv", storesCsv(3));
    const { code, stdout, stderr } = place.reckon([...overStores, ...line.split(" ")]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(readFileSync(place.path("stores.csv"), "utf8")).toBe(storesCsv(12));
    expect(readFileSync(place.path("other.csv"), "utf8")).toBe(storesCsv(3));
    expect(calls(place)).toEqual([]);
  });

  const place = (): Place => {
    const made = storesPlace();
    made.write("short.csv", "id,foot\ns0,1\n");
    return made;
  };
  it.each([
    ["batch stores.reckon", "batch needs the axis"],
    ["batch nothing.reckon --over store", "no such file: nothing.reckon"],
    [
      "batch stores.reckon --over stor --allow-modules",
      "stores.reckon has no axis `stor`: there are `store`",
    ],
    ["batch stores.reckon --over stores.csv --allow-modules", "write --over store, which is over stores.csv"],
    ["batch stores.reckon --over store --rows rows.csv", "rows.csv"],
    [
      "batch stores.reckon --over store --rows short.csv --allow-modules",
      "short.csv: has no column `size`; it has `id`, `foot`",
    ],
    ["batch stores.reckon --over store --strategy treads", "did you mean threads?"],
    ["batch stores.reckon --over store --halt often", "--halt often: write soon,fail=5%"],
    ["batch stores.reckon --over store --timeout 5", "--timeout 5: write a time up to 24d, as in 500ms"],
    ["batch stores.reckon --over store --rate 5", "--rate 5: write entities a time"],
    ["batch stores.reckon --over store --out values.xls", "--out values.xls: the file's ending says"],
    [
      "batch stores.reckon --over store --out no/values.csv",
      "cannot write no/values.csv: there is no folder no",
    ],
    ["batch stores.reckon --over store --verify some", "--verify some: write how many"],
    ["batch stores.reckon --over store --plan --retry-failed", "--plan predicts a whole run"],
    ["batch stores.reckon --over store --strategy cluster", "needs the address of a queue"],
    ["batch stores.reckon --over store --only sales.dubble --allow-modules", "did you mean `sales.double`?"],
    ["batch stores.reckon --over store --priority weight --allow-modules", "has no column `weight`"],
    ["batch stores.reckon --over store --ledger off --retry-failed", "--ledger off remembers nothing"],
  ])("[CL80] [BA3] %s", (line, message) => {
    const { code, stdout, stderr } = place().reckon(line.split(" "));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it("[CL80] no address is repeated", () => {
    const env = { RECKON_LEDGER_URL: "mysql://u:secret@host/db" };
    const lines = [
      place().reckon([...overStores], { env }),
      place().reckon([...overStores, "--queue", "amqp://u:secret@host"]),
      place().reckon([...overStores, "--queue", "redis://u:secret@127.0.0.1:1"]),
      place().reckon([...overStores, "--ledger", "postgres://u:secret@127.0.0.1:1/db"]),
    ];
    for (const { code, stdout, stderr } of lines) {
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).not.toContain("secret");
      expect(stderr).not.toMatch(/\n {4}at /);
    }
  });
});
