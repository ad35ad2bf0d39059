/**
 * Binding what integrates over time: `integral(flow)`, smoothing and delays.
 *
 * `integral` is a whole formula: its flow becomes the formula's root, its `start` the value in the first period. Smoothing
 * and delays stand anywhere in a formula over time. Each is laid as hidden stocks, with the equations that Vensim documents
 * for its own, and leaves a read of the last of them in its place. With T the time, f the first value or else the input:
 *
 *   SMOOTH(x, T, f)       s: integral((x − s) / T) start f                              s
 *   SMOOTH3(x, T, f)      three of these in a row, each with T / 3                      the third
 *   DELAY1(x, T, f)       s: integral(x − s / T) start f · T                            s / T
 *   DELAY3(x, T, f)       three of these in a row, each with T / 3                      the third / (T / 3)
 *   DELAY_FIXED(x, T, f)  d: x as it was T periods ago; f until then                    d
 *
 * A hidden stock is a formula of its own with references of its own. Its arguments are bound once to tell their problems,
 * and again, silently, in each formula that needs them; a delay inside an argument is laid once all the same.
 * Cost: linear in the arguments, a few times over.
 */
import { Binding, type Place } from "./binding.ts";
import type { BoundExpression, BoundFormula, Reference } from "./bound.ts";
import { functionByName } from "./functions/registry.ts";
import { arityOf, signatureOf } from "./functions/signature.ts";
import type { CallExpression, Expression, NameExpression } from "./syntax.ts";

/** Smoothing and delays: bound by `bindDelay`. */
export const delayNames: readonly string[] = ["SMOOTH", "SMOOTH3", "DELAY1", "DELAY3", "DELAY_FIXED"];

/** Whether an expression is `integral(…)` as a whole, and a binding to a local or attribute does not hide the name. */
export function integralCall(binding: Binding, expression: Expression): CallExpression | undefined {
  let written = expression;
  while (written.kind === "parenthesised" && written.more === undefined) written = written.inner;
  if (written.kind !== "call" || written.callee.kind !== "name") return undefined;
  const { path } = written.callee;
  if (path.length !== 1 || path[0]?.toUpperCase() !== "INTEGRAL") return undefined;
  return binding.scope.hiddenId === undefined ? undefined : written;
}

/** Binds the flow of a stock and its first value. */
export function bindIntegral(
  binding: Binding,
  call: CallExpression,
  clauses: { readonly start?: Expression | undefined; readonly end?: Expression | undefined },
): { readonly root: BoundExpression; readonly initial?: BoundFormula } {
  const callee = call.callee as NameExpression;
  reportArity(binding, call, "INTEGRAL");
  const over = call.over?.[0];
  if (over !== undefined) binding.report("formula/over-needs-reduction", over.span, { name: "integral" });
  if (!isOverTime(binding)) binding.report("formula/stock-no-time", callee.span, { name: "integral" });
  else if (clauses.start === undefined) binding.report("formula/stock-no-start", callee.span, {});
  if (clauses.end !== undefined) binding.report("formula/stock-end", clauses.end.span, {});
  const place: Place = { frame: undefined, locals: undefined };
  binding.stock = "integral";
  const [flow] = call.arguments.map((one) => binding.bind(binding, one, place));
  binding.stock = undefined;
  const root: BoundExpression = flow ?? { kind: "missing" };
  if (clauses.start === undefined) return { root };
  const { start } = clauses;
  return { root, initial: part(binding, (one) => one.bind(one, start, place), { clause: "start" }) };
}

/** Binds a call of one of `delayNames`. */
export function bindDelay(
  binding: Binding,
  call: CallExpression,
  place: Place,
  name: string,
): BoundExpression {
  const [x, time, third] = call.arguments as [Expression, Expression, Expression | undefined];
  const first = third === undefined || third.kind === "missing" ? x : third;
  if (!binding.hidden.byCall.has(call)) {
    const mayBeLaid = mayStandHere(binding, call, place, name);
    call.arguments.forEach((one, i) => {
      const use: Use = i < 2 ? { stock: name } : { clause: "start" };
      part(binding, (own) => own.bind(own, one, place), { clause: binding.clause, ...use });
    });
    if (!mayBeLaid) return { kind: "missing" };
    layDelay(binding, call, name, { x, time, first });
  }
  return readHidden(binding, binding.hidden.byCall.get(call) as string, call);
}

interface Arguments {
  readonly x: Expression;
  readonly time: Expression;
  readonly first: Expression;
}

const nowhere: Place = { frame: undefined, locals: undefined };

function layDelay(binding: Binding, call: CallExpression, name: string, { x, time, first }: Arguments): void {
  const { hidden, scope } = binding;
  const id = scope.hiddenId?.(`${name} ${hidden.byCall.size + 1}`) ?? "";
  hidden.byCall.set(call, id);
  const bound = (one: Binding, written: Expression): BoundExpression => one.bind(one, written, nowhere);
  const laid = (bind: (one: Binding) => BoundExpression): BoundFormula =>
    part(binding, bind, { isSilent: true });
  const late = laid((one) => bound(one, time));
  if (name === "DELAY_FIXED") {
    const delay = { time: late, initial: laid((one) => bound(one, first)) };
    hidden.list.push({ id, call, formula: { ...laid((one) => bound(one, x)), delay }, time: late });
    return;
  }
  const stages = name.endsWith("3") ? 3 : 1;
  const isDelay = name.startsWith("DELAY");
  const stageTime = (one: Binding): BoundExpression =>
    stages === 1 ? bound(one, time) : binary("/", bound(one, time), three);
  /** What a stage reads as is: the last of a smoothing is what the call gives. */
  const stageId = (stage: number): string => (stage === stages && !isDelay ? id : `${id}.${stage}`);
  const leaving = (one: Binding, stage: number): BoundExpression => {
    const stock = readHidden(one, stageId(stage), call);
    return isDelay ? binary("/", stock, stageTime(one)) : stock;
  };
  for (let stage = 1; stage <= stages; stage++) {
    const flow = laid((one) => {
      const entering = stage === 1 ? bound(one, x) : leaving(one, stage - 1);
      if (isDelay) return binary("-", entering, leaving(one, stage));
      return binary("/", binary("-", entering, leaving(one, stage)), stageTime(one));
    });
    const initial = laid((one) =>
      isDelay ? binary("*", bound(one, first), stageTime(one)) : bound(one, first),
    );
    const stock = { id: stageId(stage), call, formula: { ...flow, integral: { initial } } };
    hidden.list.push(stock.id === id ? { ...stock, time: late } : stock);
  }
  if (isDelay) hidden.list.push({ id, call, formula: laid((one) => leaving(one, stages)), time: late });
}

const three: BoundExpression = { kind: "literal", value: 3 };

function binary(
  operator: "+" | "-" | "*" | "/",
  left: BoundExpression,
  right: BoundExpression,
): BoundExpression {
  return { kind: "binary", operator, left, right };
}

/** What a part of a formula is bound for. */
interface Use {
  readonly clause?: "start" | "end" | undefined;
  readonly stock?: string;
  /** Its problems have been told before. */
  readonly isSilent?: true;
}

/** A formula of its own over the same axes, bound in the same scope. */
function part(binding: Binding, bind: (one: Binding) => BoundExpression, use: Use): BoundFormula {
  const own = new Binding(binding.scope, binding.source, binding.bind, binding.hidden);
  own.clause = use.clause;
  own.stock = use.stock;
  own.isSilent = binding.isSilent || use.isSilent === true;
  const root = bind(own);
  binding.diagnostics.push(...own.diagnostics);
  const { references, callsModule } = own;
  return { root, references, axes: binding.scope.currentAxes, callsModule };
}

function readHidden(binding: Binding, id: string, { span }: CallExpression): BoundExpression {
  const axes = binding.scope.currentAxes;
  const reference: Reference = {
    attribute: id,
    axes,
    access: axes.map(() => ({ kind: "current", offset: 0 })),
    span,
  };
  const known = binding.references.findIndex(({ attribute }) => attribute === id);
  if (known >= 0) return { kind: "read", slot: known };
  binding.references.push(reference);
  binding.resolutions.push({ kind: "attribute", id, axes });
  binding.slots = undefined;
  return { kind: "read", slot: binding.references.length - 1 };
}

/** Whether a delay has what it needs; its problem is told otherwise. */
function mayStandHere(binding: Binding, call: CallExpression, place: Place, name: string): boolean {
  const { span } = call.callee;
  const over = call.over?.[0];
  if (over !== undefined) binding.report("formula/over-needs-reduction", over.span, { name });
  const isComplete = reportArity(binding, call, name);
  if (!isOverTime(binding)) binding.report("formula/stock-no-time", span, { name });
  else if (binding.scope.hiddenId === undefined)
    binding.report("formula/stock-place", span, { name, where: "here" });
  else if (binding.clause !== undefined)
    binding.report("formula/stock-place", span, { name, where: `in \`${binding.clause}\`` });
  else if (place.frame !== undefined)
    binding.report("formula/stock-place", span, { name, where: "inside `over`" });
  else if (place.locals !== undefined)
    binding.report("formula/stock-place", span, { name, where: "inside LET or LAMBDA" });
  else return isComplete && over === undefined;
  return false;
}

function reportArity(binding: Binding, call: CallExpression, name: string): boolean {
  const definition = functionByName(name);
  if (definition === undefined) return false;
  const { least, most } = arityOf(definition);
  const found = call.arguments.filter(({ kind }) => kind !== "missing").length;
  const written = (call.callee as NameExpression).path.join(".");
  const facts = { name: written, signature: signatureOf(definition), found };
  if (found < least) binding.report("formula/too-few-arguments", call.callee.span, facts);
  else if (call.arguments.length > most)
    binding.report("formula/too-many-arguments", call.callee.span, facts);
  return found >= least && call.arguments.length <= most;
}

function isOverTime(binding: Binding): boolean {
  return binding.scope.currentAxes.some((axis) => axis.time !== undefined);
}
