/** One suite for all ledgers: a SQLite file, SQLite in memory, PostgreSQL, and the double for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryLedger, createSimulatedClock, type Ledger, openLedger } from "@reckon/batch";
import { describe, expect, it } from "vitest";
import { ledgerContract } from "./ledger-contract.ts";
import type { LedgerUnderTest } from "./ledger-under-test.ts";
import { missingFor, startPostgres, statement, type TestServer } from "./servers.ts";

const missing = missingFor("postgres");

/** Opens one after another, and closes the last one before the next. */
function opener(place: () => Promise<string>): {
  open: () => Promise<LedgerUnderTest>;
  close: () => Promise<void>;
} {
  let last: Ledger | undefined;
  const close = async (): Promise<void> => {
    await last?.close();
    last = undefined;
  };
  return {
    open: async () => {
      await close();
      const clock = { ms: 0 };
      last = await openLedger(await place(), { clock: { date: () => clock.ms } });
      return { ledger: last, clock };
    },
    close,
  };
}

describe("[LE1] [LE4] [LE5] [LE6] [LE7] [LE12] [LE13] [LE14] [LE15] [LE16] [LE17] [LE18] [LE22] [LE25] [LE28] [LE29] ledgers", () => {
  const folder = mkdtempSync(join(tmpdir(), "reckon-ledger-"));
  let files = 0;
  const file = opener(async () => join(folder, `ledger-${++files}.sqlite`));
  ledgerContract("in a SQLite file", {
    open: file.open,
    end: async () => {
      await file.close();
      rmSync(folder, { recursive: true, force: true });
    },
  });

  const memory = opener(async () => "memory");
  ledgerContract("in SQLite without a file", { open: memory.open, end: memory.close });

  ledgerContract("in memory", {
    open: async () => {
      const clock = { ms: 0 };
      return {
        ledger: createMemoryLedger({ clock: { ...createSimulatedClock(), date: () => clock.ms } }),
        clock,
      };
    },
    end: () => Promise.resolve(),
  });

  it("have a PostgreSQL on a build server", () => {
    if (process.env.CI === "true") expect(missing).toBeUndefined();
  });

  // Skipped where the server is not installed; .ci/run installs it.
  describe.skipIf(missing !== undefined)("on a server", () => {
    let server: TestServer | undefined;
    const postgres = opener(async () => {
      server ??= await startPostgres();
      statement(server, "SET client_min_messages TO warning; DROP SCHEMA IF EXISTS reckon CASCADE");
      return server.url;
    });
    ledgerContract("in PostgreSQL", {
      open: postgres.open,
      end: async () => {
        await postgres.close();
        await server?.end();
      },
    });
  });
});
