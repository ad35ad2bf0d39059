/**
 * A machine that is simulated, to hold plans against: what every strategy truly takes there, by another way than predictions are
 * made.
 *
 *   threads   each chunk has its own length; whoever is free takes the next. All that are busy, this thread's own work among
 *             them, share what the cores do together, so at the end of a run those that are left are faster.
 *   cluster   lanes of their own; a chunk is there once this process has sent it.
 *   inside    the calls of a chunk go to whoever is free, and the next chunk waits for them.
 *
 * The sample is measured on it too, and with chunks in which other things happened: some take up to half as long again.
 */
import {
  type BatchMeasures,
  type ChunkId,
  type ChunkRunner,
  type EntityChunk,
  measureSample,
  type RandomSource,
  type SampleMeasure,
  sampleSizes,
} from "@reckon/batch";

export interface World {
  readonly machine: BatchMeasures["machine"];
  readonly cluster?: NonNullable<BatchMeasures["cluster"]>;
  readonly chunkMs: number;
  readonly rowMs: number;
  /** Part of an entity's time that is calls, and how many of them. */
  readonly heavyShare?: number;
  readonly callsAtOnce?: number;
  /** While the sample is computed others have the cores, up to so many times as long as it has them. Absent: never. */
  readonly othersInSample?: number;
  /** Standard deviation of entities by their mean; at most 1. */
  readonly spread: number;
}

/** Entities of one cost: what each takes, and all before it together. */
export class SimulatedWork {
  readonly world: World;
  readonly entities: number;
  readonly #before: Float64Array;

  constructor(world: World, entities: number, entityMs: number, random: RandomSource) {
    this.world = world;
    this.entities = entities;
    this.#before = new Float64Array(entities + 1);
    for (let i = 0; i < entities; i++) {
      const length = 1 - world.spread - world.spread * Math.log(1 - random());
      this.#before[i + 1] = (this.#before[i] as number) + entityMs * length;
    }
  }

  /** What the chunk that begins there takes on a thread by itself. */
  chunkMs(from: number, size: number): number {
    const to = Math.min(from + size, this.entities);
    return this.world.chunkMs + (this.#before[to] as number) - (this.#before[from] as number);
  }

  /** Measures the sample as a run does. */
  async sample(random: RandomSource): Promise<SampleMeasure> {
    let now = 0;
    const { rowMs, heavyShare = 0, callsAtOnce = 1, othersInSample = 0 } = this.world;
    const runner: ChunkRunner = {
      concurrency: 1,
      run: async ({ positions }) => {
        const noise = random() < 0.1 ? 1 + random() / 2 : 1 + random() * 0.05;
        const cpuMs = this.chunkMs(positions[0] ?? 0, positions.length) * noise;
        const durationMs = othersInSample === 0 ? cpuMs : cpuMs * (1 + othersInSample * random());
        now += durationMs;
        const heavy = { heavyMs: durationMs * heavyShare, heavyCalls: positions.length * callsAtOnce };
        const figures = {
          worker: "main",
          startedAtMs: 0,
          durationMs,
          cpuMs,
          activeMs: durationMs,
          memoryPeakBytes: 0,
          cacheHits: 0,
          cacheLookUps: 0,
          ...heavy,
        };
        return {
          kind: "done",
          entities: positions.map(() => ({ kind: "succeeded", checksFailed: 0 })),
          block: new Uint8Array(8 * positions.length),
          figures,
        };
      },
      close: () => Promise.resolve(),
    };
    return measureSample({
      runner,
      chunks: chunksOf(sampleSizes(this.entities)),
      clock: { now: () => now, date: () => now, after: () => () => undefined },
      entities: this.entities,
      onOutcome: ({ keys }) => {
        now += keys.length * rowMs;
      },
    });
  }

  sequentialMs(from: number, size: number): number {
    let ms = (this.entities - from) * this.world.rowMs;
    for (let at = from; at < this.entities; at += size) ms += this.chunkMs(at, size);
    return ms;
  }

  threadsMs(from: number, size: number, threads: number): number {
    const { machine, rowMs } = this.world;
    const chunks = this.#chunks(from, size);
    const lanes = Math.min(threads, chunks.length);
    const hereMs = (this.entities - from) * rowMs + chunks.length * machine.perTaskMs;
    // Importing is work as well; it comes before the first chunk of each thread.
    return machine.spawnMs + sharedMs(chunks, lanes, machine.speedUps, { firstMs: machine.importMs, hereMs });
  }

  clusterMs(from: number, size: number): number {
    const { machine, cluster, rowMs } = this.world;
    if (cluster === undefined) return Number.POSITIVE_INFINITY;
    const chunks = this.#chunks(from, size);
    const free = new Float64Array(Math.min(cluster.threads, chunks.length)).fill(machine.importMs);
    const dones: number[] = [];
    let here = 0;
    for (const [i, ms] of chunks.entries()) {
      const lane = indexOfLeast(free);
      // Read and sent when there is room for it: two chunks a lane are in hand.
      here = Math.max(here, dones[i - 2 * free.length] ?? 0) + cluster.perJobMs + (size * rowMs) / 2;
      const done = Math.max(free[lane] as number, here) + ms;
      free[lane] = done;
      dones.push(done);
    }
    // Recording takes its time here as well, each chunk after it is done.
    let recorded = 0;
    for (const done of dones.toSorted((a, b) => a - b))
      recorded = Math.max(recorded, done) + (size * rowMs) / 2;
    return Math.max(recorded, here + (size * dones.length * rowMs) / 2) + cluster.roundTripMs;
  }

  insideMs(from: number, size: number, threads: number): number {
    const { machine, rowMs, chunkMs, heavyShare = 0, callsAtOnce = 1 } = this.world;
    let ms = machine.spawnMs + machine.importMs + (this.entities - from) * rowMs;
    for (let at = from; at < this.entities; at += size) {
      const calls: number[] = [];
      for (let one = at; one < Math.min(at + size, this.entities); one++) {
        const heavyMs = (this.chunkMs(one, 1) - chunkMs) * heavyShare;
        for (let call = 0; call < callsAtOnce; call++) calls.push(heavyMs / callsAtOnce + machine.perTaskMs);
      }
      const lightMs = chunkMs + (this.chunkMs(at, size) - chunkMs) * (1 - heavyShare);
      ms +=
        lightMs +
        sharedMs(calls, Math.min(threads, calls.length), machine.speedUps, { firstMs: 0, hereMs: 0 });
    }
    return ms;
  }

  #chunks(from: number, size: number): readonly number[] {
    const chunks: number[] = [];
    for (let at = from; at < this.entities; at += size) chunks.push(this.chunkMs(at, size));
    return chunks;
  }
}

/** How long lengths of work take on lanes that share the cores. */
function sharedMs(
  lengths: readonly number[],
  lanes: number,
  speedUps: readonly number[],
  { firstMs, hereMs }: { readonly firstMs: number; readonly hereMs: number },
): number {
  const rateOf = (busy: number): number => (speedUps[Math.min(busy, speedUps.length) - 1] as number) / busy;
  // Everybody who is busy has come equally far: when each will be done is a place on one way.
  const ends: number[] = [];
  let next = 0;
  for (let lane = 0; lane < lanes && next < lengths.length; lane++)
    ends.push(firstMs + (lengths[next++] as number));
  // Half of what is done here comes before a chunk can be computed; no more than two chunks a lane are read ahead.
  const aheadMs = Math.min(firstMs, (hereMs / 2) * Math.min(1, (2 * lanes) / lengths.length));
  let hereEnd = hereMs > 0 ? Math.max(0, firstMs - aheadMs) + hereMs : undefined;
  let way = 0;
  let ms = 0;
  while (ends.length > 0 || hereEnd !== undefined) {
    const lane = indexOfLeast(ends);
    const end = Math.min(ends[lane] ?? Number.POSITIVE_INFINITY, hereEnd ?? Number.POSITIVE_INFINITY);
    const busy = ends.length + (hereEnd === undefined ? 0 : 1);
    ms += (end - way) / rateOf(busy);
    way = end;
    if (end === hereEnd) hereEnd = undefined;
    else if (next < lengths.length) ends[lane] = end + (lengths[next++] as number);
    else ends.splice(lane, 1);
  }
  return ms;
}

function indexOfLeast(values: ArrayLike<number>): number {
  let least = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) < (values[least] as number)) least = i;
  return least;
}

function chunksOf(sizes: readonly number[]): AsyncIterator<EntityChunk> {
  let position = 0;
  const left = sizes.values();
  return {
    next: async () => {
      const { value: size, done } = left.next();
      if (done === true) return { value: undefined, done };
      const positions = Array.from({ length: size }, (_, i) => position + i);
      position += size;
      const table = { source: "simulated", rows: size, columns: [], lines: [] };
      const keys = positions.map(String);
      return {
        done: false,
        value: { id: `c${position}-a1` as ChunkId, attempt: 1, table, keys, positions, sideTables: {} },
      };
    },
  };
}
