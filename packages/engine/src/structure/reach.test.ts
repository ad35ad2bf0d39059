import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { formulaNode, input, now, set } from "../fixtures/columns.ts";
import type { OuterReach } from "../formula-node.ts";
import { ReachTable } from "./reach.ts";
import { kindScalarFormula, kindScalarInput, Structure } from "./structure.ts";

const one = { outer: 1, periods: 1 };

function mapped(): OuterReach {
  return { kind: "map", dependents: (from, to) => [from, to] };
}

describe("reaches", () => {
  it("[RC9] are one for equal edges, and forgotten when none has them", () => {
    const table = new ReachTable();
    const all = table.idOf({ kind: "all" }, { kind: "all" });
    const map = mapped();
    const kept = table.idOf({ kind: "window", from: 0, to: 0 }, map);
    const dropped = table.idOf({ kind: "window", from: 0, to: 0 }, mapped());
    expect([all, table.idOf({ kind: "window", from: 0, to: 0 }, map)]).toEqual([0, kept]);
    const isUsed = new Uint8Array(table.idLimit);
    isUsed[kept] = 1;
    table.keep(isUsed);
    expect(table.idOf({ kind: "all" }, { kind: "all" })).toBe(0);
    expect(table.idOf({ kind: "window", from: 0, to: 0 }, map)).toBe(kept);
    expect(table.idOf({ kind: "range", from: 0, to: 1 }, mapped())).toBe(dropped);
    expect(table.get(dropped).time.kind).toBe("range");
  });

  it("[RC9] do not pile up while a row is wired again and again", () => {
    const structure = new Structure();
    const a = structure.allocate(kindScalarInput, undefined);
    const b = structure.allocate(kindScalarFormula, undefined);
    for (let i = 0; i < 5000; i++) {
      structure.edges.unlinkPrecedents(b);
      structure.edges.setPrecedents(b, [a], [structure.reaches.idOf({ kind: "all" }, mapped())]);
      structure.edges.linkPrecedents(b);
      structure.tidy();
    }
    expect(structure.reaches.idLimit).toBeLessThan(1500);
  });

  it("[RC9] stay right while a formula is replaced again and again", () => {
    const engine = createEngine();
    const a = input(engine, "a", 1);
    const steady = engine.addFormula(
      formulaNode("steady", one, [{ ...now(a), outer: mapped() }], (read) => read(0) as number),
    );
    const edited = engine.addFormula(formulaNode("edited", one, [now(a)], (read) => read(0) as number));
    for (let i = 0; i < 3000; i++) {
      engine.replace(
        edited,
        formulaNode("edited", one, [{ ...now(a), outer: mapped() }], (read) => (read(0) as number) + i),
      );
    }
    set(engine, a, 0, 5);
    expect([engine.read(steady).get(0), engine.read(edited).get(0)]).toEqual([5, 3004]);
    engine.checkInvariants();
  });
});
