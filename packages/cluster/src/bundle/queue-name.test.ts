import { describe, expect, it } from "vitest";
import { absenceText } from "../worker/worker-absence.ts";
import { checkName, compatiblePart, computingVersions, queueName } from "./queue-name.ts";

describe("the name of a queue", () => {
  it("[QU1] has what decides the bits", () => {
    expect(queueName("reckon", { protocol: 1, engine: "0.1", v8: "13.6" })).toBe("reckon-1-e0_1-v13_6");
    expect(compatiblePart("0.1.7")).toBe("0.1");
    expect(compatiblePart("2.3.4")).toBe("2");
    expect(computingVersions().v8).toBe(process.versions.v8.split(".").slice(0, 2).join("."));
  });

  it.each(["", "Reckon", "a-b", "a:b", "1a", 'a"b', "a".repeat(41)])("is plain, not %s", (name) => {
    expect(() => checkName(name)).toThrow("a queue's name is made of");
  });
});

describe("what is told without workers", () => {
  const versions = { protocol: 1, engine: "0.1", v8: "13.6" };
  const sign = {
    worker: "h/1",
    queue: "q",
    engine: "0.1",
    v8: "13.6",
    threads: 1,
    startedAtMs: 0,
    chunks: 0,
    entities: 0,
  };
  const ask = { place: "redis://host:6379", queue: "q", versions };

  it("[QU1] is nothing where there is one of these versions", () => {
    expect(absenceText({ ...ask, workers: [{ ...sign, queue: "r", v8: "12.4" }, sign] })).toBeUndefined();
  });

  it("[QU1] says which versions wait", () => {
    const others = ["12.4", "12.4", "14.0"].map((v8) => ({ ...sign, queue: "r", v8 }));
    const text = absenceText({ ...ask, workers: others });
    expect(text).toContain("No worker for engine 0.1 and V8 13.6 is at redis://host:6379");
    expect(text).toContain("2 for engine 0.1 and V8 12.4, 1 for engine 0.1 and V8 14.0");
    expect(absenceText({ ...ask, workers: [] })).toContain("reckon worker --queue URL");
  });
});
