/**
 * Why a look-up found nothing: per name what was kept last, what was missed last, and what was kept before that miss.
 *
 *   miss   the key's parts (their xxh64, by name) and the environment are noted, beside what was kept last
 *   put    what is kept now
 *   why    the parts of both are compared by name; equal parts mean that the very result was there, and is gone
 *
 * The record of a name is a text in the file on disk, so another process can ask. Without a disk it lives as long as
 * the process. Cost: a hash of what was read, on a miss only; hits cost nothing.
 */
import type { MemoKey } from "@reckon/engine";
import type { MissReason, MissRecord, NotKeptReason } from "./api.ts";
import type { Environment, StoredKey } from "./content-key.ts";
import type { Hash64 } from "./hash64.ts";

const partsMax = 200;
const namesMax = 20_000;

/** What a result was made from, as hashes. */
interface Trace {
  readonly key: string;
  readonly at: number;
  readonly environment: readonly (readonly [string, string])[];
  readonly parts: readonly (readonly [string, string])[];
}

interface NameRecord {
  kept?: Trace;
  missed?: Trace;
  /** What was kept last when it was missed. */
  before?: Trace;
  because?: NotKeptReason;
  /** What `because` was when it was missed. */
  becauseBefore?: NotKeptReason;
}

/** Where records outlive the process. */
export interface NameRecords {
  readonly read: (name: string) => string | undefined;
  /** `record` is asked when it is written, or read before that. */
  readonly write: (name: string, record: () => string) => void;
  /** The names of the last `n` records that were written, the latest first. */
  readonly names: (n: number) => readonly string[];
}

export class MissLog {
  private readonly environment: Environment;
  private readonly now: () => number;
  private readonly records: NameRecords | undefined;
  private readonly byName = new Map<string, NameRecord>();

  constructor(environment: Environment, now: () => number, records: NameRecords | undefined) {
    this.environment = environment;
    this.now = now;
    this.records = records;
  }

  missed(hash: Hash64, key: MemoKey, stored: StoredKey): void {
    const record = this.recordOf(key.name);
    record.missed = this.traceOf(hash, key, stored);
    put(record, "before", record.kept);
    put(record, "becauseBefore", record.because);
    this.save(key.name, record);
  }

  kept(hash: Hash64, key: MemoKey, stored: StoredKey): void {
    const record = this.recordOf(key.name);
    record.kept = record.missed?.key === stored.text ? record.missed : this.traceOf(hash, key, stored);
    put(record, "because", undefined);
    this.save(key.name, record);
  }

  notKept(name: string, because: NotKeptReason): void {
    const record = this.recordOf(name);
    if (record.because === because) return;
    record.because = because;
    this.save(name, record);
  }

  /** `isKept`: whether the result of a key is kept now. */
  why(name: string, isKept: (key: StoredKey) => boolean): MissRecord | undefined {
    const { missed, before, because, becauseBefore } = this.recordOf(name);
    if (missed === undefined) return undefined;
    const reason = reasonOf(missed, before, because ?? becauseBefore);
    const isKeptNow = isKept({ text: missed.key, bytes: Buffer.from(missed.key, "hex") });
    return { name, at: missed.at, reason, isKeptNow, text: textOf(name, reason, isKeptNow) };
  }

  /** Up to `n` names, the latest first. */
  names(n: number): readonly string[] {
    const { records, byName } = this;
    if (records !== undefined) return records.names(n);
    const missed = [...byName].filter(([, record]) => record.missed !== undefined);
    const at = (record: NameRecord): number => record.missed?.at ?? 0;
    return missed
      .sort(([, a], [, b]) => at(b) - at(a))
      .slice(0, n)
      .map(([name]) => name);
  }

  clear(): void {
    this.byName.clear();
  }

  private recordOf(name: string): NameRecord {
    const known = this.byName.get(name);
    if (known !== undefined) return known;
    const record = parsed(this.records?.read(name));
    // Names come from models; a bound all the same.
    if (this.byName.size >= namesMax) this.byName.clear();
    this.byName.set(name, record);
    return record;
  }

  private save(name: string, record: NameRecord): void {
    // Many look-ups of one name between two batches are written once.
    this.records?.write(name, () => JSON.stringify(record));
  }

  private traceOf(hash: Hash64, key: MemoKey, stored: StoredKey): Trace {
    const { engine, v8, format, settings } = this.environment;
    const parts = key.parts
      .slice(0, partsMax)
      .map(({ name, bytes }): [string, string] => [name, hash(bytes, 0n).toString(36)]);
    if (key.parts.length > partsMax) {
      const rest = key.parts.slice(partsMax).reduce((sum, { bytes }) => hash(bytes, sum), 0n);
      parts.push([`the other ${key.parts.length - partsMax}`, rest.toString(36)]);
    }
    const environment: [string, string][] = [
      ["engine", engine],
      ["V8", v8],
      ["format", format],
      ["settings", settings],
    ];
    return { key: stored.text, at: Math.trunc(this.now()), environment, parts };
  }
}

function put<K extends keyof NameRecord>(
  record: NameRecord,
  name: K,
  value: NameRecord[K] | undefined,
): void {
  if (value === undefined) delete record[name];
  else record[name] = value as NameRecord[K];
}

/** A record that cannot be read is none: it only explains. */
function parsed(text: string | undefined): NameRecord {
  if (text === undefined) return {};
  try {
    const record: unknown = JSON.parse(text);
    return isRecord(record) ? record : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is NameRecord {
  if (typeof value !== "object" || value === null) return false;
  const { kept, missed, before, because, becauseBefore } = value as Record<keyof NameRecord, unknown>;
  const areTraces = [kept, missed, before].every((trace) => trace === undefined || isTrace(trace));
  return areTraces && [because, becauseBefore].every((reason) => reason === undefined || isReason(reason));
}

function isTrace(value: unknown): value is Trace {
  if (typeof value !== "object" || value === null) return false;
  const { key, at, environment, parts } = value as Record<keyof Trace, unknown>;
  const arePairs = [environment, parts].every((list) => Array.isArray(list) && list.every(Array.isArray));
  return typeof key === "string" && typeof at === "number" && arePairs;
}

function isReason(value: unknown): boolean {
  return typeof value === "string" && Object.hasOwn(whyNotKept, value);
}

function reasonOf(missed: Trace, before: Trace | undefined, because: NotKeptReason | undefined): MissReason {
  if (before === undefined) return { kind: "never-kept", because };
  if (before.key === missed.key) return { kind: "gone", because };
  const parts = [
    ...differing(before.environment, missed.environment),
    ...differing(before.parts, missed.parts),
  ];
  return { kind: "differs", parts };
}

/** The names under which two lists differ. A name may stand twice: its items are compared one by one. */
function differing(a: Trace["parts"], b: Trace["parts"]): string[] {
  const [first, second] = [byName(a), byName(b)];
  return [...new Set([...first.keys(), ...second.keys()])].filter(
    (name) => first.get(name) !== second.get(name),
  );
}

function byName(parts: Trace["parts"]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, hash] of parts) found.set(name, `${found.get(name) ?? ""} ${hash}`);
  return found;
}

const whyNotKept: Readonly<Record<NotKeptReason, string>> = {
  "too-cheap": "computing it takes no longer than looking it up",
  errors: "its result had errors, and errors are not kept",
  volatile: "it is volatile: it depends on more than what it reads",
  mismatch: "computed again it came out different, so it cannot be kept",
};

function textOf(name: string, reason: MissReason, isKeptNow: boolean): string {
  const end = isKeptNow ? " It has been kept since." : "";
  switch (reason.kind) {
    case "never-kept": {
      const why = reason.because === undefined ? "" : `: ${whyNotKept[reason.because]}`;
      return `Nothing of ${name} was kept before${why}.${end}`;
    }
    case "gone":
      return `The result of ${name} was kept, and is gone: ${
        reason.because === undefined ? "evicted, cleared or damaged" : whyNotKept[reason.because]
      }.${end}`;
    case "differs":
      return reason.parts.length === 0
        ? `What ${name} reads is the same in another order.${end}`
        : `When ${name} was kept last, these were others: ${listed(reason.parts)}.${end}`;
  }
}

function listed(parts: readonly string[]): string {
  const shown = parts.slice(0, 5);
  const rest = parts.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}
