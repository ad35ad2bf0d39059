/**
 * Why a value is what it is: its formula with the values put in, what it reads, who changed, where an error began.
 *
 * The reason comes from revisions, which the engine keeps anyway: a precedent that changed in the revision in which
 * the value changed is why it changed. The value before comes from the trace (trace.ts), which starts with the first
 * question.
 */
import type { NodeId, State } from "@reckon/engine";
import { printUnit } from "@reckon/formula";
import type { CheckedAttribute, CheckedOverride } from "@reckon/model";
import { cellsOf, labelsAt, type Plan, timeOf } from "@reckon/plan";
import { type ErrorOrigin, isErrorValue, type Scalar } from "@reckon/value";
import type { Explanation } from "./api.ts";
import { isOverlay } from "./change-feed.ts";
import { type LoopNaming, loopOutcome, loopSolve } from "./loop-outcomes.ts";
import { readingAt } from "./stock-reading.ts";
import type { WrittenRead } from "./substitution.ts";
import type { Trace } from "./trace.ts";
import { wayToUnconverged } from "./unconverged-cells.ts";

/** How far an error is followed to its origin. */
const chainStepsMax = 100;

/** What an explanation is made from. */
export interface Question {
  readonly plan: Plan;
  readonly loops: LoopNaming;
  readonly state: State;
  /** The state's name: `base`, or a scenario. */
  readonly scenario: string;
  /** The overrides of the attribute that stand in the scenario itself. */
  readonly overrides: readonly CheckedOverride[];
  /** The state below, with its name where it is a scenario or `base`; absent where nothing is below. */
  readonly parent?: { readonly name?: string; readonly state: State };
  readonly attribute: CheckedAttribute;
  readonly cell: number;
  readonly firstRevision: number;
  readonly trace: Trace;
}

export function explanationOf(question: Question): Explanation {
  const { plan, state, attribute, cell } = question;
  const node = plan.nodeOf(attribute.id) as NodeId;
  const value = state.readCell(node, cell);
  const override = overrideAt(question);
  const written =
    override === undefined && attribute.kind === "formula" ? readingOf(question, value) : undefined;
  const before = question.trace.before(state.id, node)?.get(cell);
  return {
    attribute: attribute.id,
    at: labelsAt(attribute.axes, cell),
    value,
    status: state.statusOf(node),
    kind: override === undefined ? attribute.kind : override.isPin ? "pin" : "override",
    ...unitOf(attribute),
    ...(attribute.label === undefined ? {} : { label: attribute.label }),
    ...(attribute.kind === "formula" ? { formula: attribute.text } : {}),
    ...(written === undefined ? {} : { substituted: written.text }),
    precedents: (written?.reads ?? []).map((read) => precedentOf(question, read)),
    dependents: dependentsOf(plan, question, node),
    reason: reasonFor(question, node, override, written?.reads ?? []),
    changedAtRevision: state.changedAt(node),
    ...(before === undefined ? {} : { before }),
    ...costOf(question, node, written !== undefined),
    ...errorOf(question, value),
    ...loopOf(question, node),
    ...unconvergedOf(question),
    ...overrideOf(question, node, override),
  };
}

function readingOf({ plan, state, attribute, cell }: Question, value: Scalar) {
  if (attribute.kind !== "formula") return undefined;
  const { text, block } = attribute;
  const isDate = (id: string): boolean => {
    const type = plan.model.attributes.get(id)?.type;
    return type?.kind === "word" && type.word === "date";
  };
  return readingAt({ plan, state, attribute, cell }, { text, block, value, isDate });
}

/** What computing the attribute takes, where it is computed and the host has a clock. */
function costOf({ state }: Question, node: NodeId, isComputed: boolean): { costMs?: number } {
  const costMs = isComputed ? state.costOf(node) : undefined;
  return costMs === undefined ? {} : { costMs };
}

function unitOf(attribute: CheckedAttribute): { unit?: string } {
  const type = attribute.type;
  if (type === undefined) return {};
  return type.kind === "unit" ? { unit: printUnit(type.unit) } : {};
}

function precedentOf(question: Question, read: WrittenRead): Explanation["precedents"][number] {
  const node = question.plan.nodeOf(read.reference.attribute);
  return {
    // What is laid under SMOOTH and its kin has no name; the call says what it is.
    attribute: read.reference.attribute.includes(" ") ? read.written : read.reference.attribute,
    written: read.written,
    at: read.at,
    value: read.value,
    hasChanged: node !== undefined && hasChanged(question, node, read.cells),
  };
}

/**
 * Whether the node changed in the last revision (the first one, when everything was computed, does not count), and in
 * one of those cells as far as that is known.
 */
function hasChanged(
  { state, firstRevision, trace }: Question,
  node: NodeId,
  cells: readonly number[],
): boolean {
  if (state.revision <= firstRevision || state.changedAt(node) !== state.revision) return false;
  return trace.haveChanged(ownerOf(state, node), node, cells) ?? true;
}

/** The state whose value of the node is shown: the one it is read through to. */
function ownerOf(state: State, node: NodeId): State {
  let owner = state;
  while (isOverlay(owner) && !owner.owns(node)) owner = owner.parent;
  return owner;
}

function dependentsOf(plan: Plan, { attribute }: Question, node: NodeId): readonly string[] {
  const names = new Set<string>();
  for (const dependent of plan.dependentsOf(node)) if (dependent !== attribute.id) names.add(dependent);
  return [...names];
}

function reasonFor(
  question: Question,
  node: NodeId,
  override: CheckedOverride | undefined,
  reads: readonly WrittenRead[],
): string {
  const { state, attribute, cell, scenario, parent, firstRevision, trace } = question;
  const revision = state.changedAt(node);
  if (override !== undefined) return `${override.isPin ? "pinned" : "overridden"} in ${scenario}`;
  if (parent?.name !== undefined && isOverlay(state) && !state.owns(node)) return `read from ${parent.name}`;
  const isOther = revision > firstRevision && trace.haveChanged(ownerOf(state, node), node, [cell]) === false;
  if (isOther) return `unchanged at revision ${revision}, which changed other cells of it`;
  if (attribute.kind === "input")
    return revision <= firstRevision ? "as the model says" : `edited at revision ${revision}`;
  if (revision === state.revision && revision > firstRevision) {
    const changed = reads.filter(({ reference, cells }) =>
      hasChanged(question, question.plan.nodeOf(reference.attribute) as NodeId, cells),
    );
    const names = changed.map(({ reference }) => reference.attribute);
    const others = names.filter((id) => id !== attribute.id);
    if (others.length > 0) return `recomputed because ${listed(others)} changed`;
    const isByItself = names.length > 0 && trace.wasMarked(state.id, node);
    return isByItself ? `recomputed because ${attribute.id} changed` : "its formula was edited";
  }
  if (trace.wasCutOff(state.id, node))
    return `recomputed to the same value; unchanged since revision ${revision}`;
  return revision <= firstRevision
    ? "computed when the model was opened"
    : `unchanged since revision ${revision}`;
}

function listed(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const last = distinct.pop() as string;
  return distinct.length === 0 ? last : `${distinct.join(", ")} and ${last}`;
}

function overrideAt({ overrides, attribute, cell }: Question): CheckedOverride | undefined {
  return overrides.findLast(({ positions }) => cellsOf(attribute.axes, positions).includes(cell));
}

function overrideOf(
  { parent, scenario, cell }: Question,
  node: NodeId,
  override: CheckedOverride | undefined,
): Pick<Explanation, "override"> {
  if (override === undefined || parent === undefined) return {};
  return { override: { scenario, parentValue: parent.state.readCell(node, cell) } };
}

function loopOf({ loops, state, attribute, cell }: Question, node: NodeId): Pick<Explanation, "loop"> {
  const record = state.loopRecordAt(node, cell);
  if (record === undefined) return {};
  const periods = timeOf(attribute.axes)?.labels.length ?? 1;
  const place = { outer: Math.floor(cell / periods), period: cell % periods };
  return { loop: loopSolve(loops, state, loopOutcome(loops, record), place) };
}

function unconvergedOf({ plan, state, attribute, cell }: Question): Pick<Explanation, "unconverged"> {
  const unconverged = wayToUnconverged(plan, state, attribute, cell);
  return unconverged === undefined ? {} : { unconverged };
}

function errorOf(question: Question, value: Scalar): Pick<Explanation, "error"> {
  if (!isErrorValue(value)) return {};
  const origin = value.origin && atAttribute(value.origin, question.plan);
  return {
    error: {
      code: value.code,
      ...(origin === undefined ? {} : { origin }),
      ...(value.detail === undefined ? {} : { detail: value.detail }),
      chain: chainOf(question, origin),
    },
  };
}

/** What begins in a hidden stock begins in the attribute that it stands under. */
function atAttribute(origin: ErrorOrigin, { model }: Plan): ErrorOrigin {
  const partOf = model.stocks.find(({ id }) => id === origin.attribute)?.partOf;
  return partOf === undefined ? origin : { ...origin, attribute: partOf };
}

/** The cells through which the error came, from this one to the one it began in. */
function chainOf(question: Question, origin: ErrorOrigin | undefined): ErrorOrigin[] {
  const chain: ErrorOrigin[] = [];
  const seen = new Set<string>();
  let at: Question | undefined = question;
  while (at !== undefined && chain.length < chainStepsMax) {
    const place: ErrorOrigin = { attribute: at.attribute.id, at: labelsAt(at.attribute.axes, at.cell) };
    const key = `${at.attribute.id} ${at.cell}`;
    if (seen.has(key)) break;
    seen.add(key);
    chain.push(place);
    at = origin === undefined || isSamePlace(place, origin) ? undefined : readFrom(at, origin);
  }
  return chain;
}

/** The cell that the error was read from. A stock reads itself and its flow a period before. */
function readFrom(question: Question, origin: ErrorOrigin): Question | undefined {
  const { plan } = question;
  for (const read of readingOf(question, null)?.reads ?? []) {
    const values = Array.isArray(read.value) ? read.value : [read.value];
    const index = values.findIndex(
      (value: Scalar) =>
        isErrorValue(value) &&
        value.origin !== undefined &&
        isSamePlace(atAttribute(value.origin, plan), origin),
    );
    const attribute = plan.model.attributes.get(read.reference.attribute);
    const cell = read.cells[index];
    if (attribute !== undefined && cell !== undefined) return { ...question, attribute, cell };
  }
  return undefined;
}

function isSamePlace(a: ErrorOrigin, b: ErrorOrigin): boolean {
  return (
    a.attribute === b.attribute && a.at.length === b.at.length && a.at.every((label, i) => label === b.at[i])
  );
}
