import type { Runtime } from "@reckon/host";
import { afterEach, describe, expect, it } from "vitest";
import { closeDesks, openDesk } from "../fixtures/desk.ts";

afterEach(closeDesks);

const model = `model shop
use "./slow.ts" as slow
time year 2026..2027
block sales by year
  input price = 1
  input load = 2
  strain = slow.strain(load)
  total = strain * 2
  aside = load + 1
`;

/** A function that answers when the test says so, and takes 38 s by the desk's clock. */
function slowDesk(columns = 110, rows = 24) {
  let ms = 0;
  const waiting: (() => void)[] = [];
  const strain = (load: unknown) =>
    new Promise<number>((resolve) =>
      waiting.push(() => {
        ms += 19_000;
        resolve((load as number) * 10);
      }),
    );
  const stats = (): ReturnType<Runtime["stats"]> =>
    ({
      calls: { sentMs: 0 },
      workers: {
        counts: {
          queued: 0,
          done: 0,
          threads: [
            { thread: 1, state: "running", runs: "sales.strain (slow.strain)", forMs: 3_000, tasks: 1 },
          ],
        },
      },
    }) as unknown as ReturnType<Runtime["stats"]>;
  const desk = openDesk(columns, rows, model, {
    lazyAboveMs: 2_000,
    host: { now: () => ms, module: () => ({ strain: strain as never }) },
    runtime: { stats },
  });
  const answer = async (): Promise<void> => {
    for (const each of waiting.splice(0)) each();
    await desk.sheet.settled();
    await desk.settle();
  };
  return { desk, answer, waiting };
}

describe("heavy formulas", () => {
  it("[TE53] leaves stale what is known to take long, says what refreshing takes, and r does it", async () => {
    const { desk, answer, waiting } = slowDesk();
    desk.type("j");
    expect(desk.lines().at(-1)).toContain("⟳ 0 of 1 heavy formula");
    await answer();
    expect(desk.line(" strain")).toContain("20");
    desk.type(":set sales.load = 3\r");
    expect([desk.line(" strain"), desk.line(" total"), desk.line(" aside")]).toEqual([
      expect.stringMatching(/◌ *20 +◌ *20/),
      expect.stringMatching(/◌ *40 +◌ *40/),
      expect.stringMatching(/ Δ?4 +Δ?4/),
    ]);
    desk.type(":go sales.strain[2026]\r");
    expect(desk.lines()[0]).toMatch(/2◌ \(about 38 s, press r\)/);
    expect(desk.lines().join("\n")).toContain("◌ stale: about 38 s, press r");
    expect(waiting).toHaveLength(0);
    desk.type("r");
    expect(desk.line("14:02:11")).toContain("recalculating 2 stale attributes (x cancels)");
    // What was waited for before plays no part.
    expect(desk.lines().at(-1)).toContain("⟳ 0 of 1 heavy formula, about 38 s left");
    await answer();
    expect(desk.line(" total")).toMatch(/60 +Δ?60/);
    desk.type("r");
    expect(desk.lines().join("\n")).toContain("nothing is stale");
  });

  it("[TE54] says how far work is and which thread does what, and x cancels it", async () => {
    const { desk, waiting } = slowDesk();
    desk.type(":go sales.strain[2026]\r");
    expect(desk.lines().at(-1)).toMatch(
      /⟳ 0 of 1 heavy formula, less than 1 s so far +x cancels +1: sales\.strain \(slow\.strain\) 3 s/,
    );
    expect(desk.lines().join("\n")).toMatch(/⟳ being computed, x cancels[\s\S]*thread 1: sales\.strain/);
    desk.type("x");
    expect(desk.line("14:02:11")).toContain("cancelled");
    expect([desk.lines()[0], desk.line(" strain   "), desk.line(" aside")]).toEqual([
      expect.stringMatching(/ 2◌ *$/),
      expect.stringMatching(/◌…/),
      expect.stringMatching(/3 +3/),
    ]);
    const before = waiting.length;
    desk.type("x");
    expect(desk.lines().join("\n")).toContain("nothing is being computed");
    expect(waiting).toHaveLength(before);
  });

  it("[TE54] in windows without a legend the last line says it", () => {
    const { desk } = slowDesk(50, 10);
    expect(desk.lines().at(-1)).toContain("⟳ 0 of 1 heavy formula");
    for (const line of desk.lines()) expect(line.length).toBeLessThanOrEqual(50);
  });

  it("[TE55] a watched attribute is kept live, until it is watched no longer", async () => {
    const { desk, answer, waiting } = slowDesk();
    await answer();
    desk.type(":watch sales.strain\r");
    expect(desk.line("14:02:11")).toContain("sales.strain is kept live");
    desk.type(":set sales.load = 4\r");
    expect(waiting.length).toBeGreaterThan(0);
    await answer();
    expect(desk.line(" total")).toMatch(/80 +Δ?80/);
    desk.type(":watch sales.strain\r:set sales.load = 5\r");
    expect([waiting.length, desk.sheet.statusOf("sales.strain")]).toEqual([0, "stale"]);
  });
});
