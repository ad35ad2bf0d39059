/** Many entities, some of them bad: what is said of them is exact. */
import { createMemoryLedger, createSimulatedClock, type EntityRecord, type ScriptedTry } from "@reckon/batch";
import { expect, it } from "vitest";
import { contentOf, runScripted } from "./scripted-run.ts";

it("[BA15] [BA25] 10,000 entities with throws, hangs, crashes and used up memory: each is told as what it is", async () => {
  const count = 10_000;
  const records: EntityRecord[] = Array.from({ length: count }, (_, i) => ({ id: `p${i}` }));
  const kindOf = (key: string): ScriptedTry["kind"] => {
    switch (Number(key.slice(1)) % 500) {
      case 7:
        return "throw";
      case 77:
        return "hang";
      case 177:
        return "crash";
      case 277:
        return "memory";
      case 377:
        return "refuse";
      case 400:
      case 401:
        return "fail";
      default:
        return "succeed";
    }
  };
  const script = (key: string, attempt: number): ScriptedTry => {
    // Every other bad one is mended by the second attempt.
    const kind = kindOf(key);
    const isMended = attempt === 2 && Math.floor(Number(key.slice(1)) / 500) % 2 === 0;
    return { kind: kind !== "refuse" && isMended ? "succeed" : kind, ms: 0.01 };
  };
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const summary = await runScripted({
    clock,
    ledger,
    records,
    script,
    policy: { timeoutMs: 50 },
    request: { strategy: "threads", concurrency: 4, chunkEntities: 64 },
  });
  const bad = count / 500;
  expect(summary).toMatchObject({
    state: "failed",
    entities: count,
    succeeded: count - bad - 3 * bad,
    failed: 3 * bad,
    invalid: bad,
    retried: 6 * bad,
  });
  const { attempts, counts } = (await contentOf(ledger, summary.run)) as {
    attempts: { outcome: string }[];
    counts: { attempts: number };
  };
  const outcomes = new Map<string, number>();
  for (const { outcome } of attempts) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  // Half of each kind fails three times, the other half once.
  expect(Object.fromEntries(outcomes)).toEqual({
    failed: 3 * bad * 2,
    "timed-out": bad * 2,
    lost: 2 * bad * 2,
    succeeded: 3 * bad,
  });
  expect(counts.attempts).toBe(count + 6 * bad * 1.5);
});
