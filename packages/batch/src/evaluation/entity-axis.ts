/**
 * What a model's text says of the axis whose members are the entities: its table, and which other tables have rows by entity.
 *
 * Read from the declarations alone, so that nothing is opened and no table is read before it is known which. Cost: the file.
 */
import type { AxisDeclaration, InputDeclaration, ModelDocument, TableSource } from "@reckon/model";

export interface EntityAxis {
  readonly name: string;
  /** As the model writes it. */
  readonly tablePath: string;
  readonly keyColumn: string;
  /** Tables with a row for each entity (and maybe more keys), with the column that names it. */
  readonly sideTables: Readonly<Record<string, string>>;
}

/** The axis called `name`, or a sentence about what there is instead. */
export function entityAxisOf(
  document: ModelDocument,
  name: string,
): EntityAxis | { readonly problem: string } {
  const axes = document.items.flatMap(({ declaration }) =>
    declaration?.kind === "axis" ? [declaration] : [],
  );
  const declared = axes.find((axis) => axis.name.text === name);
  const table = declared?.table;
  if (table?.key === undefined) return { problem: noTableAxis(document.source, name, axes, declared) };
  const sideTables: Record<string, string> = Object.create(null);
  const whole = new Set<string>();
  for (const axis of axes) if (axis !== declared && axis.table !== undefined) whole.add(axis.table.path);
  for (const { table: source, axes: over } of inputTables(document)) {
    const key = entityColumn(source, over, name);
    if (key === undefined) whole.add(source.path);
    else if (source.path !== table.path) sideTables[source.path] = key;
    else if (key !== table.key.text)
      return { problem: twoKeys(document.source, source.path, [table.key.text, key]) };
  }
  const both = [...whole].find((path) => path === table.path || path in sideTables);
  if (both !== undefined)
    return {
      problem: `${document.source} reads ${both} by ${name} and as a whole; give the one part a file of its own`,
    };
  return { name, tablePath: table.path, keyColumn: table.key.text, sideTables };
}

function noTableAxis(
  source: string,
  name: string,
  axes: readonly AxisDeclaration[],
  declared: AxisDeclaration | undefined,
): string {
  const usable = axes.filter(({ table }) => table?.key !== undefined);
  const over = usable.find(({ table }) => table?.path === name);
  if (over !== undefined)
    return `--over names an axis: write --over ${over.name.text}, which is over ${name}`;
  if (/\.\w+$/.test(name))
    return `--over names an axis of the model, not a file: write \`axis entity = table("${name}", key id)\` in ${source}, then --over entity --rows ${name}`;
  const there =
    usable.length === 0
      ? "it has none with a table"
      : `there are ${usable.map((axis) => `\`${axis.name.text}\``).join(", ")}`;
  return declared === undefined
    ? `${source} has no axis \`${name}\`: ${there}`
    : `the members of \`${name}\` do not come from a table: ${there}`;
}

function twoKeys(source: string, path: string, [first, second]: readonly string[]): string {
  return `${source} reads ${path} by \`${first}\` and by \`${second}\`; give the one part a file of its own`;
}

/** The inputs that are filled from tables, with the axes of their blocks. */
function inputTables(
  document: ModelDocument,
): readonly { readonly table: TableSource; readonly axes: readonly string[] }[] {
  const axesOf = new Map<string, readonly string[]>();
  const inputs: InputDeclaration[] = [];
  for (const { declaration } of document.items)
    if (declaration?.kind === "block")
      axesOf.set(
        declaration.name.text,
        declaration.axes.map(({ text }) => text),
      );
    else if (declaration?.kind === "input") inputs.push(declaration);
  return inputs.flatMap(({ value, block = "" }) =>
    value.kind === "table" ? [{ table: value.table, axes: axesOf.get(block) ?? [] }] : [],
  );
}

/** The column of the table in which entities stand; `undefined` where it has no rows by entity. */
function entityColumn(source: TableSource, axes: readonly string[], name: string): string | undefined {
  const by = source.by.length > 0 ? source.by.map(({ text }) => text) : axes;
  if (!by.includes(name)) return undefined;
  return by.length === 1 && source.key !== undefined ? source.key.text : name;
}
