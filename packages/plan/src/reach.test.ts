import type { AxisAccess, Reference } from "@reckon/formula";
import { type Axis, axisOf } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { reachOf } from "./reach.ts";

const segment = axisOf("segment", ["SMB", "Mid", "Ent"]);
const region = axisOf("region", ["EU", "US"]);
const month = axisOf("month", ["01", "02", "03", "04"], { frequency: "step", starts: [1, 2, 3, 4] });
const here: AxisAccess = { kind: "current", offset: 0 };

function reference(axes: readonly Axis[], access: readonly AxisAccess[]): Reference {
  return { attribute: "b.x", axes, access, span: { start: 0, end: 0 } };
}
function dependents(from: number, to: number, read: Reference, own: readonly Axis[]): unknown {
  const { outer } = reachOf(read, own);
  return outer.kind === "map" ? outer.dependents(from, to) : outer.kind;
}

describe("reach", () => {
  it.each<[string, readonly Axis[], readonly AxisAccess[], readonly Axis[], unknown]>([
    ["the current period", [month], [here], [month], { kind: "window", from: 0, to: 0 }],
    ["a lag", [month], [{ kind: "current", offset: -2 }], [month], { kind: "window", from: -2, to: -2 }],
    [
      "a window",
      [month],
      [{ kind: "window", from: -2, to: 0, clip: true }],
      [month],
      { kind: "window", from: -2, to: 0 },
    ],
    [
      "an absolute period",
      [month],
      [{ kind: "fixed", position: 2 }],
      [month],
      { kind: "range", from: 2, to: 3 },
    ],
    [
      "a range of periods",
      [month],
      [{ kind: "range", from: 0, to: 4 }],
      [],
      { kind: "range", from: 0, to: 4 },
    ],
    ["no time on either side", [segment], [here], [segment], { kind: "window", from: 0, to: 0 }],
    ["a constant read over time", [segment], [here], [segment, month], { kind: "all" }],
  ])("[PL2] along time: %s", (_name, read, access, own, expected) => {
    expect(reachOf(reference(read, access), own).time).toEqual(expected);
  });

  it("[PL3] equal outer axes read at the current cell reach the same member", () => {
    expect(reachOf(reference([region, segment], [here, here]), [region, segment]).outer).toEqual({
      kind: "same",
    });
  });

  it("[PL3] broadcasting maps a member to every member that has it", () => {
    const inner = reference([segment], [here]);
    expect(dependents(1, 2, inner, [region, segment])).toEqual([1, 5]); // EU·Mid … US·Mid
    const outer = reference([region], [here]);
    expect(dependents(1, 2, outer, [region, segment])).toEqual([3, 6]);
    expect(dependents(1, 2, reference([region, segment], [here, here]), [segment, region])).toEqual([2, 3]);
  });

  it("[PL3] a fixed member touches nothing when another member changes", () => {
    const fixed = reference([segment], [{ kind: "fixed", position: 2 }]);
    expect(dependents(0, 2, fixed, [region])).toEqual([0, 0]);
    expect(dependents(2, 3, fixed, [region])).toEqual([0, 2]);
  });

  it("[PL3] a reduction widens along its own axis only", () => {
    const sum = reference([region, segment], [here, { kind: "range", from: 0, to: 3 }]);
    expect(dependents(4, 5, sum, [region])).toEqual([1, 2]); // US·Mid changes the sum of US
    expect(dependents(2, 4, sum, [region])).toEqual([0, 2]);
  });
});
