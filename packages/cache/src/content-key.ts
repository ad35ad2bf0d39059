/**
 * Keys by content.
 *
 * In process a result is found by the xxh64 of `memoBytes`, and the entry keeps those bytes and compares them: 64 bits
 * may collide. What outlives the process, or leaves it, is found by SHA-256, which nobody can make collide:
 *
 *   SHA-256( environment ‖ memoBytes )
 *
 * The environment is what every kept result depends on besides its key: the engine's version, V8's (its `Math.pow` has
 * differed in the last bits between versions) and what it was compiled for (with fused multiplication or without), the
 * format of the entries, and the settings. The names of the node and of
 * what it reads play no part: they are not in `memoBytes`.
 */
import { createHash } from "node:crypto";
import { engineVersion } from "@reckon/engine";
import type { PlainSettings } from "./api.ts";
import { settingsText } from "./plain-settings.ts";

/** How entries are written. It is part of their keys: another format never meets this one's. */
export const entryFormat = 1;

/** The key of an entry outside this process. */
export interface StoredKey {
  /** 64 hexadecimal digits. */
  readonly text: string;
  /** The same, 32 bytes. */
  readonly bytes: Uint8Array;
}

/** What every kept result depends on. */
export interface Environment {
  readonly engine: string;
  readonly v8: string;
  readonly format: string;
  /** SHA-256 of the settings' text. */
  readonly settings: string;
  /** The bytes in front of every key. */
  readonly prefix: Uint8Array;
}

/** What an environment is made of besides the settings; tests give others. */
export interface EnvironmentVersions {
  readonly engine: string;
  readonly v8: string;
  readonly format: string;
}

export function presentVersions(): EnvironmentVersions {
  return { engine: engineVersion, v8: `${process.versions.v8} ${process.arch}`, format: String(entryFormat) };
}

/** Throws `CacheMisuse` for settings that are not plain. */
export function environmentOf(
  settings: PlainSettings,
  versions: EnvironmentVersions = presentVersions(),
): Environment {
  const { engine, v8, format } = versions;
  const text = settingsText(settings);
  // JSON keeps the four apart, whatever they hold.
  const prefix = Buffer.from(`${JSON.stringify(["reckon", engine, v8, format, text])}\n`, "utf8");
  return { engine, v8, format, settings: createHash("sha256").update(text).digest("hex"), prefix };
}

/** Cost: SHA-256 over the key, 0.6 ms for a million bytes. */
export function storedKeyOf(environment: Environment, content: Uint8Array): StoredKey {
  const bytes = createHash("sha256").update(environment.prefix).update(content).digest();
  return { text: bytes.toString("hex"), bytes };
}
