/**
 * Where the ledger is: `--ledger`, else RECKON_LEDGER_URL, else a file of the user's data folder. An address may hold a
 * password, so it is never repeated.
 */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BatchClock, type Ledger, openLedger } from "@reckon/batch";
import { stateFolder } from "@reckon/host";
import type { Refusal } from "./model-request.ts";

/** What was typed, where it can be one; `off` where nothing is to be remembered. */
export function ledgerRequest(
  typed: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): { readonly place?: string } | Refusal {
  const isTyped = typed !== undefined;
  const place = typed ?? environment.RECKON_LEDGER_URL;
  const name = isTyped ? "--ledger" : "RECKON_LEDGER_URL";
  if (place === undefined || (!isTyped && place === "")) return {};
  if (place.trim() === "")
    return { refused: `${name} needs a file, the address of a PostgreSQL server, or off` };
  const scheme = /^([a-z][a-z+.-]+):\/\//i.exec(place)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "postgres" && scheme !== "postgresql")
    return { refused: `${name} takes files and postgres:// addresses, not ${scheme}://` };
  return { place };
}

/**
 * Opens it; the default file's folder is made. With `onNotice` a server that goes away in mid-run is waited for. Rejects with
 * `BatchError` where it cannot be opened.
 */
export async function ledgerAt(
  place: string | undefined,
  clock: BatchClock,
  onNotice?: (message: string) => void,
): Promise<Ledger> {
  if (place === "off") return openLedger("memory", { clock });
  if (place !== undefined)
    return openLedger(place, { clock, ...(onNotice === undefined ? {} : { patience: { clock, onNotice } }) });
  const file = ledgerFile();
  await mkdir(dirname(file), { recursive: true });
  return openLedger(file, { clock });
}

/** The file of the ledger at a place; absent for a server, and for none. */
export function fileOfLedger(place: string | undefined): string | undefined {
  if (place === undefined) return ledgerFile();
  return place === "off" || /^\w+:\/\//.test(place) ? undefined : place;
}

/** The file where none is named. */
function ledgerFile(): string {
  return join(stateFolder(), "ledger.sqlite");
}
