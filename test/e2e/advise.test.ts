import { describe, expect, it } from "vitest";
import { overStores, storesPlace } from "./batch-place.ts";

interface Advice {
  readonly runs: number;
  readonly findings: readonly { readonly code: string; readonly text: string; readonly figures: object }[];
  readonly thresholds: { readonly runsMin: number };
}

const advise = ["advise", "stores.reckon", "--over", "store"];

describe("advise", () => {
  it("[CL83] says that there is too little history, then what the runs say", () => {
    const place = storesPlace();
    const none = place.reckon(advise);
    expect([none.code, none.stderr]).toEqual([0, ""]);
    expect(none.stdout).toContain("too little history: 0 runs have ended");
    for (let i = 0; i < 3; i++) place.reckon([...overStores, "--no-resume"]);
    const advice = place.json([...advise, "--json"]) as Advice;
    expect([advice.runs, advice.findings.map(({ code }) => code)]).toEqual([3, ["stay-sequential"]]);
    expect(place.reckon(advise).stdout).toContain((advice.findings[0] as { text: string }).text);
  });

  it("[CL83] failures come first, and thresholds are those of reckon.json", () => {
    const place = storesPlace();
    place.write("broken.txt", "s3\n");
    place.write("reckon.json", '{"advise": {"runsMin": 1, "entitiesMin": 1}}');
    expect(place.reckon([...overStores, "--retries", "0"]).code).toBe(3);
    const advice = place.json([...advise, "--json"]) as Advice;
    expect(advice.findings[0]?.code).toBe("fix-failures");
    expect(advice.thresholds.runsMin).toBe(1);
  });

  it.each([
    ["advise stores.reckon", "advise needs the axis of the runs"],
    ["advise nothing.reckon --over store", "no such file: nothing.reckon"],
    ["advise stores.reckon --over shop", "has no axis `shop` with a table; there are `store`"],
  ])("[CL83] %s", (line, message) => {
    const { code, stdout, stderr } = storesPlace().reckon(line.split(" "));
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  it.each([
    ["{", "reckon.json is not JSON"],
    ["[]", "reckon.json has to be an object"],
    ['{"advise": {"runMin": 1}}', "advise has no threshold runMin"],
  ])("[CL83] refuses %s as reckon.json", (config, message) => {
    const place = storesPlace();
    place.write("reckon.json", config);
    const { code, stderr } = place.reckon(advise);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});
