/** What a worker has computed, for people: chunks are told together, a line a second at most. */
import { countText, spanText } from "./figure-texts.ts";

const everyMs = 1_000;

interface Tally {
  chunks: number;
  entities: number;
  ms: number;
}

export class WorkerTally {
  private readonly tell: (text: string) => void;
  private readonly runs = new Map<string, Tally>();
  private timer: NodeJS.Timeout | undefined;

  constructor(tell: (text: string) => void) {
    this.tell = tell;
  }

  add(run: string, entities: number, ms: number): void {
    const tally = this.runs.get(run) ?? { chunks: 0, entities: 0, ms: 0 };
    this.runs.set(run, {
      chunks: tally.chunks + 1,
      entities: tally.entities + entities,
      ms: tally.ms + ms,
    });
    this.timer ??= setTimeout(() => this.flush(), everyMs).unref();
  }

  /** Tells what has not been told yet. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [run, { chunks, entities, ms }] of this.runs)
      this.tell(
        `${run}: ${countText(entities)} ${entities === 1 ? "entity" : "entities"} in ${countText(chunks)} ${chunks === 1 ? "chunk" : "chunks"}, ${spanText(ms)} of work`,
      );
    this.runs.clear();
  }
}
