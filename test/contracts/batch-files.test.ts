/** A batch from files of rows to a file of results, in whatever format. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type BatchEvent,
  createMemoryLedger,
  openEntities,
  prepareProgram,
  SideRows,
  seededRandom,
  startBatch,
  systemClock,
} from "@reckon/batch";
import { createRuntime } from "@reckon/host";
import { createRowSink, openRows, readTable, rowFormatOf } from "@reckon/tables";
import { errorValue, type Scalar } from "@reckon/value";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "reckon-batch-files-"));
const runtime = createRuntime({ threads: 0, cache: "off" });
afterAll(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

const place = (name: string): string => join(folder, name);
writeFileSync(
  place("side.reckon"),
  `model side
axis player = table("rows.csv", key id)
axis month = jan, feb

block game by player
  input minutes = table("rows.csv", key id, value minutes)  range 0..90
  input bonus = table("bonus.csv", key who, value bonus)
  points = minutes * 2 + bonus
  inverse = 1 / player.rate

block wide by player, month
  input games = table("games.csv", by player, month, value n)
  total = games * game.points
`,
);
writeFileSync(place("bonus.csv"), "who,bonus\nc,3\na,1\nd,4\nd,5\nb,1\nz,1\n");
const games = ["a", "b", "c", "d", "e"].flatMap((player, i) => [
  `${player},jan,${i}`,
  `${player},feb,${i + 1}`,
]);
writeFileSync(place("games.csv"), `player,month,n\n${games.join("\n")}\n`);

const columns: Readonly<Record<string, readonly Scalar[]>> = {
  id: ["a", "b", null, "c", "a", "d", "e"],
  minutes: [10, 200, 5, 30.5, 1, 40, 5],
  rate: [4, 1, 1, 0, 1, 1, errorValue("#N/A")],
  unread: ["x", "x", "x", "x", "x", "x", "x"],
};

/** The rows as a file; the path to open. */
async function rowsAs(ending: string): Promise<string> {
  const path = place(`rows.${ending}`);
  const format = rowFormatOf(path);
  if (format !== undefined) {
    const sink = await createRowSink(path, format, Object.keys(columns));
    await sink.write(Object.values(columns));
    await sink.finish();
    return path;
  }
  const database = new DatabaseSync(path);
  database.exec("create table t (id text, minutes real, rate real, unread text)");
  const insert = database.prepare("insert into t values (?, ?, ?, ?)");
  for (const i of columns.id?.keys() ?? [])
    insert.run(
      ...Object.values(columns).map((cells) => {
        const cell = cells[i] as Scalar;
        return typeof cell === "number" || typeof cell === "string" ? cell : null;
      }),
    );
  database.close();
  return `${path}#t`;
}

async function runOver(rowsPath: string, out: string, chunkEntities?: number, model = "side.reckon") {
  const rows = await openRows(rowsPath, { name: "rows" });
  if ("problem" in rows) throw new Error(rows.problem);
  const load = { model: place(model), runtime };
  const prepared = await prepareProgram({ load, axis: "player", columns: rows.columns });
  if (!("program" in prepared)) throw new Error(JSON.stringify(prepared));
  const { program } = prepared;
  const sideRows = SideRows.open(program, (path) => readTable(path, readFileSync(place(path), "utf8")));
  if ("problem" in sideRows) throw new Error(sideRows.problem);
  const source = openEntities(rows, program, { sides: sideRows });
  if ("problem" in source) throw new Error(source.problem);
  const ledger = createMemoryLedger({ clock: systemClock });
  const events: BatchEvent[] = [];
  const format = rowFormatOf(out);
  if (format === undefined) throw new Error(out);
  const batch = startBatch({
    program,
    source,
    ledger,
    sideRows,
    policy: { retry: { attemptsMax: 1, firstMs: 1, factor: 1, longestMs: 1, jitter: 0 } },
    strategy: "sequential",
    ...(chunkEntities === undefined ? {} : { chunkEntities }),
    resume: "never",
    results: { path: out, format },
    runtime,
    clock: systemClock,
    random: seededRandom(1),
    onEvent: (event) => events.push(event),
  });
  const summary = await batch.summary;
  const problems: string[] = [];
  for await (const page of ledger.query.problems(batch.run as never))
    problems.push(...page.map(({ position, message, line }) => `${position} ${message} (line ${line})`));
  const notices = events.flatMap((event) => (event.kind === "notice" ? [event.message] : []));
  return { program, summary, problems, notices, bytes: readFileSync(out) };
}

it("[BA53] a batch over a file gives its entities in order, with what is wrong with each", async () => {
  const { program, summary, problems, notices, bytes } = await runOver(await rowsAs("csv"), place("out.csv"));
  expect([...program.columns].sort()).toEqual(["minutes", "rate"]);
  expect(summary).toMatchObject({ entities: 5, succeeded: 2, invalid: 3, failed: 0 });
  expect(problems).toEqual([
    "2 rows:4: the key in `id` is blank (line 4)",
    "4 rows:6: `a` has a row already, in line 2 (line 6)",
  ]);
  expect(notices).toEqual(["bonus.csv: 1 row belongs to no entity"]);
  expect(bytes.toString().split("\n")).toEqual([
    "player,month,game.points,game.inverse,wide.total,state,error",
    "a,jan,21,0.25,0,succeeded,",
    "a,feb,21,0.25,21,succeeded,",
    'b,jan,,,,invalid,"rows:3: `game.minutes[b]` is 200; it must be between 0 and 90"',
    'b,feb,,,,invalid,"rows:3: `game.minutes[b]` is 200; it must be between 0 and 90"',
    'c,jan,64,#DIV/0!,128,succeeded,"#DIV/0!"',
    'c,feb,64,#DIV/0!,192,succeeded,"#DIV/0!"',
    "d,jan,,,,invalid,bonus.csv:5: a second row for `d`",
    "d,feb,,,,invalid,bonus.csv:5: a second row for `d`",
    "e,jan,,,,invalid,rows:8: bonus.csv has no row for `e`",
    "e,feb,,,,invalid,rows:8: bonus.csv has no row for `e`",
    "",
  ]);
});

it("[BA6] a key of a row far before is a problem with its line as well, and the results have no gap", async () => {
  const far = 12_000;
  writeFileSync(
    place("far.reckon"),
    'model far\naxis player = table("far.csv", key id)\nblock game by player\n  points = player.minutes * 2\n',
  );
  const keys = Array.from({ length: far }, (_, i) => (i === 9000 ? "p5" : `p${i}`));
  writeFileSync(place("far.csv"), `id,minutes\n${keys.map((key) => `${key},1\n`).join("")}`);
  const { summary, problems, bytes } = await runOver(
    place("far.csv"),
    place("far-out.csv"),
    undefined,
    "far.reckon",
  );
  expect(summary).toMatchObject({ entities: far - 1, succeeded: far - 1 });
  expect(problems).toEqual(['9000 The key "p5" is that of row 6 already. (line 9002)']);
  const lines = bytes.toString().trimEnd().split("\n").slice(1);
  expect(lines.map((line) => line.split(",")[0])).toEqual(keys.filter((_, i) => i !== 9000));
});

it.each(["csv", "jsonl", "parquet"])(
  "[BA56] results as %s are the same in chunks of any size",
  async (ending) => {
    const rows = await rowsAs("jsonl");
    const { bytes } = await runOver(rows, place(`out.${ending}`));
    for (const size of [1, 2, 3])
      expect((await runOver(rows, place(`out.${ending}`), size)).bytes.equals(bytes)).toBe(true);
  },
);

it.each(["jsonl", "parquet", "sqlite"])("[BA8] entities from %s are those of a CSV file", async (ending) => {
  const valuesOf = async (rows: string) => {
    const { bytes, summary } = await runOver(rows, place("values.csv"));
    const { entities, succeeded, invalid } = summary;
    return { entities, succeeded, invalid, text: bytes.toString().replaceAll(/rows:\d+/g, "rows") };
  };
  expect(await valuesOf(await rowsAs(ending))).toEqual(await valuesOf(await rowsAs("csv")));
});
