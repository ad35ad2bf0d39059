/** A loop as a sheet of LibreOffice Calc (flat OpenDocument), and what Calc made of it, read from its CSV. */
import type { LoopCase } from "../arbitraries/loop-case.ts";
import type { Values } from "../spec/circular-models.ts";

/** Calc's own settings of its iteration: so many steps at most, until nothing changes by more than that. */
export interface CalcSettings {
  readonly steps: number;
  readonly change: number;
}

const namespaces = ["office", "table", "text"]
  .map((name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(" ");

/** Inputs stand in column A, unknowns in column B in the given order. */
export function calcSheet(of: LoopCase, order: readonly string[], { steps, change }: CalcSettings): string {
  const inputs = Object.entries(of.inputs);
  const places = new Map([
    ...inputs.map(([name], i) => [name, `[.A${i + 1}]`] as const),
    ...order.map((name, i) => [name, `[.B${i + 1}]`] as const),
  ]);
  const formulaOf = (name: string): string =>
    (of.formulas[name] ?? "")
      .replaceAll(/(?<![\w.])[a-z]\w*/g, (word) => places.get(word) ?? word)
      .replaceAll(",", ";");
  const rows = Array.from({ length: Math.max(inputs.length, order.length) }, (_, i) => {
    const [input, unknown] = [inputs[i], order[i]];
    const left =
      input === undefined
        ? "<table:table-cell/>"
        : `<table:table-cell office:value-type="float" office:value="${input[1]}"/>`;
    const right =
      unknown === undefined ? "" : `<table:table-cell table:formula="of:=${escaped(formulaOf(unknown))}"/>`;
    return `<table:table-row>${left}${right}</table:table-row>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<office:document ${namespaces} xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">
<office:body><office:spreadsheet>
<table:calculation-settings><table:iteration table:status="enable" table:steps="${steps}" table:maximum-difference="${change.toFixed(15)}"/></table:calculation-settings>
<table:table table:name="loop">${rows.join("\n")}</table:table>
</office:spreadsheet></office:body></office:document>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** The unknowns as Calc shows them; what is no number is NaN. */
export function calcValues(csv: string, order: readonly string[]): Values {
  const rows = csv.split("\n").map((line) => line.split(","));
  return Object.fromEntries(
    order.map((name, i) => {
      const text = rows[i]?.[1]?.trim() ?? "";
      return [name, text === "" ? Number.NaN : Number(text)];
    }),
  );
}
