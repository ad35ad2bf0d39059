import { expect, it } from "vitest";
import { looksLikeFile, type ScenarioFile, withAncestors } from "./scenario-search.ts";

const file = (name: string, parent?: string): ScenarioFile => {
  const plain = { name, source: `${name}.reckon`, path: `/m/${name}.reckon`, text: "", hash: "", model: "m" };
  return parent === undefined ? plain : { ...plain, extends: parent };
};
const names = (files: readonly ScenarioFile[]) => files.map((each) => each.name);

it("[CL8] a scenario comes after what it extends, and nothing comes twice", () => {
  const [low, lower, lowest, high] = [
    file("low"),
    file("lower", "low"),
    file("lowest", "lower"),
    file("high", "low"),
  ];
  const beside = [high, lowest, lower, low];
  expect(names(withAncestors([lowest], beside))).toEqual(["low", "lower", "lowest"]);
  expect(names(withAncestors([lowest, high, low], beside))).toEqual(["low", "lower", "lowest", "high"]);
});

it("ends where scenarios extend each other in a circle, and where an ancestor is missing", () => {
  const [a, b] = [file("a", "b"), file("b", "a")];
  expect(names(withAncestors([a], [a, b])).toSorted()).toEqual(["a", "b"]);
  expect(names(withAncestors([file("c", "gone")], []))).toEqual(["c"]);
});

it("[CL8] a name is a name, a path is a path", () => {
  expect(["downside", "v2.1"].map(looksLikeFile)).toEqual([false, false]);
  expect(["x.reckon", "x.JSON", "x.yml", "a/downside"].map(looksLikeFile)).toEqual([true, true, true, true]);
});
