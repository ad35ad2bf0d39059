/** Ledgers of every version that there was, opened by the program as it is. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { openLedger } from "@reckon/batch";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { contentsOf, fillLedger } from "./fill-ledger.ts";
import { day, recordOf, runStart } from "./ledger-samples.ts";
import { missingFor, startPostgres, statement, type TestServer } from "./servers.ts";

const clock = { date: () => day };
const ledgers = fileURLToPath(new URL("ledgers", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "reckon-ledger-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const versions = readdirSync(ledgers).flatMap((name) => /^version-(\d+)\.sqlite$/.exec(name)?.[1] ?? []);

async function freshContents(): Promise<unknown> {
  const ledger = await openLedger("memory", { clock });
  await fillLedger(ledger);
  const contents = await contentsOf(ledger);
  await ledger.close();
  return contents;
}

it("[LE2] there is a ledger of every version", () => {
  const database = new DatabaseSync(copyOf(versions.at(-1) ?? ""));
  const newest = database.prepare("SELECT max(version) AS version FROM ledger_versions").get()?.version;
  database.close();
  expect(versions.map(Number)).toEqual(Array.from({ length: Number(newest) + 1 }, (_, i) => i));
});

it.each(versions)("[LE2] one of version %s is brought to the newest with what it holds", async (version) => {
  const ledger = await openLedger(copyOf(version), { clock });
  if (version === "0") await fillLedger(ledger);
  expect(await contentsOf(ledger)).toEqual(await freshContents());
  await ledger.close();
});

function copyOf(version: string): string {
  const path = join(folder, `version-${version}-${Math.random()}.sqlite`);
  copyFileSync(join(ledgers, `version-${version}.sqlite`), path);
  return path;
}

it("[LE3] one of a later version is refused with both versions, and not written", async () => {
  const path = copyOf("1");
  const database = new DatabaseSync(path);
  database.exec("INSERT INTO ledger_versions VALUES (99, 1)");
  database.close();
  const before = readFileSync(path);
  for (const isReadOnly of [false, true])
    await expect(openLedger(path, { clock, isReadOnly })).rejects.toMatchObject({
      code: "ledger-newer",
      message: expect.stringMatching(/version 99\b.*version 2\b/) as unknown,
    });
  expect(readFileSync(path).equals(before)).toBe(true);
});

// Skipped where the server is not installed; .ci/run installs it.
describe.skipIf(missingFor("postgres") !== undefined)("in PostgreSQL", () => {
  let server: TestServer | undefined;
  afterEach(async () => server?.end());

  it("[LE9] a ledger whose server is away says so, and goes on when it is back", async () => {
    server = await startPostgres();
    const ledger = await openLedger(server.url, { clock });
    const { run } = runStart(1);
    await ledger.beginRun(runStart(1));
    await ledger.record(run, [recordOf({ of: [0] })]);
    await server.stop();
    await expect(ledger.record(run, [recordOf({ of: [1] })])).rejects.toMatchObject({ code: "ledger" });
    await server.start();
    expect(await ledger.record(run, [recordOf({ of: [0, 1] })])).toMatchObject([
      { accepted: 1, repeated: 1 },
    ]);
    await ledger.close();
  });

  it("[LE2] [LE3] a ledger is made, found again, and refused when it is of a later version", async () => {
    server = await startPostgres();
    const { url, wrongUrl } = server;
    await expect(openLedger(wrongUrl, { clock })).rejects.toMatchObject({ code: "ledger" });
    await expect(openLedger(url, { clock, isReadOnly: true })).rejects.toMatchObject({ code: "ledger" });
    statement(server, "CREATE SCHEMA reckon");
    statement(
      server,
      "CREATE TABLE reckon.ledger_versions (version integer PRIMARY KEY, applied_at_ms bigint NOT NULL)",
    );
    const ledger = await openLedger(url, { clock });
    expect(ledger.name).toMatch(/^postgres:\/\/127\.0\.0\.1:\d+\/postgres$/);
    await fillLedger(ledger);
    const expected = await freshContents();
    expect(await contentsOf(ledger)).toEqual(expected);
    await ledger.close();
    const again = await openLedger(url, { clock, isReadOnly: true });
    expect(await contentsOf(again)).toEqual(expected);
    await again.close();
    statement(server, "INSERT INTO reckon.ledger_versions VALUES (99, 1)");
    await expect(openLedger(url, { clock })).rejects.toMatchObject({
      code: "ledger-newer",
      message: expect.not.stringContaining("reckon:") as unknown,
    });
  });
});
