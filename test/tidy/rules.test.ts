/**
 * Specification and tests name each other: every rule of `docs/spec` has a test, every tested rule exists.
 *
 * A rule is a list item that starts with its id in bold; a test of it has the id in brackets at the start of its
 * title; a test of several rules has several ids, each in its own brackets.
 */
import { expect, it } from "vitest";
import { files, isTest, textOf } from "./repository.ts";

interface Found {
  readonly id: string;
  readonly path: string;
}

const rules: Found[] = files
  .filter((path) => /^docs\/spec\/[^/]+\.md$/.test(path))
  .flatMap((path) =>
    Array.from(textOf(path).matchAll(/^- \*\*([A-Z]{2}\d+)\*\*/gm), (match) => ({
      id: match[1] as string,
      path,
    })),
  );

/** A text that begins with an id: in a test file that is a title. */
const titles = /["'`]((?:\[[A-Z]{2}\d+\] ?)+)/g;
const tested: Found[] = files
  .filter(isTest)
  .flatMap((path) =>
    Array.from(textOf(path).matchAll(titles)).flatMap((match) =>
      Array.from((match[1] as string).matchAll(/[A-Z]{2}\d+/g), ([id]) => ({ id, path })),
    ),
  );

it("there are rules and tests of them", () => {
  expect(rules.length).toBeGreaterThan(20);
  expect(tested.length).toBeGreaterThan(20);
});

it("every rule is tested", () => {
  const ids = new Set(tested.map(({ id }) => id));
  expect(rules.filter(({ id }) => !ids.has(id))).toEqual([]);
});

it("every tested rule exists", () => {
  const ids = new Set(rules.map(({ id }) => id));
  expect(tested.filter(({ id }) => !ids.has(id))).toEqual([]);
});

it("no id is given twice", () => {
  const seen = new Set<string>();
  expect(rules.filter(({ id }) => seen.size === seen.add(id).size)).toEqual([]);
});

it("a prefix belongs to one page", () => {
  const pages = new Map<string, Set<string>>();
  for (const { id, path } of rules) {
    const prefix = id.slice(0, 2);
    pages.set(prefix, (pages.get(prefix) ?? new Set()).add(path));
  }
  expect([...pages].filter(([, paths]) => paths.size > 1)).toEqual([]);
});
