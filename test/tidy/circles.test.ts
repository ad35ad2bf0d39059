import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, isTest, sourcesUnder } from "./repository.ts";

const sources = ["packages", "apps"]
  .flatMap((folder) => sourcesUnder(folder))
  .filter((path) => !isTest(path));

/** The files that a file imports by a relative path, types included: a circle of types is a circle, too. */
function neighboursOf(path: string): string[] {
  return importsOf(path)
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier }) => join(dirname(path), specifier));
}

/** A circle reachable from `start`, as the files along it; the walk keeps its own stack. */
function circleFrom(
  start: string,
  graph: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
): string[] | undefined {
  const path: { file: string; next: number }[] = [{ file: start, next: 0 }];
  const onPath = new Set([start]);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const target = graph.get(top.file)?.[top.next++];
    if (target === undefined) {
      done.add(top.file);
      onPath.delete(top.file);
      path.pop();
    } else if (onPath.has(target)) {
      const files = path.map(({ file }) => file);
      return [...files.slice(files.indexOf(target)), target];
    } else if (!done.has(target) && graph.has(target)) {
      path.push({ file: target, next: 0 });
      onPath.add(target);
    }
  }
  return undefined;
}

describe("imports", () => {
  it("make no circles, not even of types", () => {
    const graph = new Map(sources.map((path) => [path, neighboursOf(path)]));
    expect(graph.size).toBeGreaterThan(100);
    const done = new Set<string>();
    const circles = [...graph.keys()]
      .map((file) => (done.has(file) ? undefined : circleFrom(file, graph, done)))
      .filter((circle) => circle !== undefined);
    expect(circles).toEqual([]);
  });

  it("that make a circle are found", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b"]],
    ]);
    expect(circleFrom("a", graph, new Set())).toEqual(["b", "c", "b"]);
  });
});
