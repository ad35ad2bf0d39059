/** Opens the ledger for commands that look at it: where none is there, none is made. */
import { existsSync } from "node:fs";
import { BatchError, type Ledger, openLedger, systemClock } from "@reckon/batch";
import { type ExitCode, exitFailure } from "./exit-code.ts";
import { fileOfLedger, ledgerAt } from "./ledger-place.ts";
import type { Output } from "./output.ts";

/**
 * Does something with the ledger, which is closed behind it. Where no ledger is at the default place `absent` says what comes of it; one
 * that was named and is not there is a failure.
 */
export async function withLedgerLook(
  place: string | undefined,
  output: Output,
  look: (ledger: Ledger) => Promise<ExitCode>,
  absent: () => ExitCode,
): Promise<ExitCode> {
  const file = fileOfLedger(place);
  if (file !== undefined && !existsSync(file)) {
    if (place === undefined) return absent();
    output.message(`reckon: there is no ledger ${file}; \`reckon batch … --ledger ${file}\` makes one`);
    return exitFailure;
  }
  let ledger: Ledger | undefined;
  try {
    ledger = await openedToLook(place, file);
    return await look(ledger);
  } catch (cause) {
    if (!(cause instanceof BatchError)) throw cause;
    output.message(`reckon: ${cause.message}`);
    return exitFailure;
  } finally {
    await ledger?.close();
  }
}

/** One that may not be written is read as it is. */
async function openedToLook(place: string | undefined, file: string | undefined): Promise<Ledger> {
  try {
    return await ledgerAt(place, systemClock);
  } catch (cause) {
    if (file === undefined || !(cause instanceof BatchError) || cause.code !== "ledger") throw cause;
    try {
      return await openLedger(file, { clock: systemClock, isReadOnly: true });
    } catch {
      // What keeps it from being written tells more.
      throw cause;
    }
  }
}
