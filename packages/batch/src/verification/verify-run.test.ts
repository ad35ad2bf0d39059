import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Column } from "@reckon/value";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryLedger } from "../doubles/memory-ledger.ts";
import { createRecordSource, type EntityRecord } from "../doubles/record-source.ts";
import { createScriptedRunner } from "../doubles/scripted-runner.ts";
import { seededRandom } from "../doubles/seeded-random.ts";
import { createSimulatedClock } from "../doubles/simulated-clock.ts";
import type { EntityBlock, RunId } from "../entity.ts";
import { createInlineRunner } from "../evaluation/inline-runner.ts";
import { prepareProgram } from "../evaluation/prepare-program.ts";
import { decodeBlock, encodeBlock } from "../evaluation/result-block.ts";
import type { Ledger } from "../ledger.ts";
import type { BatchProgram } from "../program.ts";
import { formChunks } from "../scheduling/chunk-forming.ts";
import { verifyRun } from "./verify-run.ts";

const text = `model loans
time month 2026-01..2026-03
axis loan = table("loans.csv", key id)

block terms by loan
  input amount = loan.amount
  fee = amount * 0.1

block plan by loan, month
  interest = (terms.amount + paid) * 0.01
  paid = interest * 0.5 + 1
  rest = terms.amount - paid
  loop paid start 0 tolerance 0.001
`;
const records: readonly EntityRecord[] = Array.from({ length: 40 }, (_, i) => ({
  id: `l${i}`,
  amount: 100 + i,
}));
const run = "20261121T000000-000001" as RunId;

let folder: string;
let program: BatchProgram;
let falsified: (key: string, attribute: string, value: number) => Promise<Ledger>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reckon-verify-"));
  await writeFile(join(folder, "loans.reckon"), text);
  const load = { model: join(folder, "loans.reckon") };
  const prepared = await prepareProgram({ load, axis: "loan", columns: ["id", "amount"] });
  if (!("program" in prepared)) throw new Error(JSON.stringify(prepared));
  program = prepared.program;
  falsified = (key, attribute, value) => computed(program, { key, attribute, value });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Change {
  readonly key: string;
  readonly attribute: string;
  /** Added to the last cell. */
  readonly value: number;
}

/** A ledger with all entities computed in chunks of 16, one of them changed. */
async function computed(of: BatchProgram, change?: Change): Promise<Ledger> {
  const ledger = createMemoryLedger({ clock: createSimulatedClock() });
  await ledger.beginRun({
    run,
    model: "loans",
    modelPath: "/loans.reckon",
    scenario: "base",
    axis: "loan",
    source: "loans.csv",
    programKey: of.key,
    policy: { retry: { attemptsMax: 1, firstMs: 1, factor: 1, longestMs: 1, jitter: 0 } },
    startedAtMs: 0,
    versions: { reckon: "1", engine: "1", node: "1", v8: "1" },
    machine: "test",
  });
  const runner = createInlineRunner(of);
  let block: EntityBlock | undefined;
  for await (block of createRecordSource(records).blocks())
    for (const chunk of formChunks(block, { chunkEntities: 16, firstNumber: 0 })) {
      const outcome = await runner.run(chunk, { signal: new AbortController().signal });
      if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
      await ledger.record(run, [
        {
          chunk: chunk.id,
          attempt: 1,
          keys: chunk.keys,
          positions: chunk.positions,
          deepKeys: chunk.keys,
          ended: outcome.entities.map(() => "succeeded"),
          outcomes: outcome.entities,
          block: change === undefined ? outcome.block : changed(outcome.block, chunk.keys, change),
          figures: { ...outcome.figures, worker: `thread ${chunk.id.slice(1, 2)}` },
          waitMs: 0,
        },
      ]);
    }
  await runner.close();
  return ledger;
}

function changed(bytes: Uint8Array, keys: readonly string[], { key, attribute, value }: Change): Uint8Array {
  const block = decodeBlock(bytes);
  if (block === undefined) throw new Error("no block");
  const columns = block.attributes.map(({ id }, i) => {
    const column = block.column(i);
    const row = keys.indexOf(key);
    if (id !== attribute || row < 0) return column;
    const copy = new Column({ outer: block.entities, periods: block.cells(i) });
    copy.numbers.set(column.numbers);
    const at = (row + 1) * block.cells(i) - 1;
    copy.numbers[at] = (copy.numbers[at] as number) + value;
    return copy;
  });
  return encodeBlock(block.entities, block.attributes, columns);
}

const verify = (ledger: Ledger, size: { readonly count: number } | { readonly share: number }) =>
  verifyRun({ ledger, run, program, source: createRecordSource(records), size, random: seededRandom(3) });

describe("verifyRun", () => {
  it("[BA49] computes a sample again, one by one, and finds equal bytes equal", async () => {
    const ledger = await computed(program);
    const report = await verify(ledger, { count: 10 });
    expect(report).toMatchObject({ sampled: 10, ofEntities: 40, mismatches: [] });
    expect(report.strata["first-of-worker"]).toBeGreaterThan(0);
    expect(Object.values(report.strata).reduce((sum, each) => sum + each, 0)).toBe(10);
    expect(await verify(ledger, { share: 0.05 })).toMatchObject({ sampled: 2 });
    expect(await verify(ledger, { count: 1_000 })).toMatchObject({ sampled: 40, detectableShare: 1 / 40 });
  });

  it("[BA52] names entity, attribute, cell, both values and the worker of a mismatch", async () => {
    const report = await verify(await falsified("l20", "terms.fee", 2 ** -40), { count: 40 });
    expect(report.mismatches).toEqual([
      {
        entity: "l20",
        attribute: "terms.fee",
        at: [],
        expected: String(120 * 0.1),
        found: String(120 * 0.1 + 2 ** -40),
        worker: "thread 1",
      },
    ]);
  });

  it("[BA49] compares cells in and behind loops within their tolerance, and counts them", async () => {
    const near = await verify(await falsified("l3", "plan.rest", 0.0015), { count: 40 });
    expect(near).toMatchObject({ mismatches: [], toleratedCells: 1 });
    const far = await verify(await falsified("l3", "plan.paid", 0.003), { count: 40 });
    expect(far.mismatches).toMatchObject([{ entity: "l3", attribute: "plan.paid", at: ["2026-03"] }]);
  });

  it("[BA52] a mismatch is where computing again fails, too", async () => {
    const ledger = await computed(program);
    const clock = createSimulatedClock();
    const runner = createScriptedRunner({ clock, script: () => ({ kind: "fail", message: "no" }) });
    const source = createRecordSource(records);
    const random = seededRandom(1);
    const report = verifyRun({ ledger, run, program, source, size: { count: 1 }, random, runner });
    const { mismatches } = await clock.runUntil(report);
    expect(mismatches).toMatchObject([{ attribute: program.wanted[0]?.id, expected: "failed: no" }]);
  });

  it("refuses a source in which the rows are others", async () => {
    const ledger = await computed(program);
    const swapped = [records[1], records[0], ...records.slice(2)] as typeof records;
    for (const others of [records.slice(0, 5), swapped]) {
      const source = createRecordSource(others);
      const asked = verifyRun({ ledger, run, program, source, size: { share: 1 }, random: seededRandom(1) });
      await expect(asked).rejects.toMatchObject({ name: "BatchError", code: "source" });
    }
  });
});
