/**
 * Which cells the index of an override names.
 *
 * As many items as the attribute has axes go by position, axes in the attribute's order (time last). Fewer items find
 * their axis by their labels, each a different one; an axis that no item names is meant whole. Labels are members,
 * periods, coarser periods (`2027` on months), and spans of either (`2027-01..`).
 */
import { type IndexItem, type NumberLiteral, nearestName } from "@reckon/formula";
import type { Axis } from "@reckon/value";
import { positionsOfLabel, positionsOfSpan } from "./axis-label.ts";
import type { Positions } from "./cell-grid.ts";
import { listed } from "./check-axes.ts";
import type { CheckReport } from "./check-report.ts";
import type { CheckedAttribute, OverrideDeclaration } from "./declarations.ts";
import { presentFields } from "./present-fields.ts";

/** Per axis the positions meant, undefined for all; undefined, with a diagnostic, when the index names no cells. */
export function resolveIndex(
  declaration: OverrideDeclaration,
  attribute: CheckedAttribute,
  item: number,
  report: CheckReport,
): Positions | undefined {
  const { axes, id } = attribute;
  const items = declaration.index ?? [];
  const positions: (readonly number[] | undefined)[] = axes.map(() => undefined);
  const fail = (span: IndexItem["span"], problem: string, hint?: string): undefined => {
    report.add("scenario/bad-index", { item, span }, presentFields({ attribute: id, problem, hint }));
    return undefined;
  };
  if (items.length > axes.length) {
    const names = listed(axes.map((axis) => axis.name));
    const extra = items[axes.length] as IndexItem;
    if (axes.length === 0)
      return fail(extra.span, "it has no axes, so it has no index", "remove the brackets");
    return fail(
      extra.span,
      `${items.length} indexes for ${axes.length} ${axes.length === 1 ? "axis" : "axes"}`,
      `its axes are ${names}`,
    );
  }
  const isByPosition =
    items.length === axes.length && items.every((one, i) => namesPositions(one, axes[i] as Axis));
  const taken = new Set<number>();
  for (const [i, one] of items.entries()) {
    if (one.kind === "all") continue;
    const written = writtenLabel(one);
    if (written === undefined) {
      const isLag = one.kind === "lag" || one.kind === "window";
      return fail(
        one.span,
        isLag ? "an override has no current period" : "an override is indexed by labels",
        isLag ? "name the period: `[2027-01]` or `[2027-01..]`" : undefined,
      );
    }
    const found = isByPosition
      ? [i]
      : axes.map((_, a) => a).filter((a) => !taken.has(a) && positionsOn(one, axes[a] as Axis) !== undefined);
    const at = found[0];
    if (at === undefined) return reportUnknown(one, written, axes, taken, fail);
    if (found.length > 1) {
      const names = found.map((a) => `\`${axes[a]?.name}\``).join(" and ");
      return fail(
        one.span,
        `\`${written}\` is a member of ${names}`,
        "give an index for every axis, `*` for all of one",
      );
    }
    taken.add(at);
    positions[at] = positionsOn(one, axes[at] as Axis);
  }
  return positions;
}

function namesPositions(item: IndexItem, axis: Axis): boolean {
  return item.kind === "all" || positionsOn(item, axis) !== undefined;
}

function positionsOn(item: IndexItem, axis: Axis): readonly number[] | undefined {
  if (item.kind === "range") return positionsOfSpan(axis, item.from, item.to);
  const label = writtenLabel(item);
  return label === undefined ? undefined : positionsOfLabel(axis, label);
}

/** The label of an item as text; undefined where it is no label. */
function writtenLabel(item: IndexItem): string | undefined {
  switch (item.kind) {
    case "label":
      return item.label;
    case "range":
      return `${item.from ?? ""}..${item.to ?? ""}`;
    case "key":
      if (item.expression.kind === "name" && item.expression.index === undefined)
        return item.expression.path.join(".");
      if (item.expression.kind === "number") return String((item.expression as NumberLiteral).value);
      return item.expression.kind === "text" ? item.expression.value : undefined;
    case "all":
    case "lag":
    case "window":
      return undefined;
  }
}

function reportUnknown(
  item: IndexItem,
  written: string,
  axes: readonly Axis[],
  taken: ReadonlySet<number>,
  fail: (span: IndexItem["span"], problem: string, hint?: string) => undefined,
): undefined {
  const open = axes.filter((_, a) => !taken.has(a));
  if (item.kind === "range" && item.from !== undefined && item.to !== undefined) {
    const { from, to } = item;
    if (
      open.some(
        (axis) => positionsOfLabel(axis, from) !== undefined && positionsOfLabel(axis, to) !== undefined,
      )
    )
      return fail(item.span, `\`${from}\` comes after \`${to}\``);
  }
  const names = open.map((axis) => `\`${axis.name}\``).join(" or ");
  const members = open
    .filter((axis) => axis.time === undefined)
    .flatMap((axis) => axis.labels.slice(0, 10_000));
  const suggestion = item.kind === "range" ? undefined : nearestName(written, members);
  const time = open.find((axis) => axis.time !== undefined);
  const span =
    time === undefined ? "" : `; ${time.name}s run from ${time.labels[0]} to ${time.labels.at(-1)}`;
  if (suggestion !== undefined)
    return fail(item.span, `\`${written}\` is no member of ${names}`, `did you mean \`${suggestion}\`?`);
  const known = open.find((axis) => axis.time === undefined);
  const hint =
    known === undefined
      ? span.slice(2)
      : `members of \`${known.name}\` are ${listed(known.labels, 5)}${span}`;
  return fail(item.span, `\`${written}\` is no member of ${names}`, hint);
}
