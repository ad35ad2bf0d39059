import { expect, it } from "vitest";
import { failureLines } from "./failed-calls.ts";

it("[CL77] tells the first ten causes, and how many more there are", () => {
  const failures = Array.from({ length: 13 }, (_, i) => ({
    attribute: "a.x",
    cause: `f.g failed: ${i}`,
    cells: i + 1,
    at: [],
    scenario: i === 0 ? "base" : "down",
  }));
  const lines = failureLines("m.reckon", failures);
  expect(lines).toHaveLength(11);
  expect(lines[0]).toBe("reckon: a.x: f.g failed: 0 (1 cell; reckon why m.reckon 'a.x')");
  expect(lines[1]).toBe("reckon: a.x: f.g failed: 1 (2 cells; reckon why m.reckon 'a.x' -s down)");
  expect(lines[10]).toBe("reckon: and 3 more like these");
});
