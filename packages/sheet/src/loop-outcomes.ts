/**
 * The engine's loop records with names in place of node ids, and what belongs to one solve: its settings, where it
 * started and what it gave.
 */
import type { Box, LoopRecord, NodeId, State } from "@reckon/engine";
import { printUnit } from "@reckon/formula";
import type { CheckedAttribute, ModelDocument } from "@reckon/model";
import { guessKey, labelsAt, type Plan, timeOf } from "@reckon/plan";
import type { Axis, Scalar } from "@reckon/value";
import type { LoopOutcome, LoopSettings, LoopSolve } from "./api.ts";
import { rangesOf } from "./change-feed.ts";
import { loopSettings } from "./loop-settings.ts";

/** What names and settings are looked up in. */
export interface LoopNaming {
  readonly plan: Plan;
  readonly settingsOf: (name: string) => LoopSettings;
  /** What records of the same nodes have in common: there may be thousands of them. */
  readonly known: Map<readonly NodeId[], SharedFacts>;
}

interface SharedFacts {
  readonly loop: string;
  readonly attributes: readonly string[];
  readonly settings: LoopSettings;
  /** The axes of the cut without time, and the labels of time. */
  readonly others: readonly Axis[];
  readonly periods: readonly string[];
}

export function loopNaming(plan: Plan, document: ModelDocument): LoopNaming {
  return { plan, settingsOf: loopSettings(document, plan.model.loops), known: new Map() };
}

/** How every loop ended, for every period and member that was solved by itself. Cost: the records. */
export function loopOutcomes(naming: LoopNaming, state: State): readonly LoopOutcome[] {
  return state.loopRecords().map((record) => loopOutcome(naming, record));
}

export function loopOutcome(naming: LoopNaming, record: LoopRecord): LoopOutcome {
  const { attributes, settings, others, periods } = factsOf(naming, record);
  const { outer, period } = record;
  const label = periods[period];
  // The member's labels, where it was solved by itself, and the period's.
  const at = outer < 0 ? [] : labelsAt(others, outer);
  if (label !== undefined) at.push(label);
  const places = placesOf(naming.plan, record);
  const outcome = { ...record, attributes, at, settings };
  return places === undefined ? outcome : { ...outcome, places };
}

function factsOf({ plan, settingsOf, known }: LoopNaming, { loop, nodes }: LoopRecord): SharedFacts {
  let facts = known.get(nodes);
  if (facts?.loop === loop) return facts;
  const attributes = nodes.map((node) => plan.attributeOf(node)).filter((id) => id !== undefined);
  const settings = settingsOf(loop);
  const axes = plan.model.attributes.get(settings.cuts[0]?.attribute ?? attributes[0] ?? loop)?.axes ?? [];
  const others = axes.filter((axis) => axis.time === undefined);
  facts = { loop, attributes, settings, others, periods: timeOf(axes)?.labels ?? [] };
  known.set(nodes, facts);
  return facts;
}

/** The cells of a group that is not made of whole attributes. */
function placesOf(plan: Plan, { cells }: LoopRecord): LoopOutcome["places"] {
  return cells?.flatMap(({ node, box }) => {
    const attribute = plan.model.attributes.get(plan.attributeOf(node) ?? "");
    if (attribute === undefined) return [];
    const { id, axes } = attribute;
    const periods = timeOf(axes)?.labels.length ?? 1;
    return rangesOf([box], periods).flatMap(({ from, to }) =>
      Array.from({ length: to - from }, (_, i) => ({ attribute: id, at: labelsAt(axes, from + i) })),
    );
  });
}

/** A period of one member: where somebody asks. */
export interface Place {
  readonly outer: number;
  readonly period: number;
}

/**
 * One solve in full. Of several cells of a cut it tells the one at `at`, or else the largest. Cost: the cells of the cuts.
 */
export function loopSolve(naming: LoopNaming, state: State, outcome: LoopOutcome, at?: Place): LoopSolve {
  const { plan } = naming;
  const { settings } = outcome;
  const cuts = settings.cuts.flatMap(({ attribute: id }) => {
    const attribute = plan.model.attributes.get(id);
    const node = plan.nodeOf(id);
    // Of several lines that meet in a loop, one may cut a part of it that lies elsewhere.
    if (attribute === undefined || node === undefined || !outcome.nodes.includes(node)) return [];
    let cell = -1;
    for (const each of cellsOf(attribute, node, outcome, at)) {
      if (cell < 0 || sizeOf(state.readCell(node, each)) > sizeOf(state.readCell(node, cell))) cell = each;
    }
    if (cell < 0) return [];
    const guess = outcome.start === "cold" ? guessAt(plan, state, attribute, cell) : undefined;
    const place = { attribute: id, at: labelsAt(attribute.axes, cell), value: state.readCell(node, cell) };
    return [guess === undefined ? place : { ...place, start: guess }];
  });
  const largest = cuts.reduce((most, { value }) => Math.max(most, sizeOf(value)), 0);
  const unit = unitOf(plan, outcome.attributes);
  return {
    ...outcome,
    cuts,
    tolerance: settings.toleranceAbsolute + settings.toleranceRelative * largest,
    ...(unit === undefined ? {} : { unit }),
  };
}

function sizeOf(value: Scalar): number {
  return typeof value === "number" ? Math.abs(value) : 0;
}

/** The flat cells of an attribute that are in a solve: the one at a place where that is one of them, else all. */
function* cellsOf(
  { axes }: CheckedAttribute,
  node: NodeId,
  { outer, period, cells }: LoopOutcome,
  at: Place | undefined,
): Generator<number> {
  const periods = timeOf(axes)?.labels.length ?? 1;
  const members = axes.reduce((count, axis) => count * axis.labels.length, 1) / periods;
  const whole: Box = {
    outerFrom: outer < 0 ? 0 : Math.min(outer, members - 1),
    outerTo: outer < 0 ? members : Math.min(outer, members - 1) + 1,
    from: Math.max(0, period),
    to: period < 0 ? periods : period + 1,
  };
  const boxes = cells?.filter((each) => each.node === node).map(({ box }) => box) ?? [whole];
  const isThere = ({ outerFrom, outerTo, from, to }: Box, asked: Place): boolean =>
    outerFrom <= asked.outer && asked.outer < outerTo && from <= asked.period && asked.period < to;
  if (at !== undefined && boxes.some((box) => isThere(box, at))) yield at.outer * periods + at.period;
  else
    for (const { outerFrom, outerTo, from, to } of boxes)
      for (let member = outerFrom; member < outerTo; member++)
        for (let t = from; t < to; t++) yield member * periods + t;
}

/** The first guess at a cell; 0 where none is declared. */
function guessAt(plan: Plan, state: State, { id }: CheckedAttribute, cell: number): Scalar {
  const loop = plan.model.loops.find(({ attribute }) => attribute === id);
  const node: NodeId | undefined = loop === undefined ? undefined : plan.nodeOf(guessKey(loop));
  return node === undefined ? 0 : state.readCell(node, cell);
}

/** The unit of what moves: that of the members, where those that have one agree. */
function unitOf(plan: Plan, attributes: readonly string[]): string | undefined {
  const units = new Set<string>();
  for (const id of attributes) {
    const type = plan.model.attributes.get(id)?.type;
    if (type?.kind === "unit" && type.unit.factors.length > 0) units.add(printUnit(type.unit));
  }
  return units.size === 1 ? [...units][0] : undefined;
}
