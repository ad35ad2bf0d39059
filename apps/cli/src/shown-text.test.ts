import { expect, it } from "vitest";
import { shownText } from "./shown-text.ts";

it("[CL79] control characters are written, and lines are one", () => {
  expect(shownText("a\u001b[31mred\u0007\u009b2J")).toBe("a\\x1b[31mred\\x07\\x9b2J");
  expect(shownText("two\r\nlines\tand\u007f")).toBe("two  lines and\\x7f");
  expect(shownText("größer 日本 🙂")).toBe("größer 日本 🙂");
});
