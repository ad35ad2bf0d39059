import { expect, it } from "vitest";
import { files, topLevel } from "./repository.ts";

// What belongs to the project, then what tools insist on having there.
const allowed = [
  "packages",
  "apps",
  "docs",
  "test",
  "package.json",
  "turbo.json",
  "README.md",
  "LICENSE",
  "package-lock.json",
  "biome.json",
  "knip.json",
  "tsconfig.base.json",
];

it("the top level holds nothing else", () => {
  expect(topLevel().filter((name) => !name.startsWith(".") && !allowed.includes(name))).toEqual([]);
});

it("the top level holds what a visitor looks for", () => {
  for (const name of ["README.md", "LICENSE", "package.json", "packages", "apps", "docs", "test"]) {
    expect(topLevel()).toContain(name);
  }
});

it("the tests have a place each, and nothing lies beside them", () => {
  const loose = files.filter((path) => /^test\/[^/]+$/.test(path));
  expect(
    loose.filter((path) => !/\/(?:README\.md|package\.json|tsconfig\.json|vitest\.config\.ts)$/.test(path)),
  ).toEqual([]);
});
