/** What sending one small task to a thread costs. */
import { type Figure, figureOf, quantileOf } from "../timing.ts";
import { expectEqual, type Workload } from "../workload.ts";

const flood = 1000;

export const dispatch: Workload = {
  id: "dispatch",
  title: "one small task to a thread and back",
  about:
    "A formula of some nanoseconds is sent to a thread that is there, and its result awaited: 40,000 times one after another (size: percent of that), and 1,000 at once, by the task. All results are compared.",
  face: "trips",
  whyNot: "runs no tasks on threads",
  sizes: { full: 100, quick: 10, tiny: 0.1 },
  measures: { p50: "p50", p99: "p99", flood: "of 1,000 at once" },
  async run(engine, size, effort): Promise<Figure[]> {
    if (engine.trips === undefined) throw new TypeError(`${engine.name} has no threads`);
    const { trip, close } = await engine.trips();
    const single: number[] = [];
    const many: number[] = [];
    const trips = Math.max(3, Math.round((effort.singleEdits * size) / 100));
    const begin = performance.now();
    // The first tenth is for getting warm.
    for (let i = -trips / 10; i < trips; i++) {
      const start = performance.now();
      const result = await trip();
      if (i >= 0) single.push(performance.now() - start);
      expectEqual(engine, "a result", result, 1);
      if (single.length >= 3 && performance.now() - begin > 4 * effort.samplesMsMax) break;
    }
    const atOnce = Math.min(flood, trips);
    for (let i = -1; i < effort.edits; i++) {
      const start = performance.now();
      await Promise.all(Array.from({ length: atOnce }, trip));
      if (i >= 0) many.push((performance.now() - start) / atOnce);
    }
    await close();
    const [p50, p99] = [0.5, 0.99].map((share) => quantileOf(single, share));
    return [figureOf("p50", [p50!]), figureOf("p99", [p99!]), figureOf("flood", many)];
  },
};
