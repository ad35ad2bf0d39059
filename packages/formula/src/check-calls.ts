/**
 * Binding a call: which function it is, whether its arguments fit, and what `over` makes of them.
 *
 * The name is looked for among local functions, module functions, special forms and the library, in this order.
 * Special forms are bound to nodes of their own: LET and LAMBDA name values; PERIOD, MEMBER and their kin state facts
 * about the current cell. `IF` with a literal condition keeps only the references of the branch that is taken, so the
 * other one makes no false cycle.
 */
import { type Axis, isArrayValue } from "@reckon/value";
import { type Binding, type Frame, type Locals, localNamed, type Place } from "./binding.ts";
import type { BoundExpression } from "./bound.ts";
import { hasAxis } from "./check-references.ts";
import { bindDelay, delayNames } from "./check-stocks.ts";
import { foreignHint } from "./foreign-functions.ts";
import type { FunctionDefinition } from "./functions/definition.ts";
import { functionByName, functionNames } from "./functions/registry.ts";
import { arityOf, signatureOf } from "./functions/signature.ts";
import { liftedDefinition } from "./lift.ts";
import { nearestName } from "./nearest.ts";
import { isReducing } from "./reducing.ts";
import type { CallExpression, Expression, NameExpression } from "./syntax.ts";

export function bindCall(binding: Binding, call: CallExpression, place: Place): BoundExpression {
  const { callee } = call;
  if (callee.kind !== "name") {
    const bound = binding.bind(binding, callee, place);
    return { kind: "apply", callee: bound, arguments: bindApplied(binding, call, place) };
  }
  const name = callee.path.join(".");
  const local = callee.path.length === 1 ? localNamed(place.locals, name) : undefined;
  if (local !== undefined) {
    const list = bindApplied(binding, call, place);
    return { kind: "apply", callee: { kind: "local", name: local.unique }, arguments: list };
  }
  const resolution = binding.scope.resolve(callee.path);
  if (resolution?.kind === "module-function") {
    reportOver(binding, call, name);
    binding.callsModule = true;
    const list = bindArguments(binding, call.arguments, place);
    return { kind: "module-call", module: resolution.module, name: resolution.name, arguments: list };
  }
  if (resolution?.kind === "curve") {
    return bindLibraryCall(binding, { call, name: callee, definition: resolution.definition }, place);
  }
  const upper = name.toUpperCase();
  const special = specialForms.get(upper);
  if (special !== undefined) return special(binding, call, place, upper);
  const definition = functionByName(name);
  if (definition !== undefined && definition.isSpecialForm !== true) {
    return bindLibraryCall(binding, { call, name: callee, definition }, place);
  }
  if (resolution !== undefined) binding.report("formula/not-a-function", callee.span, { name });
  else reportUnknownFunction(binding, callee, upper);
  bindArguments(binding, call.arguments, place);
  return unknown;
}

/** Stands where a problem has been reported; in a worksheet its value is what a person sees. */
const unknown: BoundExpression = { kind: "literal", value: { kind: "error", code: "#NAME?" } };

const dynamicReferences = new Set(["INDIRECT", "OFFSET"]);
const changingByThemselves = new Set(["NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY"]);

function reportUnknownFunction(binding: Binding, callee: NameExpression, upper: string): void {
  const name = callee.path.join(".");
  if (dynamicReferences.has(upper)) binding.report("formula/static-only", callee.span, { name: upper });
  else if (changingByThemselves.has(upper))
    binding.report("formula/needs-input", callee.span, { name: upper });
  else {
    const own = binding.scope.functions?.() ?? [];
    const elsewhere = own.find((one) => one.endsWith(`.${name}`));
    const near = elsewhere ?? nearestName(name, [...own, ...functionNames(), ...specialForms.keys()]);
    const suggestion = near !== undefined && name === name.toLowerCase() ? near.toLowerCase() : near;
    const severity = binding.scope.isStrict ? "error" : "warning";
    const meant = foreignHint(name);
    binding.report("formula/unknown-function", callee.span, { name, suggestion, meant }, severity);
  }
}

function bindArguments(binding: Binding, list: readonly Expression[], place: Place): BoundExpression[] {
  return list.map((one) => binding.bind(binding, one, place));
}

/** Arguments of a local function: what it would do with the range of an `over` cannot be known here. */
function bindApplied(binding: Binding, call: CallExpression, place: Place): BoundExpression[] {
  const { frameRanges } = binding;
  const list = bindArguments(binding, call.arguments, place);
  reportOver(binding, call, "a local function");
  if (place.frame !== undefined && binding.frameRanges > frameRanges) {
    binding.report("formula/nested-over", call.span, { name: "a local function" });
  }
  return list;
}

function reportOver(binding: Binding, call: CallExpression, name: string): void {
  const first = call.over?.[0];
  if (first !== undefined) binding.report("formula/over-needs-reduction", first.span, { name });
}

interface LibraryCall {
  readonly call: CallExpression;
  readonly name: NameExpression;
  readonly definition: FunctionDefinition;
}

function bindLibraryCall(binding: Binding, library: LibraryCall, place: Place): BoundExpression {
  const { call, name, definition } = library;
  if (definition.isVolatile === true && binding.scope.isStrict) {
    binding.report("formula/needs-input", name.span, { name: definition.name });
  }
  reportArity(binding, library);
  if (call.over !== undefined) return bindOver(binding, library, place);
  if (definition.name === "IF") {
    const constant = bindConstantIf(binding, call, definition, place);
    if (constant !== undefined) return constant;
  }
  const { frameRanges, spans } = binding;
  const list = bindArguments(binding, call.arguments, place);
  const isWhole = isReducing(definition) || choosing.has(definition.name);
  const isPerCell = place.frame !== undefined && isWhole && binding.frameRanges > frameRanges;
  if (!isPerCell) return { kind: "call", definition, arguments: list.map(asReferenced(definition)) };
  if (binding.spans > spans) {
    // Some of the array is meant as a whole and some cell by cell.
    binding.report("formula/nested-over", name.span, { name: name.path.join(".") });
  }
  return { kind: "call", definition: liftedDefinition(definition), arguments: list };
}

/** Functions that choose among whole arguments: inside `over` they choose for each element. */
const choosing = new Set(["CHOOSE", "SWITCH", "IFS"]);

/** A value bound to a name that is a single cell: as an argument of SUM and its kin a range of one cell. */
function asReferenced(definition: FunctionDefinition): (argument: BoundExpression) => BoundExpression {
  return (argument) => {
    if (argument.kind !== "literal" || !isReducing(definition)) return argument;
    const { value } = argument;
    return isArrayValue(value) || !isBoundCell(argument)
      ? argument
      : {
          kind: "literal",
          value: { kind: "array", rows: 1, columns: 1, cells: [value], isRange: true },
        };
  };
}

/** Literals that stand for a cell that was referred to, as opposed to values written in the formula. */
const boundCells = new WeakSet<BoundExpression>();

/** Whether a literal is the value of a referenced cell. */
export function isBoundCell(literal: BoundExpression): boolean {
  return boundCells.has(literal);
}

/** Marks a literal as the value of a referenced cell. */
export function markBoundCell(literal: BoundExpression): BoundExpression {
  boundCells.add(literal);
  return literal;
}

function reportArity(binding: Binding, { call, name, definition }: LibraryCall): void {
  const { least, most } = arityOf(definition);
  const found = call.arguments.length;
  const written = name.path.join(".");
  const called = definition.family === "curves" ? written : undefined;
  const facts = { name: written, signature: signatureOf(definition, called), found };
  if (found < least) binding.report("formula/too-few-arguments", name.span, facts);
  else if (found > most) binding.report("formula/too-many-arguments", name.span, facts);
}

function bindOver(binding: Binding, { call, name, definition }: LibraryCall, place: Place): BoundExpression {
  if (definition.reduces !== true) reportOver(binding, call, definition.name);
  const axes: Axis[] = [];
  let isIncomplete = false;
  for (const written of call.over ?? []) {
    const resolution = binding.scope.resolve([written.name]);
    const axis =
      resolution?.kind === "axis"
        ? resolution.axis
        : binding.scope.currentAxes.find((one) => one.name === written.name);
    if (axis === undefined) {
      const near = binding.scope.suggest([written.name]);
      const isAxis = near !== undefined && binding.scope.resolve([near])?.kind === "axis";
      const current = binding.scope.currentAxes.map((one) => one.name);
      const suggestion = isAxis ? near : nearestName(written.name, current);
      binding.report("formula/unknown-axis", written.span, { axis: written.name, suggestion });
      isIncomplete = true;
    } else if (!hasAxis(axes, axis)) axes.push(axis);
  }
  const frame: Frame = {
    name: name.path.join("."),
    axes,
    used: new Set(),
    isIncomplete,
    outside: place.frame,
  };
  const errorsBefore = binding.diagnostics.length;
  const { frameRanges } = binding;
  const list = bindArguments(binding, call.arguments, { ...place, frame });
  // What this call reduces is no range any more for a call around it.
  binding.frameRanges = frameRanges;
  const isSound = binding.diagnostics.length === errorsBefore;
  for (const written of call.over ?? []) {
    if (isSound && hasAxis(axes, { name: written.name } as Axis) && !frame.used.has(written.name)) {
      binding.report("formula/unused-over", written.span, { axis: written.name });
    }
  }
  return { kind: "call", definition, arguments: list };
}

/** `IF(TRUE, a, b)`: the branch not taken is checked, and its references are dropped. */
function bindConstantIf(
  binding: Binding,
  call: CallExpression,
  definition: FunctionDefinition,
  place: Place,
): BoundExpression | undefined {
  let condition = call.arguments[0];
  while (condition?.kind === "parenthesised") condition = condition.inner;
  if (condition?.kind !== "boolean" && condition?.kind !== "number") return undefined;
  const dead = condition.value === false || condition.value === 0 ? 1 : 2;
  const list = call.arguments.map((one, i) => {
    if (i !== dead) return binding.bind(binding, one, place);
    binding.withoutReferences(() => binding.bind(binding, one, place));
    return { kind: "literal", value: null } as const;
  });
  return { kind: "call", definition, arguments: list };
}

type SpecialForm = (binding: Binding, call: CallExpression, place: Place, name: string) => BoundExpression;

const specialForms: ReadonlyMap<string, SpecialForm> = new Map<string, SpecialForm>([
  ["LET", bindLet],
  ["LAMBDA", bindLambda],
  ["PERIOD", (binding, call) => bindPeriodFact(binding, call, "start")],
  ["PERIOD_LABEL", (binding, call) => bindPeriodFact(binding, call, "label")],
  ["PERIOD_INDEX", (binding, call) => bindPeriodFact(binding, call, "index")],
  ["PERIODS", (binding, call) => bindPeriodFact(binding, call, "count")],
  ["MEMBER", (binding, call) => bindMemberFact(binding, call, "label")],
  ["MEMBER_INDEX", (binding, call) => bindMemberFact(binding, call, "index")],
  ["INTEGRAL", bindInnerIntegral],
  ...delayNames.map((name): [string, SpecialForm] => [name, bindDelay]),
]);

type Fact = "label" | "start" | "index" | "count";

/** `integral` anywhere but as the whole formula. */
function bindInnerIntegral(binding: Binding, call: CallExpression, place: Place): BoundExpression {
  if (binding.scope.hiddenId === undefined)
    binding.report("formula/stock-place", call.callee.span, { name: "integral", where: "here" });
  else binding.report("formula/stock-inside", call.callee.span, {});
  bindArguments(binding, call.arguments, place);
  return unknown;
}

function bindPeriodFact(binding: Binding, call: CallExpression, fact: Fact): BoundExpression {
  const name = (call.callee as NameExpression).path.join(".");
  reportOver(binding, call, name);
  if (call.arguments.length > 0) {
    const facts = { name, signature: `\`${name}()\``, found: call.arguments.length };
    binding.report("formula/too-many-arguments", call.callee.span, facts);
  }
  const time = binding.scope.currentAxes.find((axis) => axis.time !== undefined);
  if (time !== undefined) return { kind: "current", fact, axis: time.name };
  binding.report("formula/no-current-period", call.callee.span, { name });
  return unknown;
}

function bindMemberFact(binding: Binding, call: CallExpression, fact: Fact): BoundExpression {
  const name = (call.callee as NameExpression).path.join(".");
  reportOver(binding, call, name);
  const written = call.arguments[0];
  if (call.arguments.length !== 1 || written?.kind !== "name" || written.index !== undefined) {
    binding.report("formula/expected-name", call.span, { name });
    return unknown;
  }
  const axisName = written.path.join(".");
  const axis = binding.scope.currentAxes.find((one) => one.name === axisName);
  if (axis !== undefined) return { kind: "current", fact, axis: axis.name };
  const isElsewhere = binding.scope.resolve(written.path)?.kind === "axis";
  const candidates = binding.scope.currentAxes.map((one) => one.name);
  if (isElsewhere) binding.report("formula/no-current-member", written.span, { axis: axisName });
  else {
    const suggestion = nearestName(axisName, candidates);
    binding.report("formula/unknown-axis", written.span, { axis: axisName, suggestion });
  }
  return unknown;
}

/** A plain name to be declared, reported when it is something else. */
function declaredName(binding: Binding, written: Expression, form: string): string | undefined {
  if (written.kind === "name" && written.index === undefined && written.path.length === 1) {
    return written.path[0];
  }
  binding.report("formula/expected-name", written.span, { name: form });
  return undefined;
}

function bindLet(binding: Binding, call: CallExpression, place: Place): BoundExpression {
  const { arguments: list } = call;
  reportOver(binding, call, "LET");
  if (list.length < 3 || list.length % 2 === 0) {
    binding.report("formula/let-shape", call.span, {});
    return unknown;
  }
  let locals = place.locals;
  const names: string[] = [];
  const values: BoundExpression[] = [];
  const seen = new Set<string>();
  for (let i = 0; i + 1 < list.length; i += 2) {
    const written = list[i] as Expression;
    const name = declaredName(binding, written, "LET");
    const { frameRanges } = binding;
    values.push(binding.bind(binding, list[i + 1] as Expression, { ...place, locals }));
    if (name === undefined) continue;
    if (seen.has(name.toLowerCase())) binding.report("formula/duplicate-local", written.span, { name });
    seen.add(name.toLowerCase());
    locals = binding.addLocal(name, locals, binding.frameRanges > frameRanges);
    names.push(locals.unique);
  }
  const body = binding.bind(binding, list.at(-1) as Expression, { ...place, locals });
  return { kind: "let", names, values, body };
}

function bindLambda(binding: Binding, call: CallExpression, place: Place): BoundExpression {
  const { arguments: list } = call;
  reportOver(binding, call, "LAMBDA");
  const body = list.at(-1);
  if (body === undefined) {
    const facts = { name: "LAMBDA", signature: "`LAMBDA([parameter, …], result)`", found: 0 };
    binding.report("formula/too-few-arguments", call.callee.span, facts);
    return unknown;
  }
  let locals: Locals | undefined = place.locals;
  const parameters: string[] = [];
  const seen = new Set<string>();
  for (const written of list.slice(0, -1)) {
    const name = declaredName(binding, written, "LAMBDA");
    if (name === undefined) continue;
    if (seen.has(name.toLowerCase())) binding.report("formula/duplicate-local", written.span, { name });
    seen.add(name.toLowerCase());
    locals = binding.addLocal(name, locals);
    parameters.push(locals.unique);
  }
  return { kind: "lambda", parameters, body: binding.bind(binding, body, { ...place, locals }) };
}
