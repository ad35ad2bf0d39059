/**
 * Reads the canonical JSON form back: each declaration is printed as its line and read by the same parser as a file, so
 * a model from JSON can hold nothing that a file cannot. Shapes are checked first, with the path of what is wrong.
 */
import type { Diagnostic } from "@reckon/formula";
import type { CheckResult, ModelDocument } from "./api.ts";
import { diagnosticsOf, parseModel } from "./document.ts";
import { formatDocument } from "./format-document.ts";
import { logicalLines } from "./logical-line.ts";
import { diagnose } from "./messages.ts";
import type { LineJson, ModelJson, TableJson, ValueJson } from "./model-json.ts";
import { labelText } from "./value-text.ts";

/**
 * The model that `json` says, as a document with canonical text; diagnostics about its shape have the path in the
 * message, those about expressions a place in the text.
 */
export function modelFromJson(json: unknown, source = "model.json"): CheckResult<ModelDocument> {
  const printer = new JsonPrinter(source);
  const text = printer.print(json);
  if (printer.diagnostics.length > 0) return { diagnostics: printer.diagnostics };
  const document = formatDocument(parseModel(source, text));
  const diagnostics = diagnosticsOf(document);
  return diagnostics.length > 0 ? { diagnostics } : { value: document, diagnostics };
}

type Fields = Readonly<Record<string, unknown>>;

class JsonPrinter {
  readonly diagnostics: Diagnostic[] = [];
  private readonly source: string;
  private readonly lines: string[] = [];

  constructor(source: string) {
    this.source = source;
  }

  print(json: unknown): string {
    const model = this.fields(json, "the model", [
      "model",
      "label",
      "uses",
      "time",
      "axes",
      "checks",
      "blocks",
    ]) as Partial<ModelJson>;
    this.line(`model ${this.text(model.model, "model")}${this.label(model.label, "label")}`);
    for (const [i, use] of this.list(model.uses, "uses")) {
      const at = `uses[${i}]`;
      const { name, path } = this.fields(use, at, ["name", "path"]);
      this.line(`use ${quoted(this.text(path, `${at}.path`))} as ${this.text(name, `${at}.name`)}`);
    }
    if (model.time !== undefined) {
      const keys = ["frequency", "from", "to", "steps", "method"];
      const { frequency, from, to, steps, method } = this.fields(model.time, "time", keys);
      const span = `${this.text(from, "time.from")}..${this.text(to, "time.to")}`;
      const dt = steps === undefined ? "" : `  dt ${stepText(this.text(steps, "time.steps"))}`;
      const by = method === undefined ? "" : `  method ${this.text(method, "time.method")}`;
      this.line(`time ${this.text(frequency, "time.frequency")} ${span}${dt}${by}`);
    }
    for (const [i, axis] of this.list(model.axes, "axes")) this.axis(axis, `axes[${i}]`);
    for (const [i, check] of this.list(model.checks, "checks")) this.declared(check, `checks[${i}]`, "");
    for (const [i, block] of this.list(model.blocks, "blocks")) this.block(block, `blocks[${i}]`);
    return this.lines.map((line) => `${line}\n`).join("");
  }

  private axis(json: unknown, at: string): void {
    const { name, label, members, table } = this.fields(json, at, ["name", "label", "members", "table"]);
    const head = `axis ${this.text(name, `${at}.name`)} = `;
    if (table !== undefined)
      this.line(head + this.table(table, `${at}.table`) + this.label(label, `${at}.label`));
    else {
      const labels = this.list(members, `${at}.members`).map(([i, member]) =>
        labelText(this.text(member, `${at}.members[${i}]`)),
      );
      this.line(head + labels.join(", ") + this.label(label, `${at}.label`));
    }
  }

  private block(json: unknown, at: string): void {
    const { name, label, by, lines } = this.fields(json, at, ["name", "label", "by", "lines"]);
    const axes = this.list(by, `${at}.by`).map(([i, axis]) => this.text(axis, `${at}.by[${i}]`));
    this.lines.push("");
    this.line(
      `block ${this.text(name, `${at}.name`)}${axes.length > 0 ? ` by ${axes.join(", ")}` : ""}${this.label(label, `${at}.label`)}`,
    );
    for (const [i, line] of this.list(lines, `${at}.lines`)) this.declared(line, `${at}.lines[${i}]`, "  ");
  }

  private declared(json: unknown, at: string, indentation: string): void {
    const record = (typeof json === "object" && json !== null ? json : {}) as Partial<LineJson> & Fields;
    if ("input" in record) this.input(record, at);
    else if ("formula" in record) this.formula(record, at);
    else if ("loop" in record) {
      const keys = ["start", "tolerance", "relative", "limit", "method", "damping"];
      const loop = this.fields(json, at, ["loop", ...keys, "begin"]);
      const begin = loop.begin === undefined ? "" : `  ${this.text(loop.begin, `${at}.begin`)}`;
      this.line(`  loop ${this.text(loop.loop, `${at}.loop`)}${this.clauses(loop, at, keys)}${begin}`);
    } else if ("curve" in record) {
      const curve = this.fields(json, at, ["curve", "points", "label"]);
      const points = this.list(curve.points, `${at}.points`).map(([i, point]) => {
        const place = `${at}.points[${i}]`;
        const [x, y] = this.list(point, place).map(([k, value]) => this.text(value, `${place}[${k}]`));
        return `(${x ?? ""}, ${y ?? ""})`;
      });
      const label = this.label(curve.label, `${at}.label`);
      this.line(`  curve ${this.text(curve.curve, `${at}.curve`)} = ${points.join(" ")}${label}`);
    } else {
      const check = this.fields(json, at, ["check", "label"]);
      this.line(
        `${indentation}check ${this.text(check.check, `${at}.check`)}${this.label(check.label, `${at}.label`)}`,
      );
    }
  }

  private input(record: Fields, at: string): void {
    const input = this.fields(record, at, ["input", "type", "value", "min", "max", "label", "format"]);
    const type = input.type === undefined ? "" : `: ${this.text(input.type, `${at}.type`)}`;
    const value = this.value(input.value, `${at}.value`, 0);
    const rest =
      this.clauses(input, at, ["min", "max"]) +
      this.format(input, at) +
      this.label(input.label, `${at}.label`);
    this.line(`  input ${this.text(input.input, `${at}.input`)}${type} = ${value}${rest}`);
  }

  private formula(record: Fields, at: string): void {
    const keys = [
      "formula",
      "type",
      "expression",
      "start",
      "end",
      "weight",
      "manual",
      "timeoutMs",
      "retries",
      "label",
      "format",
    ];
    const formula = this.fields(record, at, keys);
    const type = formula.type === undefined ? "" : `: ${this.text(formula.type, `${at}.type`)}`;
    const weight = formula.weight === undefined ? "" : `  ${this.text(formula.weight, `${at}.weight`)}`;
    const timeout =
      formula.timeoutMs === undefined ? "" : `  timeout ${this.text(formula.timeoutMs, `${at}.timeoutMs`)}ms`;
    const retry =
      formula.retries === undefined ? "" : `  retry ${this.text(formula.retries, `${at}.retries`)}`;
    this.line(
      [
        `  ${this.text(formula.formula, `${at}.formula`)}${type} = ${this.text(formula.expression, `${at}.expression`)}`,
        this.clauses(formula, at, ["start", "end"]),
        weight,
        formula.manual === true ? "  manual" : "",
        timeout,
        retry,
        this.format(formula, at),
        this.label(formula.label, `${at}.label`),
      ].join(""),
    );
  }

  private value(json: unknown, at: string, depth: number): string {
    if (depth > 16) return this.wrong(at, "nested at most 16 deep");
    if (typeof json === "string" || typeof json === "number" || typeof json === "boolean")
      return this.text(json, at);
    if (Array.isArray(json))
      return `[${this.list(json, at)
        .map(([i, item]) => this.text(item, `${at}[${i}]`))
        .join(", ")}]`;
    const record = this.fields(json, at, ["members", "table"]) as { members?: unknown; table?: TableJson };
    if (record.table !== undefined) return this.table(record.table, `${at}.table`);
    const entries = this.list(record.members, `${at}.members`).map(([i, pair]) => {
      const [label, value] = (Array.isArray(pair) ? pair : []) as [unknown, ValueJson];
      const where = `${at}.members[${i}]`;
      return `${labelText(this.text(label, `${where}[0]`))}: ${this.value(value, `${where}[1]`, depth + 1)}`;
    });
    return `{ ${entries.join(", ")} }`;
  }

  private table(json: unknown, at: string): string {
    const { path, by, key, value } = this.fields(json, at, ["path", "by", "key", "value"]);
    const axes = this.list(by, `${at}.by`).map(([i, axis]) => this.text(axis, `${at}.by[${i}]`));
    const parts = [quoted(this.text(path, `${at}.path`))];
    if (axes.length > 0) parts.push(`by ${axes.join(", ")}`);
    if (key !== undefined) parts.push(`key ${labelText(this.text(key, `${at}.key`))}`);
    if (value !== undefined) parts.push(`value ${labelText(this.text(value, `${at}.value`))}`);
    return `table(${parts.join(", ")})`;
  }

  private clauses(record: Fields, at: string, names: readonly string[]): string {
    return names
      .filter((name) => record[name] !== undefined)
      .map((name) => `  ${name} ${this.text(record[name], `${at}.${name}`)}`)
      .join("");
  }

  private format(record: Fields, at: string): string {
    return record.format === undefined ? "" : `  format ${quoted(this.text(record.format, `${at}.format`))}`;
  }

  private label(json: unknown, at: string): string {
    return json === undefined ? "" : `  ${quoted(this.text(json, at))}`;
  }

  /** A text on one line; numbers and booleans stand for themselves. */
  private text(json: unknown, at: string): string {
    if (typeof json === "number" && Number.isFinite(json)) return String(json);
    if (typeof json === "boolean") return json ? "TRUE" : "FALSE";
    if (typeof json === "string" && !/[\r\n]/.test(json)) return json;
    return this.wrong(at, "a text on one line");
  }

  private list(json: unknown, at: string): readonly (readonly [number, unknown])[] {
    if (json === undefined) return [];
    if (!Array.isArray(json)) this.wrong(at, "a list");
    return Array.isArray(json) ? json.map((item, i) => [i, item] as const) : [];
  }

  private fields(json: unknown, at: string, known: readonly string[]): Fields {
    if (typeof json !== "object" || json === null || Array.isArray(json)) {
      this.wrong(at, "a record");
      return {};
    }
    for (const key of Object.keys(json)) {
      if (!known.includes(key))
        this.wrong(`${at}.${key}`, `left out; the keys of ${at} are ${known.join(", ")}`);
    }
    return json as Fields;
  }

  /** Adds a line, which must be exactly one declaration whatever its parts hold. */
  private line(text: string): void {
    const pieces = logicalLines(text);
    if (pieces.length !== 1 && this.diagnostics.length === 0)
      this.wrong(`\`${text.trim()}\``, "one declaration");
    this.lines.push(text);
  }

  private wrong(path: string, wanted: string): string {
    this.diagnostics.push(
      diagnose("json/bad-shape", { source: this.source, span: { start: 0, end: 0 } }, { path, wanted }),
    );
    return "";
  }
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** A part of a period as a decimal where it is a short one, else as a fraction. */
function stepText(steps: string): string {
  const decimal = String(1 / Number(steps));
  return decimal.length <= 8 && Number.isFinite(Number(decimal)) ? decimal : `1/${steps}`;
}
