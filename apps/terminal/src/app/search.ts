/** Finding rows by name. */
import type { GridRow } from "../grid/grid-row.ts";
import type { App } from "./app.ts";

/** What a row is found by: its path, its label and, for members, their names. */
function searchableText(app: App, row: GridRow): string {
  const { grid } = app.session;
  switch (row.kind) {
    case "block": {
      const label = grid.model.blocks.find((block) => block.name === row.block)?.label ?? "";
      return `${row.block} ${label}`;
    }
    case "attribute":
      return `${row.id} ${grid.model.attributes.get(row.id)?.label ?? ""}`;
    case "member":
      return `${row.id} ${grid.layoutOf(row.id).memberLabels(row.member).join(" ")}`;
    case "check": {
      const check = grid.model.checks[row.check];
      return `${check?.name ?? ""} ${check?.text ?? ""}`;
    }
  }
}

/** The next row (not `from` itself) that holds `text` in any case of letters, going round. Cost: the rows. */
export function searchFrom(app: App, text: string, from: number, direction: 1 | -1): number | undefined {
  const wanted = text.toLowerCase();
  const count = app.rows.length;
  for (let step = 1; step <= count; step++) {
    const at = (((from + step * direction) % count) + count) % count;
    const row = app.rows[at];
    if (row !== undefined && searchableText(app, row).toLowerCase().includes(wanted)) return at;
  }
  return undefined;
}
