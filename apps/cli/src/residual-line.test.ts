import { expect, it } from "vitest";
import { residualLine } from "./residual-line.ts";

it("[CL68] draws residuals on a logarithmic scale", () => {
  expect(residualLine([1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7], 8, 16)).toBe("█▇▆▅▄▃▂▁");
  expect(residualLine([2, 2, 2], 3, 16)).toBe("▅▅▅");
  expect(residualLine([1, 10, Number.POSITIVE_INFINITY], 3, 16)).toBe("▁▅█");
  expect(residualLine([100, 10, 0], 3, 16)).toBe("█▅▁");
  expect(residualLine([0, 0], 2, 16)).toBe("▅▅");
  expect([residualLine([], 0, 16), residualLine([1], 1, 16), residualLine([2, 1], 2, 1)]).toEqual([
    "",
    "",
    "",
  ]);
});

it("[CL68] folds a long history in the middle, and shows where it has a gap", () => {
  const long = Array.from({ length: 30 }, (_, i) => 10 ** -i);
  expect(residualLine(long, 30, 9)).toBe("███▇…▂▁▁▁");
  expect(residualLine([4, 3, 2, 1], 100, 16)).toBe("█▇…▅▁");
});
