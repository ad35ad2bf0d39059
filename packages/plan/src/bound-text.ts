/**
 * The canonical text of a bound formula: the identity of its work, used as the kernel's `version`.
 *
 * Two formulas with the same text compute the same bits from the same columns. So the text holds the shapes of the
 * target and of every column read with the way it is read, and the whole expression with its constants; it does not
 * hold names of attributes (equal work under other names is the same work). Where the result depends on labels (a
 * key looks a member up, `PERIOD_LABEL()` gives one) the labels are part of it.
 *
 * There is no text for a formula that calls a volatile function, or one of a module whose version is not known: its work is
 * not its expression. Nor is there one for a stock or a delay, whose cells are not those of its expression.
 *
 * The expression is walked with a stack of its own, since trees may be 100,000 nodes deep. Cost: the expression,
 * plus the labels where they count.
 */
import type { AxisAccess, BoundExpression, BoundFormula } from "@reckon/formula";
import { type Axis, isArrayValue, isErrorValue, type Scalar } from "@reckon/value";

type Part = string | BoundExpression;

/** What a function of a module computes; `undefined` where nobody can say. */
type ModuleVersions = (module: string, name: string) => string | undefined;

/** The canonical text, or `undefined` where the work is more than its text says. */
export function boundText(formula: BoundFormula, versionOf: ModuleVersions = unknown): string | undefined {
  if (formula.integral !== undefined || formula.delay !== undefined) return undefined;
  if (formula.callsModule && versionOf === unknown) return undefined;
  const axes = formula.axes.map((axis) => axisText(axis)).join(",");
  const head: Part[] = [`(${axes})`];
  for (const reference of formula.references) {
    head.push(" [");
    reference.axes.forEach((axis, i) => {
      const access = reference.access[i] as AxisAccess;
      const isCurrent = access.kind === "current";
      const target = isCurrent ? formula.axes.findIndex(({ name }) => name === axis.name) : -1;
      head.push(i === 0 ? "" : ",", axisText(axis), target < 0 ? "" : `@${target}`, " ");
      head.push(...accessParts(access, axis));
    });
    head.push("]");
  }
  head.push(" = ", formula.root);
  if (formula.start !== undefined) head.push(" start ", formula.start);
  if (formula.end !== undefined) head.push(" end ", formula.end);
  return print(head, formula.axes, versionOf);
}

function unknown(): undefined {
  return undefined;
}

function axisText(axis: Axis): string {
  return axis.time === undefined ? `${axis.labels.length}` : `${axis.time.frequency} ${axis.labels.length}`;
}

function accessParts(access: AxisAccess, axis: Axis): readonly Part[] {
  switch (access.kind) {
    case "current":
      return [`t${access.offset}`];
    case "fixed":
      return [`at ${access.position}`];
    case "window":
      return [`t${access.from}..t${access.to}${access.clip ? " clip" : ""}`];
    case "range":
      return [`${access.from}..<${access.to}`];
    case "key":
      return ["key ", access.key, ` in ${JSON.stringify(axis.labels)}`];
  }
}

/** Walks the parts left to right; `undefined` as soon as a volatile function or module is met. */
function print(parts: readonly Part[], axes: readonly Axis[], versionOf: ModuleVersions): string | undefined {
  const texts: string[] = [];
  const stack: Part[] = parts.toReversed();
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    if (typeof part === "string") {
      texts.push(part);
      continue;
    }
    const pieces = piecesOf(part, axes, versionOf);
    if (pieces === undefined) return undefined;
    for (let i = pieces.length - 1; i >= 0; i--) stack.push(pieces[i] as Part);
  }
  return texts.join("");
}

function piecesOf(
  node: BoundExpression,
  axes: readonly Axis[],
  versionOf: ModuleVersions,
): readonly Part[] | undefined {
  switch (node.kind) {
    case "literal":
      return [
        isArrayValue(node.value)
          ? `{${node.value.rows}x${node.value.columns}:${node.value.cells.map(scalarText).join(",")}}`
          : scalarText(node.value),
      ];
    case "missing":
      return ["_"];
    case "read":
      return [`#${node.slot}`];
    case "local":
      return [node.name];
    case "unary":
      return [`(${node.operator}`, node.operand, ")"];
    case "percent":
      return ["(", node.operand, "%)"];
    case "binary":
      return ["(", node.left, node.operator, node.right, ")"];
    case "call":
      return node.definition.isVolatile === true
        ? undefined
        : [`${node.definition.name}(`, ...separated(node.arguments), ")"];
    case "array":
      return ["{", ...node.rows.flatMap((row) => [...separated(row), ";"]), "}"];
    case "let":
      return [
        "let(",
        ...node.values.flatMap((value, i) => [`${node.names[i]}=`, value, ","]),
        node.body,
        ")",
      ];
    case "lambda":
      return [`lambda(${node.parameters.join(",")}:`, node.body, ")"];
    case "apply":
      return ["(", node.callee, ")(", ...separated(node.arguments), ")"];
    case "module-call": {
      const version = versionOf(node.module, node.name);
      if (version === undefined) return undefined;
      return [`module(${JSON.stringify(version)}: `, ...separated(node.arguments), ")"];
    }
    case "current":
      return [
        currentText(
          node.fact,
          axes.find(({ name }) => name === node.axis),
          node.axis,
        ),
      ];
  }
}

function currentText(
  fact: "label" | "start" | "index" | "count",
  axis: Axis | undefined,
  name: string,
): string {
  if (axis === undefined) return `${fact}(${name})`;
  if (fact === "label") return `label(${JSON.stringify(axis.labels)})`;
  if (fact === "start") return `start(${JSON.stringify(axis.time?.starts ?? axis.labels)})`;
  return `${fact}(${axisText(axis)})`;
}

function separated(nodes: readonly BoundExpression[]): Part[] {
  return nodes.flatMap((node, i) => (i === 0 ? [node] : [",", node]));
}

/** Numbers keep the sign of zero, which `String` drops. */
function scalarText(value: Scalar): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (isErrorValue(value)) return value.code;
  return value === null ? "blank" : String(value);
}
