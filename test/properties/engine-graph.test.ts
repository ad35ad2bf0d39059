/** The engine against a naive recomputation, on random graphs under random edits. */
import fc from "fast-check";
import { it } from "vitest";
import { cases } from "./cases.ts";
import { play } from "./graph-pair.ts";

const someNumbers = fc.array(fc.nat(2 ** 20), { minLength: 40, maxLength: 400, size: "max" });

it("[RC1] [OV1] values equal a naive recomputation after every edit, and nothing runs without a reason", () => {
  fc.assert(
    fc.property(someNumbers, (numbers) => {
      play(numbers, 25);
    }),
    cases(150),
  );
});
