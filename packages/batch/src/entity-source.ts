/** Port: where entities come from. */
import type { EntityBlock } from "./entity.ts";

export interface EntitySource {
  /** The file as given, for messages. */
  readonly name: string;
  /** How many rows there are where that is known without reading them all. */
  readonly rows: number | undefined;
  /** About how many there are, from the size of the file. Absent, or without an answer: nobody knows. */
  readonly estimate?: () => number | undefined;
  /**
   * All rows in order, in blocks; may be asked for again, and gives the same again. Memory: a block and what the format's
   * reader holds. Rejects with `BatchError` when the file cannot be read further.
   */
  readonly blocks: (options?: BlockOptions) => AsyncIterable<EntityBlock>;
  readonly close: () => Promise<void>;
}

export interface BlockOptions {
  /** At most so many rows a block; absent: 4,096. */
  readonly rowsMax?: number;
  readonly signal?: AbortSignal;
}
