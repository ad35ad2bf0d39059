/** A pin in a scenario was not seen by a scenario that extends it and has an override upstream of its own. */
import { expect, it } from "vitest";
import { open } from "../properties/open-text.ts";

const text = "model random\n\nblock b\n  input given = 1\n  doubled = given * 2\n";
const scenarios = [
  { source: "wide.reckon", text: "scenario wide of random\n" },
  { source: "narrow.reckon", text: "scenario narrow of random extends wide\n  b.given = 5\n" },
];

it("a pin is inherited whether it is there from the start or set later, until it is dropped", () => {
  const sheet = open({ text, scenarios });
  expect(sheet.get("b.doubled", {}, "narrow")).toBe(10);
  sheet.pin("b.doubled", 7, {}, "wide");
  expect(sheet.get("b.doubled", {}, "wide")).toBe(7);
  expect(sheet.get("b.doubled", {}, "narrow")).toBe(7);
  sheet.set("b.given", 6, {}, "narrow");
  expect(sheet.get("b.doubled", {}, "narrow")).toBe(7);
  sheet.dropOverride("b.doubled", "wide");
  expect(sheet.get("b.doubled", {}, "narrow")).toBe(12);
  expect(sheet.get("b.doubled", {}, "wide")).toBe(2);
});
