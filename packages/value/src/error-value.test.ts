import { expect, it } from "vitest";
import { errorValue, isErrorValue, sameError, withOrigin } from "./error-value.ts";
import { sameScalar } from "./scalar.ts";

const here = { attribute: "a.b", at: ["2026-01"] };
const there = { attribute: "a.b", at: ["2026-02"] };

it("[VA12] errors are equal by code and origin, whatever their detail", () => {
  expect(sameError(errorValue("#N/A", "one"), errorValue("#N/A", "two"))).toBe(true);
  expect(sameError(errorValue("#N/A"), errorValue("#NUM!"))).toBe(false);
  expect(sameError(withOrigin(errorValue("#N/A"), here), withOrigin(errorValue("#N/A"), { ...here }))).toBe(
    true,
  );
  expect(sameError(withOrigin(errorValue("#N/A"), here), withOrigin(errorValue("#N/A"), there))).toBe(false);
  expect(sameError(withOrigin(errorValue("#N/A"), here), errorValue("#N/A"))).toBe(false);
});

it("[VA12] an error keeps its first origin", () => {
  expect(withOrigin(withOrigin(errorValue("#N/A"), here), there).origin).toEqual(here);
});

it("[VA13] scalars are the same by bits, all NaN being one", () => {
  expect(sameScalar(Number.NaN, Number.NaN)).toBe(true);
  expect(sameScalar(0, -0)).toBe(false);
  expect(sameScalar(null, 0)).toBe(false);
  expect(sameScalar("1", 1)).toBe(false);
  expect(isErrorValue(null)).toBe(false);
});

it("[VA12] a record of somebody else's with the kind `error` is no error value", () => {
  expect(
    [{ kind: "error", message: "no" }, { kind: "error", code: "E404" }, null, "#N/A"].map(isErrorValue),
  ).toEqual([false, false, false, false]);
  expect(isErrorValue(errorValue("#N/A"))).toBe(true);
});
