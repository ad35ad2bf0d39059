/**
 * A small fixed world for tests of formulas: two axes and a time axis, attributes over every combination of them, and
 * columns for them. `scopeOf` is what a formula over given axes can see.
 */
import { nearestName, type Resolution, type Scope } from "@reckon/formula";
import { type Axis, axisOf, Column, errorValue, type Scalar, timeAxis } from "@reckon/value";

function monthAxis(): Axis {
  const made = timeAxis("month", "2026-01", "2026-12");
  if ("problem" in made) throw new Error(made.problem);
  return made.axis;
}

export const segment: Axis = axisOf("segment", ["SMB", "Mid", "Ent"]);
export const region: Axis = axisOf("region", ["EU", "US"]);
export const month: Axis = monthAxis();
const axes: readonly Axis[] = [segment, region, month];

/** The attributes by name. `self` is given per formula, over the formula's own axes. */
const attributes: ReadonlyMap<string, readonly Axis[]> = new Map([
  ["rate", []],
  ["price", [segment]],
  ["tax", [region]],
  ["season", [month]],
  ["share", [region, segment]],
  ["seats", [segment, month]],
  ["mrr", [segment, month]],
  ["sales", [segment, region, month]],
]);

/** Attributes of texts: labels of members, to be used as keys. */
export const textAttributes: ReadonlySet<string> = new Set(["favourite", "note"]);
const texts: ReadonlyMap<string, readonly Axis[]> = new Map([
  ["favourite", [region]],
  ["note", []],
]);

/** The scope of a formula over `currentAxes` (time last). */
export function scopeOf(currentAxes: readonly Axis[], more: Partial<Scope> = {}): Scope {
  const names = [...attributes.keys(), ...texts.keys(), "self"];
  return {
    resolve: (path): Resolution | undefined => {
      const name = path.join(".");
      if (name === "self") return { kind: "attribute", id: name, axes: currentAxes };
      const found = attributes.get(name);
      if (found !== undefined) return { kind: "attribute", id: name, axes: found, valueType: "number" };
      const text = texts.get(name);
      if (text !== undefined) return { kind: "attribute", id: name, axes: text, valueType: "text" };
      const axis = axes.find((one) => one.name === name);
      if (axis !== undefined) return { kind: "axis", axis };
      if (path[0] === "mod" && path.length === 2) {
        return { kind: "module-function", module: "mod", name: path[1] as string };
      }
      return undefined;
    },
    suggest: (path) => nearestName(path.join("."), names),
    currentAxes,
    allowA1: false,
    isStrict: true,
    ...more,
  };
}

/** A column over `of`, cell by cell. */
export function columnOver(of: readonly Axis[], cell: (index: number) => Scalar): Column {
  const time = of.find((axis) => axis.time !== undefined);
  const outer = of.filter((axis) => axis !== time).reduce((product, axis) => product * axis.labels.length, 1);
  const column = new Column({ outer, periods: time?.labels.length ?? 1 });
  for (let i = 0; i < column.length; i++) column.set(i, cell(i));
  return column;
}

/** The axes an attribute has in the world. */
export function axesOf(name: string, currentAxes: readonly Axis[]): readonly Axis[] {
  return name === "self" ? currentAxes : (attributes.get(name) ?? texts.get(name) ?? []);
}

/** Cells by what they should hold: numbers alone, or anything. */
export function cellOf(draw: number, isMixed: boolean): Scalar {
  const number = ((draw * 7919) % 2003) / 16 - 40;
  if (!isMixed) return draw % 11 === 0 ? 0 : number;
  const odd: readonly Scalar[] = [
    null,
    true,
    false,
    "12",
    "Ent",
    "",
    errorValue("#N/A"),
    errorValue("#REF!"),
  ];
  return draw % 4 === 0 ? (odd[(draw >> 2) % odd.length] as Scalar) : number;
}
