/**
 * Results on a server.
 *
 *   read    look-ups of one turn travel together (a microtask gathers them), each key once
 *   write   gathered for a moment, sent in batches, found by `read` until they are written
 *   seal    with a secret every entry carries an HMAC; what has none, or another, is a miss and is counted
 *
 * A server that does not answer in time is a miss for all who wait, is told once, and is left alone for a second, then
 * two, up to a minute; meanwhile look-ups cost nothing. One that refuses us is off. One that takes no writes is read.
 */
import type { SharedOptions, TierStats } from "./api.ts";
import { BackOff } from "./back-off.ts";
import { CacheMisuse } from "./cache-misuse.ts";
import type { StoredKey } from "./content-key.ts";
import { sealFrame, unsealFrame } from "./entry.ts";
import type { Notices } from "./notices.ts";
import type { Frames, PersistedTier, Sampled, Sizes, StoredFrame } from "./persisted-tier.ts";
import type { Connect, ServerClient, ServerLimits } from "./server-client.ts";
import { serverNotice, serverTroubleOf } from "./server-trouble.ts";
import { TierCounts } from "./tier-counts.ts";

const lookUpMsAtFirst = 1.5;
const timeoutMs = 2000;
const writeAfterMs = 10;
const batchMax = 500;
const batchBytesMax = 4 << 20;
const frameBytesMax = 64 << 20;
const pendingBytesMax = 64 << 20;
/** Look-ups that one round trip serves before it counts for more than one. */
const perRoundTrip = 16;

interface Question {
  readonly key: StoredKey;
  readonly answers: ((frame: Uint8Array | undefined) => void)[];
}

export class SharedTier implements PersistedTier {
  readonly name = "shared";
  readonly counts: TierCounts = new TierCounts(lookUpMsAtFirst);
  private readonly url: string;
  private readonly place: string;
  private readonly secret: string | undefined;
  private readonly limits: ServerLimits;
  private readonly connect: Connect;
  private readonly notices: Notices;
  private readonly backOff: BackOff;
  /** Of writing alone, when the server can be read. */
  private readonly writeBackOff: BackOff;
  private client: Promise<ServerClient> | null = null;
  private isOff = false;
  private questions = new Map<string, Question>();
  private readonly pending = new Map<string, StoredFrame>();
  private readonly sending = new Map<string, StoredFrame>();
  /** They are misses from now on, and stay so while the server does not take it. */
  private readonly removed = new Map<string, StoredKey>();
  private pendingBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | null = null;

  constructor(options: SharedOptions, connect: Connect, now: () => number, notices: Notices) {
    if (options.secret === "")
      throw new CacheMisuse("empty-secret", "an empty secret protects nothing: leave it out");
    this.url = options.url;
    const { host, protocol } = new URL(options.url);
    this.place = host === "" ? `(${protocol}…)` : host;
    this.secret = options.secret;
    this.limits = {
      connectTimeoutMs: options.connectTimeoutMs ?? timeoutMs,
      commandTimeoutMs: options.commandTimeoutMs ?? timeoutMs,
    };
    this.connect = connect;
    this.notices = notices;
    this.backOff = new BackOff(now);
    this.writeBackOff = new BackOff(now);
  }

  get state(): TierStats["state"] {
    if (this.isOff) return "off";
    return this.backOff.isWaiting || this.writeBackOff.isWaiting ? "waiting" : "on";
  }

  read(keys: readonly StoredKey[]): Frames | Promise<Frames> {
    const frames = keys.map((key) => this.unwritten(key));
    const isAsked = !(this.isOff || this.backOff.isWaiting);
    if (!isAsked || frames.every((frame) => frame !== undefined)) return frames;
    return Promise.all(keys.map((key, i) => frames[i] ?? this.ask(key)));
  }

  write(entry: StoredFrame): void {
    if (this.state !== "on" || entry.frame.length > frameBytesMax) return;
    if (this.pendingBytes + entry.frame.length > pendingBytesMax) return;
    this.counts.puts++;
    this.forget(entry.key);
    this.pending.set(entry.key.text, entry);
    this.pendingBytes += entry.frame.length;
    this.writeSoon();
  }

  remove(key: StoredKey): void {
    this.forget(key);
    this.removed.set(key.text, key);
    this.writeSoon();
  }

  async survey(): Promise<Sizes | undefined> {
    await this.flush();
    return this.attempt((client) => client.survey());
  }

  async sample(n: number): Promise<readonly Sampled[]> {
    await this.flush();
    const sampled = await this.attempt((client) => client.sample(n));
    // With a secret the others' entries are not ours to judge.
    return (sampled ?? []).filter(({ key, frame }) => this.opened(key, frame) !== undefined);
  }

  async clear(): Promise<number> {
    await this.flush();
    return (await this.attempt((client) => client.clear())) ?? 0;
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    do {
      this.writing ??= this.writeAll().finally(() => {
        this.writing = null;
      });
      await this.writing;
      // Something may have come after the last batch was taken.
    } while (this.removed.size + this.pending.size > 0 && this.state === "on");
  }

  async close(): Promise<void> {
    await this.flush();
    this.isOff = true;
    await this.letGo();
  }

  private unwritten({ text }: StoredKey): Uint8Array | undefined {
    return (this.pending.get(text) ?? this.sending.get(text))?.frame;
  }

  private ask(key: StoredKey): Promise<Uint8Array | undefined> {
    if (this.removed.has(key.text)) return Promise.resolve(undefined);
    if (this.questions.size === 0) queueMicrotask(() => void this.answerAll());
    let question = this.questions.get(key.text);
    if (question === undefined) {
      question = { key, answers: [] };
      this.questions.set(key.text, question);
    }
    const { answers } = question;
    return new Promise((resolve) => {
      answers.push(resolve);
    });
  }

  private async answerAll(): Promise<void> {
    const questions = [...this.questions.values()];
    this.questions = new Map();
    for (let from = 0; from < questions.length; from += batchMax) {
      const batch = questions.slice(from, from + batchMax);
      const frames = await this.attempt(async (client) => {
        const began = performance.now();
        const got = await client.getMany(batch.map(({ key }) => key));
        this.counts.measured((performance.now() - began) / Math.ceil(batch.length / perRoundTrip));
        return got;
      });
      batch.forEach(({ key, answers }, i) => {
        const frame = this.opened(key, frames?.[i]);
        for (const answer of answers) answer(frame);
      });
    }
  }

  private opened(key: StoredKey, stored: Uint8Array | undefined): Uint8Array | undefined {
    if (stored === undefined || this.secret === undefined) return stored;
    const frame = unsealFrame(this.secret, key, stored);
    if (frame === undefined) this.counts.refused++;
    return frame;
  }

  private writeSoon(): void {
    if (this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, writeAfterMs).unref();
  }

  private async writeAll(): Promise<void> {
    while (this.removed.size + this.pending.size > 0 && this.state === "on") {
      const removed = [...this.removed.values()];
      if (removed.length > 0) {
        const isDone = await this.attempt((client) => client.removeMany(removed).then(() => true));
        if (isDone === true) for (const { text } of removed) this.removed.delete(text);
      }
      const batch = this.nextBatch();
      if (batch.length > 0) {
        await this.attempt((client) => client.setMany(batch.map((entry) => this.sealed(entry))));
      }
      this.sending.clear();
    }
    // In trouble the rest is let go: it costs a computation, and nothing else.
    this.pending.clear();
    this.pendingBytes = 0;
  }

  private nextBatch(): StoredFrame[] {
    const batch: StoredFrame[] = [];
    let bytes = 0;
    for (const entry of this.pending.values()) {
      if (batch.length > 0 && (batch.length >= batchMax || bytes + entry.frame.length > batchBytesMax)) break;
      batch.push(entry);
      bytes += entry.frame.length;
    }
    for (const entry of batch) {
      this.pending.delete(entry.key.text);
      this.sending.set(entry.key.text, entry);
    }
    this.pendingBytes -= bytes;
    return batch;
  }

  private sealed(entry: StoredFrame): StoredFrame {
    if (this.secret === undefined) return entry;
    return { ...entry, frame: sealFrame(this.secret, entry.key, entry.frame) };
  }

  private forget({ text }: StoredKey): void {
    const pending = this.pending.get(text);
    if (pending === undefined) return;
    this.pending.delete(text);
    this.pendingBytes -= pending.frame.length;
  }

  /** Does something with the server; in trouble it answers `undefined` and sees to it. */
  private async attempt<T>(action: (client: ServerClient) => Promise<T>): Promise<T | undefined> {
    if (this.isOff || this.backOff.isWaiting) return undefined;
    this.client ??= this.connect(this.url, this.limits);
    const { client } = this;
    try {
      const { connectTimeoutMs, commandTimeoutMs } = this.limits;
      const connected = await inTime(client, connectTimeoutMs + commandTimeoutMs);
      const answer = await inTime(action(connected), commandTimeoutMs * 2);
      this.backOff.succeeded();
      return answer;
    } catch (error) {
      // Several may wait for one connection: its end is one trouble.
      if (client === this.client) await this.inTrouble(error);
      return undefined;
    }
  }

  private async inTrouble(error: unknown): Promise<void> {
    const code = serverTroubleOf(error);
    this.notices.tell(serverNotice(this.place, code));
    if (code === "full" || code === "read-only") {
      this.writeBackOff.failed();
      return;
    }
    if (code === "refused" || code === "untrusted") this.isOff = true;
    else this.backOff.failed();
    await this.letGo();
  }

  private async letGo(): Promise<void> {
    const { client } = this;
    this.client = null;
    try {
      await inTime((await client)?.close(), this.limits.commandTimeoutMs);
    } catch {
      // It never came, or is gone already.
      this.client = null;
    }
  }
}

/** Rejects when it takes too long, whatever the promise does later. */
async function inTime<T>(promise: Promise<T> | undefined, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it took too long")), ms);
  });
  try {
    return await Promise.race([promise as Promise<T>, late]);
  } finally {
    clearTimeout(timer);
  }
}
