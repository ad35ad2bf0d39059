/** The rig of the contract for job engines over a real server, with time as it passes. */
import { systemClock } from "@reckon/batch";
import { createBullmqJobEngine } from "@reckon/cluster";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jobEngineContract } from "./job-engine-contract.ts";
import { missingFor, type TestServer } from "./servers.ts";

const capabilities = {
  priority: true,
  delay: true,
  deduplicate: true,
  rateLimit: true,
  cancelActive: true,
  survivesRestart: true,
  isRemote: true,
} as const;

/** Jobs that were lost are found soon. */
const leaseMs = 900;

export function serverContract(kind: "redis" | "postgres", start: () => Promise<TestServer>): void {
  const missing = missingFor(kind);

  it(`${kind} is there on a build server`, () => {
    if (process.env.CI === "true") expect(missing).toBeUndefined();
  });

  // Skipped where the server is not installed; .ci/run installs it.
  describe.skipIf(missing !== undefined)("with a server", { timeout: 120_000 }, () => {
    let server: TestServer;
    let queues = 0;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.end());
    jobEngineContract(
      `BullMQ on ${kind}`,
      async () => {
        queues += 1;
        const queue = `contract-${queues}`;
        const engines: Awaited<ReturnType<typeof createBullmqJobEngine>>[] = [];
        return {
          connect: async () => {
            const engine = await createBullmqJobEngine({ url: server.url, clock: systemClock, queue });
            engines.push(engine);
            return engine;
          },
          wait: (ms) => new Promise((resolve) => systemClock.after(ms, resolve)),
          now: systemClock.now,
          leaseMs,
          lostMax: 3,
          close: async () => {
            await Promise.all(engines.map((engine) => engine.close()));
          },
        };
      },
      { capabilities, patienceMs: 60_000 },
    );
  });
}
