/**
 * A stage for scenes with a cluster: a model with a module that says what it does, worker processes, and a conductor that is as
 * simple as one can be. It counts how often an entity would end, which is how a scene knows that nothing was done twice.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type BatchClock,
  type BatchProgram,
  type ChunkId,
  type ChunkOutcome,
  type ClusterPort,
  decodeBlock,
  type EntityChunk,
  type JobEvent,
  type JobId,
  type JobLimits,
  prepareProgram,
  systemClock,
} from "@reckon/batch";
import { connectCluster, makeSigningKeys, type WorkerEvent } from "@reckon/cluster";
import type { WorkerProcess } from "./cluster-worker.ts";
import type { TestServer } from "./servers.ts";

/*
 * work(name, kind)   appends its name to a file, with the ms by a clock that all processes share, then
 *   kind ≥ 0         computes with it
 *   -1 … -99,999     computes for so many ms
 *   -100,000         ends the process
 */
const module = `import { appendFileSync } from "node:fs";
import { bits } from "./bits.ts";

export function work(name: string, kind: number): number {
  appendFileSync(process.env.RECKON_TEST_CALLS as string, name + " " + Number(process.hrtime.bigint()) / 1e6 + "\\n");
  if (kind <= -100_000) process.kill(process.pid, "SIGKILL");
  for (const end = performance.now() - kind; performance.now() < end; );
  return bits(kind);
}
`;
const bits = "export const bits = (x: number): number => Math.sin(x) * Math.pow(Math.abs(x) + 0.1, 1.37);\n";
const text = `model points
use "./work.ts" as f
axis player = table("players.csv", key id)
block game by player
  worked = f.work(player.id, player.kind) heavy
  after = worked * 3
  label = IF(player.kind > 5, "many", "few")
`;

const workerProgram = fileURLToPath(new URL("./cluster-worker.ts", import.meta.url));
const keys = makeSigningKeys();

export class Scene {
  readonly folder: string;
  readonly server: TestServer;
  /** Each scene has its own queue. */
  readonly name: string;
  readonly program: BatchProgram;
  private readonly workers: WorkerRunning[] = [];
  private readonly ports: ClusterPort[] = [];

  private constructor(server: TestServer, name: string, folder: string, program: BatchProgram) {
    this.server = server;
    this.name = name;
    this.folder = folder;
    this.program = program;
  }

  static async open(server: TestServer, name: string): Promise<Scene> {
    const folder = mkdtempSync(join(tmpdir(), "reckon-cluster-"));
    const files = { "points.reckon": text, "work.ts": module, "bits.ts": bits, calls: "" };
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    process.env.RECKON_TEST_CALLS = join(folder, "calls");
    const load = { model: join(folder, "points.reckon"), allowModules: true };
    const prepared = await prepareProgram({ load, axis: "player", columns: ["id", "kind"] });
    if (!("program" in prepared)) throw new Error(JSON.stringify(prepared));
    return new Scene(server, name, folder, prepared.program);
  }

  /** The queue, with the key that the workers trust. */
  get queue(): { readonly url: string; readonly name: string; readonly signingKey: string } {
    return { url: this.server.url, name: this.name, signingKey: keys.privateKey };
  }

  async connect(clock: BatchClock = systemClock, onNotice?: (message: string) => void): Promise<ClusterPort> {
    const port = await connectCluster({
      ...this.queue,
      clock,
      ...(onNotice === undefined ? {} : { onNotice }),
    });
    this.ports.push(port);
    return port;
  }

  async worker(options: Partial<WorkerProcess> = {}): Promise<WorkerRunning> {
    const worker = new WorkerRunning(
      {
        url: this.server.url,
        name: this.name,
        trustedKeys: [keys.publicKey],
        threads: 1,
        leaseMs: 1_200,
        folder: join(this.folder, "bundles"),
        ...options,
      },
      { RECKON_TEST_CALLS: join(this.folder, "calls") },
    );
    this.workers.push(worker);
    await worker.until(({ kind }) => kind === "ready");
    return worker;
  }

  /** How often each entity's function was called, by its name. */
  calls(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const [name] of this.begun()) counts.set(name as string, (counts.get(name as string) ?? 0) + 1);
    return counts;
  }

  /** How many began in any stretch of so many ms at most. */
  mostWithin(ms: number): number {
    const times = this.begun().map(([, at]) => Number(at));
    return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + ms).length));
  }

  private begun(): readonly (readonly string[])[] {
    const lines = readFileSync(join(this.folder, "calls"), "utf8").split("\n").filter(Boolean);
    return lines.map((line) => line.split(" "));
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    await Promise.all(this.ports.map((port) => port.jobs.close()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class WorkerRunning {
  readonly child: ChildProcess;
  readonly events: WorkerEvent[] = [];
  readonly ended: Promise<number | null>;
  private readonly waiting = new Set<() => void>();
  private messages = "";

  constructor(options: WorkerProcess, env: Readonly<Record<string, string>>) {
    const args = ["--conditions=@reckon/source", workerProgram, JSON.stringify(options)];
    this.child = spawn(process.execPath, args, { stdio: "pipe", env: { ...process.env, ...env } });
    this.child.stderr?.on("data", (piece) => {
      this.messages += String(piece);
    });
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
    void this.ended.then(() => this.look());
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.events.push(JSON.parse(line) as WorkerEvent);
      this.look();
    });
  }

  /** Resolves with the first event, heard already or not, that is as wanted. */
  until(isWanted: (event: WorkerEvent) => boolean): Promise<WorkerEvent> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.events.find(isWanted);
        if (found !== undefined) resolve(found);
        else if (this.child.exitCode !== null || this.child.signalCode !== null)
          reject(new Error(`the worker has ended: ${this.messages}`));
        else this.waiting.add(look);
      };
      look();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Lets it finish, for so long. */
  stop(graceMs: number): Promise<number | null> {
    this.child.stdin?.write(`${graceMs}\n`);
    return this.ended;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill("SIGKILL");
    await this.ended;
  }

  private look(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const look of waiting) look();
  }
}

/** `c0-a1`, …: chunks of so many entities each. */
export function chunksOf(kinds: readonly number[], entities: number): readonly EntityChunk[] {
  const chunks: EntityChunk[] = [];
  for (let from = 0; from < kinds.length; from += entities) {
    const own = kinds.slice(from, from + entities);
    const positions = own.map((_, i) => from + i);
    const keys = positions.map((position) => `p${position}`);
    const columns = [
      { name: "id", values: keys },
      { name: "kind", values: own },
    ];
    const lines = positions.map((position) => position + 2);
    const table = { source: "players.csv", rows: own.length, columns, lines };
    const id = `c${chunks.length}-a1` as ChunkId;
    chunks.push({ id, attempt: 1, table, keys, positions, sideTables: {} });
  }
  return chunks;
}

/** The simplest conductor: everything is sent at once, what is lost is sent again, what comes is written down. */
export class Conducting {
  readonly run: string;
  /** The first outcome of each chunk, by id. */
  readonly outcomes = new Map<ChunkId, ChunkOutcome>();
  readonly events: JobEvent[] = [];
  private readonly port: ClusterPort;
  private readonly program: BatchProgram;
  private readonly open = new Map<JobId, EntityChunk>();
  private readonly limits: JobLimits;
  private address = "";

  constructor(
    port: ClusterPort,
    program: BatchProgram,
    run = "20261121T143000-4f2a91",
    limits: JobLimits = {},
  ) {
    this.limits = limits;
    this.port = port;
    this.program = program;
    this.run = run;
    port.jobs.events((event) => {
      this.events.push(event);
      void this.hear(event);
    });
  }

  async send(chunks: readonly EntityChunk[]): Promise<readonly string[]> {
    this.address = await this.port.publish(this.program);
    const jobs = await Promise.all(
      chunks.map(async (chunk) => {
        const id = `${this.run}-${chunk.id}` as JobId;
        this.open.set(id, chunk);
        return {
          id,
          group: this.run,
          body: await this.port.encode(this.run, this.address, chunk, this.limits),
          priority: 0,
        };
      }),
    );
    return this.port.jobs.enqueue(jobs);
  }

  /** Resolves when something is as wanted. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (isSo()) resolve();
        else systemClock.after(20, look);
      };
      look();
    });
  }

  async all(): Promise<void> {
    await this.until(() => this.open.size === 0);
  }

  /** The values of `game.after` and `game.label` by position; an entity without values is not there. */
  values(): ReadonlyMap<number, readonly unknown[]> {
    const values = new Map<number, readonly unknown[]>();
    for (const [id, outcome] of this.outcomes) {
      if (outcome.kind !== "done") continue;
      const chunk = this.sent.get(id);
      const block = decodeBlock(outcome.block);
      const [after, label] = ["game.after", "game.label"].map((name) =>
        block?.attributes.findIndex((attribute) => attribute.id === name),
      );
      for (const [row, position] of (chunk?.positions ?? []).entries()) {
        if (values.has(position)) throw new Error(`entity ${position} has ended twice`);
        values.set(position, [block?.get(after ?? -1, row, 0), block?.get(label ?? -1, row, 0)]);
      }
    }
    return values;
  }

  private readonly sent = new Map<ChunkId, EntityChunk>();

  private async hear(event: JobEvent): Promise<void> {
    if (event.kind === "connected") return this.askAgain();
    if (event.kind !== "finished" && event.kind !== "dead") return;
    const chunk = this.open.get(event.id);
    if (chunk === undefined) return;
    const outcome =
      event.kind === "dead"
        ? { kind: "lost" as const, message: event.message }
        : (await this.port.decode(event.answer)).outcome;
    // Another answer may have come while this one was fetched.
    if (!this.open.delete(event.id)) return;
    if (outcome.kind === "lost" && event.kind !== "dead") {
      const attempt = chunk.attempt + 1;
      await this.sendAgain({ ...chunk, attempt, id: `${chunk.id}-again${attempt}` as ChunkId });
      return;
    }
    this.sent.set(chunk.id, chunk);
    this.outcomes.set(chunk.id, outcome);
    // While the server is away it stays; nobody misses it.
    await this.port.jobs.forget([event.id]).catch(() => undefined);
  }

  private sendAgain(chunk: EntityChunk): Promise<unknown> {
    return this.send([chunk]).catch(() => systemClock.after(200, () => void this.sendAgain(chunk)));
  }

  private async askAgain(): Promise<void> {
    const open = [...this.open];
    try {
      const states = await this.port.jobs.states(open.map(([id]) => id));
      const gone = open.filter((_, i) => states[i] === "unknown").map(([, chunk]) => chunk);
      if (gone.length > 0) await this.send(gone);
    } catch {
      // It is away again.
      systemClock.after(200, () => void this.askAgain());
    }
  }
}
