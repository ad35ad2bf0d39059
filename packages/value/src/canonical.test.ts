import { describe, expect, it } from "vitest";
import { arrayValue } from "./array-value.ts";
import { type Canonical, encodeCanonical } from "./canonical.ts";
import { Column, columnFrom, sameColumn } from "./column.ts";
import { errorValue, withOrigin } from "./error-value.ts";
import { ValueMisuse } from "./misuse.ts";

const hex = (value: Canonical): string =>
  Array.from(encodeCanonical(value), (byte) => byte.toString(16)).join(" ");

describe("canonical bytes", () => {
  const origin = { attribute: "a.b", at: ["x"] };
  const different: Canonical[] = [
    null,
    false,
    true,
    0,
    -0,
    1,
    Number.NaN,
    "",
    "0",
    "\ufffd",
    "\ud800",
    "\udc00",
    "ab",
    errorValue("#N/A"),
    errorValue("#NUM!"),
    withOrigin(errorValue("#N/A"), origin),
    withOrigin(errorValue("#N/A"), { attribute: "a.b", at: [] }),
    [],
    [null],
    [[], []],
    [[[]]],
    ["ab"],
    ["a", "b"],
    {},
    { a: 1 },
    { a: "1" },
    { b: 1 },
    { a: 1, b: 2 },
    arrayValue(1, 2, [1, 2]),
    arrayValue(2, 1, [1, 2]),
    arrayValue(2, 1, [1, 2], { isRange: true }),
    new Column({ outer: 1, periods: 2 }),
    new Column({ outer: 2, periods: 1 }),
    columnFrom({ outer: 1, periods: 2 }, [0, null]),
    columnFrom({ outer: 1, periods: 2 }, [null, 0]),
    columnFrom({ outer: 1, periods: 2 }, [0, -0]),
    columnFrom({ outer: 1, periods: 2 }, ["a", "b"]),
    columnFrom({ outer: 1, periods: 2 }, [errorValue("#N/A"), true]),
  ];

  it("[VA8] different values have different bytes", () => {
    const bytes = different.map(hex);
    expect(new Set(bytes).size).toBe(different.length);
  });

  it("[VA8] equal values have equal bytes", () => {
    expect(hex({ a: 1, b: undefined, c: 2 })).toBe(hex({ c: 2, a: 1 }));
    expect(hex(errorValue("#N/A", "not there"))).toBe(hex(errorValue("#N/A")));
    const otherNaN = new Float64Array(Uint32Array.of(1, 0x7ff80000).buffer)[0] as number;
    expect(hex(otherNaN)).toBe(hex(Number.NaN));
    const touched = columnFrom({ outer: 1, periods: 2 }, ["a", 2]);
    touched.set(0, 1);
    expect(hex(touched)).toBe(hex(columnFrom({ outer: 1, periods: 2 }, [1, 2])));
  });

  it("[VA8] are these bytes", () => {
    expect(hex(1)).toBe("3 0 0 0 0 0 0 f0 3f");
    expect(hex("é")).toBe("4 1 0 0 0 e9 0");
  });

  it("[VA8] refuses what has none", () => {
    const nested: unknown[] = [];
    nested.push(nested);
    for (const wrong of [() => 1, new Map(), Symbol("s"), 1n, nested, [undefined]]) {
      expect(() => encodeCanonical(wrong as Canonical)).toThrow(ValueMisuse);
    }
  });
});

describe("equality of columns", () => {
  it("[VA9] is that of their cells and shapes", () => {
    const shape = { outer: 1, periods: 3 };
    const column = columnFrom(shape, [1, "a", errorValue("#N/A")]);
    expect(sameColumn(column, column.clone())).toBe(true);
    expect(sameColumn(column, columnFrom(shape, [1, "b", errorValue("#N/A")]))).toBe(false);
    expect(sameColumn(column, columnFrom(shape, [1, "a", errorValue("#NUM!")]))).toBe(false);
    expect(sameColumn(columnFrom(shape, [0, 0, 0]), columnFrom(shape, [0, -0, 0]))).toBe(false);
    expect(sameColumn(new Column(shape), new Column({ outer: 3, periods: 1 }))).toBe(false);
  });
});
