import type { BlobStore, ChunkId, ChunkOutcome, EntityChunk, EntityOutcome } from "@reckon/batch";
import { errorValue, type Scalar } from "@reckon/value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sha256 } from "../bundle/bundle.ts";
import { bytesOf, letterOf } from "../queue/job-letter.ts";
import { chunkOf, decodeAnswer, decodeJob, encodeChunk, encodeOutcome } from "./chunk-codec.ts";
import { numbersOf, runsOf } from "./number-runs.ts";

function memoryBlobs(): BlobStore & { readonly held: Map<string, Uint8Array> } {
  const held = new Map<string, Uint8Array>();
  return {
    held,
    put: async (name, bytes) => void held.set(name, Uint8Array.from(bytes)),
    get: async (name) => held.get(name),
    drop: async (names) => {
      for (const name of names) held.delete(name);
    },
    close: async () => undefined,
  };
}

function chunkOver(values: readonly Scalar[]): EntityChunk {
  const lines = values.map((_, i) => i + 2);
  const table = { source: "players.csv", rows: values.length, lines, columns: [{ name: "points", values }] };
  return {
    id: "c0-a1" as ChunkId,
    attempt: 1,
    table,
    keys: values.map((_, i) => `k${i}`),
    positions: values.map((_, i) => 2 * i),
    sideTables: { "history.csv": table },
  };
}

const figures = {
  worker: "thread 1",
  startedAtMs: 1,
  durationMs: 2.5,
  cpuMs: 2,
  memoryPeakBytes: 4096,
  cacheHits: 0,
  cacheLookUps: 1,
};

function doneWith(entities: readonly EntityOutcome[]): ChunkOutcome {
  return { kind: "done", entities, block: Uint8Array.of(9, 8, 7), figures };
}

const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  fc.double(),
  fc.constantFrom(
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    true,
    errorValue("#N/A"),
    "\ud800",
    "\0",
    "",
  ),
  fc.string({ unit: "binary" }),
);

describe("a chunk as a job", () => {
  it("[QU23] arrives with the same bits, whatever its cells hold", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(scalar, { maxLength: 20 }), async (values) => {
        const { body } = encodeChunk(chunkOver(values), { run: "r", bundle: "b", limits: { timeoutMs: 50 } });
        const job = decodeJob(bytesOf(JSON.parse(JSON.stringify(letterOf(body)))));
        expect(job).toMatchObject({ run: "r", bundle: "b", timeoutMs: 50 });
        expect(job && (await chunkOf(job, memoryBlobs()))).toStrictEqual(chunkOver(values));
      }),
      { seed: 374165738 },
    );
  });

  it("[QU17] that is large lies beside the queue, and its job is small", async () => {
    const blobs = memoryBlobs();
    const chunk = chunkOver(Array.from({ length: 16_384 }, (_, i) => i / 7));
    const { body, blob } = encodeChunk(chunk, { run: "r", bundle: "b" });
    expect(body.byteLength).toBeLessThan(1_000);
    expect(blob?.name).toBe("rows-r-c0-a1");
    const job = decodeJob(body);
    if (job === undefined || blob === undefined) throw new Error("there is no job");
    expect(await chunkOf(job, blobs)).toBeUndefined();
    await blobs.put(blob.name, blob.bytes, 1);
    expect(await chunkOf(job, blobs)).toEqual(chunk);
    await blobs.put(blob.name, Buffer.from(blob.bytes).fill(32, 100, 101), 1);
    expect(await chunkOf(job, blobs)).toBeUndefined();
  });

  it.each(["", "{}", "null", '{"protocol":2}', "{"])("of another protocol is none: %s", (text) => {
    expect(decodeJob(Buffer.from(text))).toBeUndefined();
  });
});

describe("an answer", () => {
  it("[QU17] has its values beside the queue; other values there make the chunk lost", async () => {
    const blobs = memoryBlobs();
    const chunk = chunkOver([1, 2]);
    const failed: EntityOutcome = { kind: "failed", code: "call", message: "no" };
    const outcome = doneWith([{ kind: "succeeded", checksFailed: 1 }, failed]);
    const answer = await encodeOutcome(outcome, chunk, "block-r-c0-a1-1", blobs);
    expect(answer.byteLength).toBeLessThan(16_384);
    expect(await decodeAnswer(answer, blobs)).toEqual({
      positions: [0, 2],
      outcome,
      blob: "block-r-c0-a1-1",
    });
    const held = blobs.held.get("block-r-c0-a1-1") as Uint8Array;
    held[held.length - 1] = 1;
    expect((await decodeAnswer(answer, blobs)).outcome.kind).toBe("lost");
    await blobs.drop(["block-r-c0-a1-1"]);
    expect((await decodeAnswer(answer, blobs)).outcome.kind).toBe("lost");
    expect((await decodeAnswer(Buffer.from("?"), blobs)).outcome.kind).toBe("lost");
  });

  it("[QU17] is small for the largest chunks, scattered ones and long messages too", async () => {
    const blobs = memoryBlobs();
    const chunk = chunkOver(Array.from({ length: 16_384 }, () => 0));
    const outcome = { kind: "timed-out", message: "x".repeat(100_000) } as const;
    const answer = await encodeOutcome(outcome, chunk, "block", blobs);
    expect(answer.byteLength).toBeLessThan(16_384);
    expect(await decodeAnswer(answer, blobs)).toMatchObject({
      positions: [],
      outcome: { kind: "timed-out" },
    });
    const all = doneWith(chunk.keys.map(() => ({ kind: "succeeded", checksFailed: 0 })));
    const large = await encodeOutcome(all, chunk, "block", blobs);
    expect(large.byteLength).toBeLessThan(16_384);
    expect(await decodeAnswer(large, blobs)).toEqual({
      positions: chunk.positions,
      outcome: all,
      blob: "block",
    });
  });

  it.each([
    { kind: "failed", message: "x", positions: [0, 3e8] },
    { kind: "failed", message: "x", positions: "0" },
  ])("[QU25] is a lost chunk where its positions are none: %j", async (outcome) => {
    const answer = Buffer.from(JSON.stringify({ protocol: 1, outcome }));
    expect(await decodeAnswer(answer, memoryBlobs())).toMatchObject({
      positions: [],
      outcome: { kind: "lost" },
    });
  });

  it.each([
    Buffer.from([]),
    Buffer.from([1, 2]),
    Buffer.from([255, 255, 255, 255, 1]),
    Buffer.concat([Buffer.from([4, 0, 0, 0]), Buffer.from("null")]),
    Buffer.concat([Buffer.from([2, 0, 0, 0]), Buffer.from("{}")]),
    Buffer.concat([Buffer.from([23, 0, 0, 0]), Buffer.from('{"positions":[0,99999999999]}')]),
  ])("[QU25] is a lost chunk where its values are none", async (bytes) => {
    const blobs = memoryBlobs();
    await blobs.put("b", bytes, 1);
    const outcome = { kind: "done", blob: "b", sha256: sha256(bytes), figures: {} };
    const answer = Buffer.from(JSON.stringify({ protocol: 1, outcome }));
    expect(await decodeAnswer(answer, blobs)).toMatchObject({ positions: [], outcome: { kind: "lost" } });
  });

  it("tells of checks that failed, where everything else is well", async () => {
    const blobs = memoryBlobs();
    const checksFailed = [0, 2, 1];
    const outcome = doneWith(checksFailed.map((count) => ({ kind: "succeeded", checksFailed: count })));
    const answer = await encodeOutcome(outcome, chunkOver([1, 2, 3]), "block", blobs);
    expect((await decodeAnswer(answer, blobs)).outcome).toEqual(outcome);
  });

  it("without values tells whose it is", async () => {
    const outcome = { kind: "refused", code: "model/out-of-bounds", message: "too large", line: 4 } as const;
    const answer = await encodeOutcome(outcome, chunkOver([1, 2, 3]), "block", memoryBlobs());
    expect(await decodeAnswer(answer, memoryBlobs())).toEqual({ positions: [0, 2, 4], outcome });
  });
});

it("numbers are runs and back", () => {
  expect(runsOf([3, 4, 5, 9])).toEqual([3, 3, 9, 1]);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(50)), (numbers) => {
      const ascending = numbers.sort((a, b) => a - b);
      expect(numbersOf(runsOf(ascending))).toEqual(ascending);
    }),
    { seed: 387298334 },
  );
});

it("bytes of any kind travel as letters", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(Uint8Array.from(bytesOf(JSON.parse(JSON.stringify(letterOf(bytes)))))).toEqual(bytes);
    }),
    { seed: 412310562 },
  );
});
