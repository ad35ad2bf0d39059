import { columnFrom, errorValue, type Scalar, sameScalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeBlock, encodeBlock } from "./result-block.ts";

const origin = { attribute: "game.points", at: ["p1"] };
const scalar: fc.Arbitrary<Scalar> = fc.oneof(
  { weight: 5, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  fc.constantFrom<Scalar>(null, true, false, -0, 0, "", "\ud800", "\ufffd", "EUR"),
  fc.constantFrom<Scalar>(errorValue("#N/A"), { ...errorValue("#VALUE!", "f.work failed: no"), origin }),
);
const months = { name: "month", labels: ["2026-01", "2026-02"] };

it("[LE11] a block reads back to the same cells, bit for bit", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(scalar, scalar, scalar), { maxLength: 9 }), (rows) => {
      const shape = { outer: rows.length, periods: 1 };
      const points = columnFrom(
        shape,
        rows.map(([value]) => value),
      );
      const cash = columnFrom(
        { ...shape, periods: 2 },
        rows.flatMap(([, first, second]) => [first, second]),
      );
      const wanted = [
        { id: "game.points", axes: [] },
        { id: "game.cash", axes: [months] },
      ];
      const bytes = encodeBlock(rows.length, wanted, [points, cash]);
      const block = decodeBlock(bytes);
      expect(block?.entities).toBe(rows.length);
      expect(block?.attributes).toEqual(wanted);
      for (const [row, [value, first, second]] of rows.entries()) {
        const found = [block?.get(0, row, 0), block?.get(1, row, 0), block?.get(1, row, 1)] as Scalar[];
        for (const [i, given] of [value, first, second].entries()) {
          expect(sameScalar(found[i] as Scalar, given)).toBe(true);
          expect(found[i]).toEqual(given);
        }
      }
    }),
    { seed: 264575131 },
  );
});

it("[LE11] bytes that are no block are refused", () => {
  const column = columnFrom({ outer: 2, periods: 1 }, [1.5, "none"]);
  const bytes = encodeBlock(2, [{ id: "game.points", axes: [] }], [column]);
  expect(decodeBlock(bytes)?.get(0, 1, 0)).toBe("none");
  for (let end = 0; end < bytes.length; end++) expect(decodeBlock(bytes.subarray(0, end))).toBeUndefined();
  const longer = new Uint8Array(bytes.length + 8);
  longer.set(bytes);
  expect(decodeBlock(longer)).toBeUndefined();
  const unmarked = bytes.slice();
  unmarked[bytes.length - 4] = 99;
  expect(decodeBlock(unmarked)).toBeUndefined();
});
