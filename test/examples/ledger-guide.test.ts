/** The page about the ledger has the statements that the program uses, and shows what they give. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openLedger, statements } from "@reckon/batch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { textOf } from "../tidy/repository.ts";
import { fencedBlocks } from "./fenced-block.ts";
import { fillSmallLedger, rowsText, smallNow } from "./small-ledger.ts";

const blocks = fencedBlocks(textOf("docs/guide/ledger.md"));
const shown = blocks.flatMap((block, i) =>
  block.language === "sql" ? [{ name: block.title, sql: block.text, gives: blocks[i + 1] }] : [],
);
const parameters: Readonly<Record<string, string | number | null>> = {
  now: smallNow,
  run: "20261123T143000-b71e60",
  model: null,
  axis: null,
  since: null,
  runs: null,
  limit: 10,
  from: 0,
  key: "",
  attempt: 0,
};

describe("the statements of the guide", () => {
  const folder = mkdtempSync(join(tmpdir(), "reckon-ledger-"));
  const path = join(folder, "ledger.sqlite");
  let database: DatabaseSync;
  beforeAll(async () => {
    await fillSmallLedger(path);
    database = new DatabaseSync(path, { readOnly: true });
  });
  afterAll(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("[LE20] are those behind list, show, compare, failures and export", () => {
    const wanted = ["runList", "runDetails", "runTimes", "runWorkers", "strategyRows", "failureRows"];
    expect(shown.map(({ name }) => name)).toEqual([...wanted, "entityRows", "attemptRows"]);
  });

  it.each(shown)("[LE20] $name is what the program asks, and gives what is shown", ({ name, sql, gives }) => {
    const { sqlite } = statements[name as keyof typeof statements];
    expect(spaced(sql)).toBe(spaced(sqlite));
    const used = Object.entries(parameters).filter(([parameter]) =>
      new RegExp(`:${parameter}\\b`).test(sqlite),
    );
    const rows = database.prepare(sqlite).all(Object.fromEntries(used));
    expect(gives?.language).toBe("text");
    expect(rowsText(rows)).toBe((gives?.text ?? "").trimEnd());
  });

  it("[LE20] give what the commands tell", async () => {
    const ledger = await openLedger(path, { clock: { date: () => smallNow }, isReadOnly: true });
    const runs = await ledger.query.runs({});
    expect(runs.map(({ run }) => run)).toEqual(
      database
        .prepare("SELECT run_id FROM runs ORDER BY started_at_ms DESC")
        .all()
        .map(({ run_id }) => run_id),
    );
    await ledger.close();
  });
});

function spaced(sql: string): string {
  return sql.replaceAll(/\s+/g, " ").trim();
}
