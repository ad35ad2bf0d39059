/** The engine against a naive recomputation, on random graphs under random edits. */
import fc from "fast-check";
import { it } from "vitest";
import { cases } from "./cases.ts";
import { play, playHeavy } from "./graph-pair.ts";

const someNumbers = fc.array(fc.nat(2 ** 20), { minLength: 40, maxLength: 400, size: "max" });

it("[RC1] [OV1] values equal a naive recomputation after every edit, and nothing runs without a reason", () => {
  fc.assert(
    fc.property(someNumbers, (numbers) => {
      play(numbers, 25);
    }),
    cases(150),
  );
});

it("[EX2] [EX4] what is fresh has the naive value, however late and in whatever order heavy work is answered", () =>
  fc.assert(
    fc.asyncProperty(someNumbers, (numbers) => playHeavy(numbers, 15)),
    cases(100),
  ));
