/**
 * The name of the queue: `<name>-<protocol>-<engine>-<v8>`, `reckon-1-e0_1-v13_6`. Whoever could compute other bits, or could
 * not read the jobs, has another name and so never sees them.
 */
import { BatchError } from "@reckon/batch";
import { engineVersion } from "@reckon/engine";
import { protocolVersion } from "./manifest.ts";

/** What decides which bits are computed, of this process. */
export interface ComputingVersions {
  readonly protocol: number;
  readonly engine: string;
  readonly v8: string;
}

export const defaultName = "reckon";

/** Also a key prefix on Redis and a schema on PostgreSQL. */
const nameForm = /^[a-z][a-z0-9_]{0,39}$/;

export function checkName(name: string): string {
  if (nameForm.test(name)) return name;
  throw new BatchError(
    "misuse",
    `a queue's name is made of a to z, 0 to 9 and _, begins with a letter and has at most 40 of them, not "${name}"`,
  );
}

export function computingVersions(): ComputingVersions {
  return {
    protocol: protocolVersion,
    engine: compatiblePart(engineVersion),
    v8: firstNumbers(process.versions.v8, 2),
  };
}

/** The major version; for 0.x the minor one as well. */
export function compatiblePart(version: string): string {
  return version.startsWith("0.") ? firstNumbers(version, 2) : firstNumbers(version, 1);
}

export function queueName(name: string, { protocol, engine, v8 }: ComputingVersions): string {
  return `${checkName(name)}-${protocol}-e${engine.replaceAll(".", "_")}-v${v8.replaceAll(".", "_")}`;
}

function firstNumbers(version: string, count: number): string {
  return version.split(".").slice(0, count).join(".");
}
