/**
 * The columns of a result file, and which cell of each attribute stands in which line of an entity.
 *
 *   player   month     round.points   state       error
 *   p001     2026-01   12.5           succeeded
 *
 * First the entity's key, then the other axes of the wanted attributes in the order in which these name them, the attributes, `state` and
 * `error`. An entity has a line for each combination of members of the other axes, the last axis fastest; where there are none, one
 * line. An attribute without one of the axes stands in all lines along it.
 */
import type { BatchProgram } from "../program.ts";

export interface ResultColumns {
  readonly names: readonly string[];
  /** Lines of an entity. */
  readonly lines: number;
  /** For each of the other axes the member's name in each line. */
  readonly labels: readonly (readonly string[])[];
  /** For each attribute its cell in each line. */
  readonly cells: readonly Int32Array[];
}

export function resultColumns({ axis, wanted }: Pick<BatchProgram, "axis" | "wanted">): ResultColumns {
  const axes = new Map<string, readonly string[]>();
  for (const attribute of wanted)
    for (const { name, labels } of attribute.axes) if (!axes.has(name)) axes.set(name, labels);
  const sizes = new Map([...axes].map(([name, labels]) => [name, labels.length]));
  const strides = stridesOf(sizes);
  const lines = [...sizes.values()].reduce((product, size) => product * size, 1);
  const memberIn = (name: string, line: number): number =>
    Math.floor(line / (strides.get(name) as number)) % (sizes.get(name) as number);
  const names = [axis, ...axes.keys(), ...wanted.map(({ id }) => id)];
  return {
    names: [...names, freeName("state", names), freeName("error", names)],
    lines,
    labels: [...axes].map(([name, labels]) =>
      Array.from({ length: lines }, (_, line) => labels[memberIn(name, line)] as string),
    ),
    cells: wanted.map((attribute) => {
      const own = stridesOf(new Map(attribute.axes.map(({ name, labels }) => [name, labels.length])));
      return Int32Array.from({ length: lines }, (_, line) => {
        let cell = 0;
        for (const [name, stride] of own) cell += memberIn(name, line) * stride;
        return cell;
      });
    }),
  };
}

/** How far apart two neighbours of each axis are, the last axis innermost. */
function stridesOf(sizes: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const strides = new Map<string, number>();
  let stride = 1;
  for (const [name, size] of [...sizes].reverse()) {
    strides.set(name, stride);
    stride *= size;
  }
  return new Map([...strides].reverse());
}

/** An axis may be called `state`; the name of an attribute has a point, that of an axis no space. */
function freeName(name: string, taken: readonly string[]): string {
  return taken.includes(name) ? `entity ${name}` : name;
}
