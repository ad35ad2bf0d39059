/**
 * Records on their way into the ledger. They are written together (LE10): a transaction each would cost more than computing light
 * entities.
 *
 *   push ─→ held ─(64 records, 8,192 entities, 500 ms, or one that took long)─→ written, one write after another ─→ `onWritten`
 *
 * When the ledger is slower than the runners `isFull` says so, and nothing more is read until it is not (BA12). A write that
 * fails is the end: `failure` rejects, nothing more is written.
 */
import type { BatchClock } from "../batch-clock.ts";
import type { ChunkRecord, FinishedEntity, RecordOutcome } from "../ledger.ts";

export interface RecordBufferOptions {
  readonly clock: BatchClock;
  /** Records, and entities that have values which the ledger has already. */
  readonly write: (
    records: readonly ChunkRecord[],
    taken: readonly FinishedEntity[],
  ) => Promise<readonly RecordOutcome[]>;
  readonly onWritten: (records: readonly ChunkRecord[], outcomes: readonly RecordOutcome[]) => void;
  readonly onFailure: (error: unknown) => void;
}

const recordsMax = 64;
const entitiesMax = 8192;
const waitMsMax = 500;
/** What took so long to compute is written before the next chunk begins: it may be one that ends the process. */
const worthMs = 100;
/** What may be held and under way at the same time. */
const heldEntitiesMax = 65_536;
const heldBytesMax = 128 * 1024 * 1024;

export class RecordBuffer {
  readonly #options: RecordBufferOptions;
  #held: ChunkRecord[] = [];
  #taken: FinishedEntity[] = [];
  #heldEntities = 0;
  /** Of what is held or being written. */
  #entities = 0;
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  /** A write has failed: nothing goes behind a hole. */
  #isOver = false;
  #untime: (() => void) | undefined;

  constructor(options: RecordBufferOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#entities >= heldEntitiesMax || this.#bytes >= heldBytesMax;
  }

  /** Nothing is held or being written. */
  get isEmpty(): boolean {
    return !this.#isWriting && this.#heldEntities === 0;
  }

  push(record: ChunkRecord): void {
    if (this.#isOver) return;
    this.#held.push(record);
    // One of no entity has to be written as well.
    this.#heldEntities += Math.max(1, record.keys.length);
    this.#entities += record.keys.length;
    this.#bytes += record.block?.byteLength ?? 0;
    this.#writeSoon(record.figures.durationMs >= worthMs);
  }

  take(entities: readonly FinishedEntity[]): void {
    if (this.#isOver) return;
    for (const entity of entities) this.#taken.push(entity);
    this.#heldEntities += entities.length;
    this.#entities += entities.length;
    this.#writeSoon(false);
  }

  #writeSoon(isAtOnce: boolean): void {
    if (this.#isDue || isAtOnce) this.#write();
    else
      this.#untime ??= this.#options.clock.after(waitMsMax, () => {
        this.#untime = undefined;
        this.#write();
      });
  }

  get #isDue(): boolean {
    return this.#held.length >= recordsMax || this.#heldEntities >= entitiesMax;
  }

  /** Writes what is held; resolves when everything that was pushed is written, or a write has failed. */
  async flush(): Promise<void> {
    while (!this.#isOver && (this.#isWriting || this.#heldEntities > 0)) {
      this.#write();
      await this.#writing;
    }
  }

  #write(): void {
    // What comes meanwhile is written in one go behind it.
    if (this.#isWriting || this.#isOver || this.#heldEntities === 0) return;
    this.#untime?.();
    this.#untime = undefined;
    const [records, taken] = [this.#held, this.#taken];
    this.#held = [];
    this.#taken = [];
    this.#heldEntities = 0;
    this.#isWriting = true;
    this.#writing = this.#writeAll(records, taken);
  }

  async #writeAll(records: readonly ChunkRecord[], taken: readonly FinishedEntity[]): Promise<void> {
    try {
      const outcomes = await this.#options.write(records, taken);
      this.#entities -= taken.length;
      for (const { keys, block } of records) {
        this.#entities -= keys.length;
        this.#bytes -= block?.byteLength ?? 0;
      }
      this.#isWriting = false;
      this.#options.onWritten(records, outcomes);
      if (this.#isDue) this.#write();
    } catch (error) {
      this.#isOver = true;
      this.#isWriting = false;
      this.#held = [];
      this.#taken = [];
      this.#untime?.();
      this.#options.onFailure(error);
    }
  }
}
