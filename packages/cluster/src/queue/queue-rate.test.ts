import fc from "fast-check";
import { expect, it } from "vitest";
import { queueRate } from "./queue-rate.ts";

it("[QU14] no stretch of time holds more than the rate, wherever the windows begin", () => {
  const rate = fc.record({
    jobsMax: fc.integer({ min: 1, max: 5_000 }),
    perMs: fc.integer({ min: 100, max: 60_000 }),
  });
  fc.assert(
    fc.property(rate, (wanted) => {
      const { max, durationMs } = queueRate(wanted);
      // A stretch of perMs touches this many windows that begin with a job, one each durationMs at the soonest.
      const windows =
        max === 1 ? Math.ceil(wanted.perMs / durationMs) : Math.ceil(wanted.perMs / durationMs) + 1;
      expect(max * windows).toBeLessThanOrEqual(wanted.jobsMax);
      expect(max).toBeGreaterThanOrEqual(1);
    }),
    { seed: 424264068 },
  );
});
