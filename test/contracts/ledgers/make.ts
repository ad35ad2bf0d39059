/**
 * Makes the ledger of a version for `ledger-versions.test.ts`, with the program as it is: run once when a version is done, and
 * commit the file. Version 0 is one that was begun and has no step yet.
 *
 *   npm run ledger-version -w @reckon/test 1
 */
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { openLedger } from "@reckon/batch";
import { fillLedger } from "../fill-ledger.ts";
import { day } from "../ledger-samples.ts";

const version = process.argv[2] ?? "";
const path = fileURLToPath(new URL(`version-${version}.sqlite`, import.meta.url));
rmSync(path, { force: true });
if (version === "0") {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA application_id = ${0x52434b4c};
    CREATE TABLE ledger_versions (version INTEGER PRIMARY KEY, applied_at_ms BIGINT NOT NULL)`);
  database.close();
} else {
  const ledger = await openLedger(path, { clock: { date: () => day } });
  await fillLedger(ledger);
  await ledger.close();
}
