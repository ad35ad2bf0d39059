import { expect, it } from "vitest";
import type { NodeId } from "../formula-node.ts";
import { kindCell, Structure } from "../structure/structure.ts";
import { writeCell } from "../transactions/definition.ts";
import { cellFormula } from "./cell-formula.ts";

it("[EX7] the version of a cell holds its own constants: a family computes other bits with others", () => {
  const structure = new Structure();
  const family = {
    name: "#0*?",
    arity: 1,
    constantCount: 1,
    general: ([value]: readonly unknown[], constants: Float64Array, at: number) =>
      (value as number) * (constants[at] as number),
    version: "times",
  };
  const versions = [2, 3, 2, 0, -0].map((constant) => {
    const node = structure.allocate(kindCell, family);
    writeCell(structure, node, { name: "c", family, precedents: [] as NodeId[], constants: [constant] });
    structure.edges.setPrecedents(node, [node]);
    return cellFormula(structure, node).kernel.version;
  });
  expect(versions).toEqual(["times 2", "times 3", "times 2", "times 0", "times -0"]);
});
