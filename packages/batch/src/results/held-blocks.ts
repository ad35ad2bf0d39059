/** Blocks of chunks, read from the ledger some at a time and kept while there is room: 64 MB, but always the one asked for. */
import { BatchError } from "../batch-error.ts";
import { decodeBlock, type ResultBlock } from "../evaluation/result-block.ts";
import type { LedgerQueries } from "../ledger.ts";

const heldBytesMax = 64 * 1024 * 1024;
const fetchBytes = 16 * 1024 * 1024;
const fetchBlocksMax = 256;

interface HeldBlock {
  readonly block: ResultBlock | undefined;
  readonly bytes: number;
}

const numberBytes = 8;
const markBytes = 4;

/** What a block takes in memory: a column of equal numbers is eight bytes as it is stored, and as long as any other when it is read. */
function heldBytesOf({ attributes, column }: ResultBlock): number {
  return attributes.reduce((sum, _, i) => {
    const { length, marks } = column(i);
    return sum + length * (marks === null ? numberBytes : numberBytes + markBytes);
  }, 0);
}

export class HeldBlocks {
  private readonly query: Pick<LedgerQueries, "blocks">;
  /** Those used last are at the end. */
  private readonly held = new Map<number, HeldBlock>();
  private heldBytes = 0;
  private fetched = 0;
  private fetchedBytes = 0;

  constructor(query: Pick<LedgerQueries, "blocks">) {
    this.query = query;
  }

  /** The block of a chunk; `coming` are those that will be asked for next, and are fetched with it as far as they are small. */
  async block(chunk: number, coming: readonly number[]): Promise<ResultBlock | undefined> {
    const known = this.held.get(chunk);
    if (known !== undefined) {
      this.held.delete(chunk);
      this.held.set(chunk, known);
      return known.block;
    }
    const mean = this.fetched === 0 ? fetchBytes : Math.max(1, this.fetchedBytes / this.fetched);
    const most = Math.min(fetchBlocksMax, Math.max(1, Math.floor(fetchBytes / mean)));
    const others = coming.filter((each) => each !== chunk && !this.held.has(each)).slice(0, most - 1);
    const asked = [...others.reverse(), chunk];
    const found = await this.query.blocks(asked);
    for (const [i, bytes] of found.entries()) this.hold(asked[i] as number, bytes);
    return this.held.get(chunk)?.block;
  }

  private hold(chunk: number, bytes: Uint8Array | undefined): void {
    const block = bytes === undefined ? undefined : decodeBlock(bytes);
    if (bytes !== undefined && block === undefined)
      throw new BatchError("ledger", `the values of chunk ${chunk} in the ledger cannot be read`);
    const size = (bytes?.length ?? 0) + (block === undefined ? 0 : heldBytesOf(block));
    this.fetched += 1;
    this.fetchedBytes += size;
    this.held.set(chunk, { block, bytes: size });
    this.heldBytes += size;
    for (const [oldest, { bytes: oldBytes }] of this.held) {
      if (this.heldBytes <= heldBytesMax || oldest === chunk) break;
      this.held.delete(oldest);
      this.heldBytes -= oldBytes;
    }
  }
}
