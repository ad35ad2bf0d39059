/**
 * `reckon worker`: computes chunks of batches from a queue until it is ended. Also keys for bundles, and what to do about dead
 * letters.
 */
import { createPublicKey } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BatchError, type JobEngine, systemClock } from "@reckon/batch";
import {
  type ClusterWorker,
  connectCluster,
  deadChunk,
  makeSigningKeys,
  startWorker,
  type WorkerEvent,
} from "@reckon/cluster";
import { EndSignals } from "./end-signals.ts";
import { type ExitCode, exitFailure, exitGood, exitInterrupted } from "./exit-code.ts";
import { countText } from "./figure-texts.ts";
import type { Output } from "./output.ts";
import { shownText } from "./shown-text.ts";
import type { WorkerRequest } from "./worker-request.ts";
import { WorkerTally } from "./worker-tally.ts";

type Asked<A extends WorkerRequest["action"]> = Extract<WorkerRequest, { readonly action: A }>;

/** Signals that come so soon after another are the same Ctrl-C. */
const oneKeyMs = 300;
const deadShownMax = 1000;
const keysShownMax = 5;

export async function workerCommand(request: WorkerRequest, output: Output): Promise<ExitCode> {
  try {
    switch (request.action) {
      case "work":
        return await work(request, output);
      case "dead":
      case "requeue":
        return await deadLetters(request, output);
      case "limit":
        return await limitQueue(request, output);
      case "new-key":
        return await makeKey(request, output);
    }
  } catch (cause) {
    if (!(cause instanceof BatchError)) throw cause;
    output.message(`reckon: ${cause.message}`);
    return exitFailure;
  }
}

async function work(request: Asked<"work">, output: Output): Promise<ExitCode> {
  const { queue, keys, allowUnsigned, graceMs, heavy, isJson } = request;
  const trustedKeys =
    keys === undefined ? [] : await keysIn(keys, (text) => output.message(`reckon: ${shownText(text)}`));
  if ("problem" in trustedKeys) {
    output.message(`reckon: ${trustedKeys.problem}`);
    return exitFailure;
  }
  const ended = new EndSignals();
  ended.hear();
  const tally = new WorkerTally((text) => output.message(`reckon: ${shownText(text)}`));
  const worker = await startWorker({
    url: queue,
    trustedKeys,
    allowUnsigned,
    clock: systemClock,
    ...(heavy.threads === undefined ? {} : { threads: heavy.threads }),
    ...(heavy.memoryMb === undefined ? {} : { memoryMb: heavy.memoryMb }),
    ...(heavy.cache === undefined ? {} : { cache: heavy.cache }),
    onEvent: (event) => tell(event, isJson, output, tally),
  });
  // With `--json` somebody reads what it does; when nobody does any more, it ends as with a signal.
  await Promise.race([ended.ended, output.readerGone()]);
  return stop(worker, graceMs, output, tally);
}

/** Lets it finish what is active; a second signal ends the program at once. */
async function stop(
  worker: ClusterWorker,
  graceMs: number,
  output: Output,
  tally: WorkerTally,
): Promise<ExitCode> {
  const { active } = worker.counts();
  if (active > 0)
    output.message(
      `reckon: ending: ${countText(active)} ${active === 1 ? "chunk" : "chunks"} under way; Ctrl-C again ends at once`,
    );
  const again = new EndSignals();
  const listening = setTimeout(() => again.hear(), oneKeyMs).unref();
  const outcome = await Promise.race([
    worker.stop(graceMs).then(() => "stopped" as const),
    again.ended.then(() => "interrupted" as const),
  ]);
  clearTimeout(listening);
  again.ignore();
  tally.flush();
  if (outcome === "interrupted") return exitInterrupted;
  const { chunks, entities, givenUp } = worker.counts();
  const left = givenUp === 0 ? "" : `; gave up ${countText(givenUp)} that others compute`;
  output.message(
    `reckon: computed ${countText(entities)} entities in ${countText(chunks)} ${chunks === 1 ? "chunk" : "chunks"}${left}`,
  );
  return exitGood;
}

/** Everything that a worker says goes to standard error, but for `--json`, whose lines are its results. */
function tell(event: WorkerEvent, isJson: boolean, output: Output, tally: WorkerTally): void {
  if (isJson) {
    const { kind, ...rest } = event;
    output.data(`${JSON.stringify({ event: kind, ...rest })}\n`);
    return;
  }
  if (event.kind === "chunk") tally.add(event.run, event.entities, event.durationMs);
  const text = eventText(event);
  if (text !== undefined) output.message(`reckon: ${shownText(text)}`);
}

function eventText(event: WorkerEvent): string | undefined {
  switch (event.kind) {
    case "ready":
      return `${event.worker} is ready on ${event.queue} with ${countText(event.threads)} ${event.threads === 1 ? "thread" : "threads"}`;
    case "bundle":
      return `has ${event.model} (${event.address.slice(0, 12)})`;
    case "refused":
      return `refused a bundle (${event.address.slice(0, 12)}): ${event.refusal.message}`;
    case "connected":
    case "disconnected":
      return event.message;
    case "late":
      return `what a function of a module left behind threw when its entity had ended: ${event.message}`;
    case "chunk":
    case "stopping":
      return undefined;
  }
}

async function deadLetters(
  { action, queue, isJson }: Asked<"dead" | "requeue">,
  output: Output,
): Promise<ExitCode> {
  const { jobs, blobs } = await connectCluster({ url: queue, clock: systemClock });
  try {
    const letters = await jobs.deadLetters(deadShownMax + 1);
    if (action === "requeue") {
      const count = await requeueAll(jobs);
      if (isJson) output.data(`${JSON.stringify({ requeued: count })}\n`);
      else output.data(`put ${countText(count)} back\n`);
      return exitGood;
    }
    if (letters.length > deadShownMax)
      output.message(`reckon: there are more than the ${countText(deadShownMax)} that are listed`);
    const rows = await Promise.all(
      letters.slice(0, deadShownMax).map(async (letter) => {
        const { id, group, deliveries, message, diedAtMs } = letter;
        const chunk = await deadChunk(letter, blobs);
        return { id, run: group, deliveries, message, diedAtMs, entities: chunk?.keys ?? null };
      }),
    );
    if (isJson) output.data(`${JSON.stringify(rows, null, 2)}\n`);
    else if (rows.length === 0) output.message("reckon: there are no dead letters");
    else
      for (const { id, deliveries, diedAtMs, entities } of rows)
        output.data(
          `${id}  ${new Date(diedAtMs).toISOString().slice(0, 19).replace("T", " ")}  lost ${deliveries === 1 ? "once" : `${countText(deliveries)} times`}  ${shownText(keysText(entities))}\n`,
        );
    return exitGood;
  } finally {
    await jobs.close();
  }
}

async function requeueAll(jobs: JobEngine): Promise<number> {
  let count = 0;
  for (;;) {
    const letters = await jobs.deadLetters(deadShownMax);
    const back = await jobs.requeue(letters.map(({ id }) => id));
    count += back;
    if (letters.length < deadShownMax || back === 0) return count;
  }
}

async function limitQueue({ queue, rate, typed, isJson }: Asked<"limit">, output: Output): Promise<ExitCode> {
  const { jobs } = await connectCluster({ url: queue, clock: systemClock });
  try {
    await jobs.limitRate(rate);
    if (isJson) output.data(`${JSON.stringify({ limit: rate ?? null })}\n`);
    else if (rate === undefined) output.data(`the queue at ${jobs.name} has no limit\n`);
    else output.data(`the queue at ${jobs.name} has a limit of ${typed}, in chunks, for all runs together\n`);
    return exitGood;
  } finally {
    await jobs.close();
  }
}

function keysText(keys: readonly string[] | null): string {
  if (keys === null) return "its rows are gone";
  const rest = keys.length - keysShownMax;
  return `${keys.slice(0, keysShownMax).join(", ")}${rest > 0 ? ` and ${countText(rest)} more` : ""}`;
}

/** Writes a pair of keys, or nothing; a file that is there already is left as it is. */
async function makeKey({ path, isJson }: Asked<"new-key">, output: Output): Promise<ExitCode> {
  const { privateKey, publicKey } = makeSigningKeys();
  const publicPath = `${path.replace(/\.pem$/, "")}.pub.pem`;
  const written: string[] = [];
  for (const [file, text, mode] of [
    [path, privateKey, 0o600],
    [publicPath, publicKey, 0o644],
  ] as const) {
    try {
      await writeFile(file, text, { mode, flag: "wx" });
      written.push(file);
    } catch (cause) {
      // Half a pair would be taken for one with the half that was there.
      for (const half of written) await rm(half, { force: true });
      const { code, message } = cause as NodeJS.ErrnoException;
      output.message(
        `reckon: cannot write ${file}: ${code === "EEXIST" ? "it is there already" : code === "ENOENT" ? "there is no such folder" : message}`,
      );
      return exitFailure;
    }
  }
  if (isJson) output.data(`${JSON.stringify({ privateKey: path, publicKey: publicPath })}\n`);
  else
    output.data(
      `${path}: stays with whoever runs batches (RECKON_SIGNING_KEY=${path})\n${publicPath}: goes to the workers (--keys with its folder)\n`,
    );
  return exitGood;
}

async function keysIn(
  folder: string,
  onNotice: (text: string) => void,
): Promise<readonly string[] | { readonly problem: string }> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".pem")).sort();
    if (names.length === 0) return { problem: `--keys ${folder}: there is no *.pem in it` };
    return await publicKeys(folder, names, onNotice);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === "ENOENT"
        ? "there is no such folder"
        : code === "ENOTDIR"
          ? "it is no folder"
          : "it cannot be read";
    return { problem: `--keys ${folder}: ${why}` };
  }
}

/** Of these files; private keys are passed over, with a word. */
async function publicKeys(
  folder: string,
  names: readonly string[],
  onNotice: (text: string) => void,
): Promise<readonly string[] | { readonly problem: string }> {
  const keys: string[] = [];
  for (const name of names) {
    const text = await readFile(join(folder, name), "utf8");
    if (/PRIVATE KEY-----/.test(text))
      onNotice(`${join(folder, name)} is a private key: it is not used, and belongs to whoever runs batches`);
    else if (isPublicKey(text)) keys.push(text);
    else return { problem: `--keys ${folder}: ${name} is not the PEM of an Ed25519 public key` };
  }
  return keys.length > 0 ? keys : { problem: `--keys ${folder}: there is no public key in it` };
}

function isPublicKey(text: string): boolean {
  try {
    return createPublicKey(text).asymmetricKeyType === "ed25519";
  } catch {
    // No PEM at all.
    return false;
  }
}
