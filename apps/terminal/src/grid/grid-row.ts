/**
 * The rows of the grid, from the model: block headings, attributes, the members of attributes with outer axes
 * (foldable), and the checks at the end. The list is made again only when the model or the folding changes; what a
 * row shows is made per frame, for visible rows only.
 *
 * A row's `key` names it across edits and reloads, so that the cursor stays where it was.
 */
import type { CheckedAttribute, CheckedModel } from "@reckon/model";
import type { Axis } from "@reckon/value";
import { type CellLayout, layoutCells } from "./cell-layout.ts";

export type GridRow =
  | { readonly kind: "block"; readonly key: string; readonly block: string; readonly isFolded: boolean }
  | {
      readonly kind: "attribute";
      readonly key: string;
      readonly id: string;
      /** With more than one member the row is a heading over its member rows. */
      readonly isHeading: boolean;
      readonly isFolded: boolean;
    }
  | { readonly kind: "member"; readonly key: string; readonly id: string; readonly member: number }
  | { readonly kind: "check"; readonly key: string; readonly check: number };

/** What stands along the columns: a time axis if the model has one, otherwise its most used axis, or nothing. */
interface ColumnAxis {
  readonly axis: Axis | undefined;
  /** At least one label: without an axis there is one column, `value`. */
  readonly labels: readonly string[];
}

/** Attributes with more members than this begin folded. */
const openMembersMax = 12;
/** The name of the rows that show checks. */
export const checksBlock = "checks";

/** Chooses the column axis. Cost: the number of attributes. */
function chooseColumnAxis(model: CheckedModel): ColumnAxis {
  if (model.time !== undefined) return { axis: model.time, labels: model.time.labels };
  const uses = new Map<Axis, number>();
  for (const attribute of model.attributes.values()) {
    const last = attribute.axes.at(-1);
    if (last !== undefined) uses.set(last, (uses.get(last) ?? 0) + 1);
  }
  let axis: Axis | undefined;
  for (const [candidate, count] of uses)
    if (candidate.labels.length > 0 && (axis === undefined || count > (uses.get(axis) as number)))
      axis = candidate;
  return axis === undefined ? { axis: undefined, labels: ["value"] } : { axis, labels: axis.labels };
}

export interface GridModel {
  readonly model: CheckedModel;
  readonly columns: ColumnAxis;
  readonly layoutOf: (id: string) => CellLayout;
}

/** The model as the grid sees it; layouts are made on first use. */
export function gridModelOf(model: CheckedModel): GridModel {
  const columns = chooseColumnAxis(model);
  const layouts = new Map<string, CellLayout>();
  const layoutOf = (id: string): CellLayout => {
    let layout = layouts.get(id);
    if (layout === undefined) {
      layout = layoutCells(model.attributes.get(id)?.axes ?? [], columns.axis?.name);
      layouts.set(id, layout);
    }
    return layout;
  };
  return { model, columns, layoutOf };
}

/** The attributes block by block; table columns, which belong to no declared block, come last under their axis. */
function attributesByBlock(model: CheckedModel): readonly { block: string; ids: readonly string[] }[] {
  const listed = new Set<string>();
  const blocks = model.blocks.map((block) => {
    const ids = block.attributes.map((name) => (model.attributes.has(name) ? name : `${block.name}.${name}`));
    for (const id of ids) listed.add(id);
    return { block: block.name, ids };
  });
  const others = new Map<string, string[]>();
  for (const attribute of model.attributes.values()) {
    if (listed.has(attribute.id)) continue;
    const ids = others.get(attribute.block) ?? [];
    ids.push(attribute.id);
    others.set(attribute.block, ids);
  }
  return [...blocks, ...[...others].map(([block, ids]) => ({ block, ids }))];
}

/**
 * All rows. `toggled` holds the keys whose folding differs from the default (blocks open; attributes open up to
 * 12 members). Cost: the number of rows.
 */
export function buildRows(grid: GridModel, toggled: ReadonlySet<string>): readonly GridRow[] {
  const rows: GridRow[] = [];
  for (const { block, ids } of attributesByBlock(grid.model)) {
    const isFolded = toggled.has(block);
    rows.push({ kind: "block", key: block, block, isFolded });
    if (isFolded) continue;
    for (const id of ids) {
      const attribute = grid.model.attributes.get(id);
      if (attribute !== undefined) addAttribute(rows, attribute, grid.layoutOf(id), toggled);
    }
  }
  if (grid.model.checks.length > 0) {
    const isFolded = toggled.has(`#${checksBlock}`);
    rows.push({ kind: "block", key: `#${checksBlock}`, block: checksBlock, isFolded });
    if (!isFolded)
      for (const check of grid.model.checks.keys())
        rows.push({ kind: "check", key: `#check ${check}`, check });
  }
  return rows;
}

function addAttribute(
  rows: GridRow[],
  attribute: CheckedAttribute,
  layout: CellLayout,
  toggled: ReadonlySet<string>,
): void {
  const key = attribute.id;
  const isHeading = layout.members > 1;
  const isFolded = isHeading && toggled.has(key) !== layout.members > openMembersMax;
  rows.push({ kind: "attribute", key, id: key, isHeading, isFolded });
  if (!isHeading || isFolded) return;
  for (let member = 0; member < layout.members; member++)
    rows.push({ kind: "member", key: memberKey(key, member), id: key, member });
}

/** The key of a member's row. */
function memberKey(id: string, member: number): string {
  return `${id}#${member}`;
}

/** The key of what a row belongs to: where the cursor goes when the row itself is folded away. */
export function outerKey(row: GridRow): string | undefined {
  switch (row.kind) {
    case "member":
      return row.id;
    case "attribute":
      return row.id.slice(0, row.id.indexOf("."));
    case "block":
    case "check":
      return undefined;
  }
}
