/**
 * Addresses: from labels to positions in an attribute's axes. A missing axis means all of its members.
 */
import { type Diagnostic, nearestName } from "@reckon/formula";
import { cellAt, type Positions } from "@reckon/plan";
import type { Axis } from "@reckon/value";
import type { CellIndex } from "./api.ts";

import { problem } from "./problem.ts";

export type Located<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Diagnostic };

/** The positions that an index names along each axis. Cost: the members of the axes left open. */
export function positionsOf(id: string, axes: readonly Axis[], index: CellIndex = {}): Located<Positions> {
  for (const name of Object.keys(index))
    if (!axes.some((axis) => axis.name === name)) return { ok: false, problem: unknownAxis(id, axes, name) };
  const positions: (readonly number[])[] = [];
  for (const axis of axes) {
    const label = index[axis.name];
    if (label === undefined) {
      positions.push(axis.labels.map((_, i) => i));
      continue;
    }
    const position = axis.positions.get(label);
    if (position === undefined) return { ok: false, problem: unknownLabel(axis, label) };
    positions.push([position]);
  }
  return { ok: true, value: positions };
}

/** The one cell that an index names; an axis may be left out only where it has a single member. */
export function cellOf(id: string, axes: readonly Axis[], index: CellIndex = {}): Located<number> {
  const positions = positionsOf(id, axes, index);
  if (!positions.ok) return positions;
  const open = axes.filter((_, i) => positions.value[i]?.length !== 1).map(({ name }) => name);
  if (open.length === 0)
    return {
      ok: true,
      value: cellAt(
        axes,
        positions.value.map(([position]) => position as number),
      ),
    };
  return {
    ok: false,
    problem: problem({
      code: "sheet/missing-index",
      message: `\`${id}\` has several cells: which ${open.join(" and ")}?`,
      hint: `give a label for ${open.map((name) => `\`${name}\``).join(" and ")}`,
      text: id,
    }),
  };
}

function unknownAxis(id: string, axes: readonly Axis[], name: string): Diagnostic {
  const names = axes.map((axis) => `\`${axis.name}\``).join(", ");
  return problem({
    code: "sheet/unknown-axis",
    message: `\`${id}\` has no axis \`${name}\``,
    hint: axes.length === 0 ? "it is a single value" : `its axes are ${names}`,
    text: name,
  });
}

function unknownLabel(axis: Axis, label: string): Diagnostic {
  const near = nearestName(label, axis.labels);
  const first = axis.labels[0];
  return problem({
    code: "sheet/unknown-label",
    message: `axis \`${axis.name}\` has no member \`${label}\``,
    hint:
      near === undefined
        ? `its members are \`${first}\` to \`${axis.labels.at(-1)}\``
        : `did you mean \`${near}\`?`,
    text: label,
  });
}
