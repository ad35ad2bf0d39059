/**
 * Stocks and delays as they are laid.
 *
 *   the stock         an attribute, or a hidden unit that a formula with SMOOTH, DELAY1 … stands on
 *   its first value   a hidden unit over the same axes, of which the first period counts
 *   a delay's time    likewise
 *
 * Hidden units belong to an attribute (`partOf`): errors that begin in them begin there, and what they read is read by it.
 */
import type { FormulaNode, NodeId } from "@reckon/engine";
import type { BoundFormula } from "@reckon/formula";
import type { CheckedAttribute, CheckedFormula, CheckedModel, Integration } from "@reckon/model";
import type { Axis } from "@reckon/value";

/** A unit that belongs to an attribute. */
export interface StockUnit {
  readonly key: string;
  readonly axes: readonly Axis[];
  readonly identity: object;
  readonly formula: BoundFormula;
  readonly partOf: string;
  /** Of a stock or delay. */
  readonly integration?: Integration;
}

/** What is to be laid, as far as stocks go. */
interface Laid {
  readonly key: string;
  readonly formula?: BoundFormula;
  readonly attribute?: CheckedAttribute;
  readonly integration?: Integration;
}

const initialKey = (key: string): string => `${key} initial`;
const timeKey = (key: string): string => `${key} time`;

/** The hidden units of all stocks of a model. */
export function stockUnits({ stocks }: Pick<CheckedModel, "stocks">): StockUnit[] {
  return stocks.flatMap(unitsOfStock);
}

/** The hidden units that an attribute brings with it. */
export function stockUnitsOf(attribute: CheckedFormula): StockUnit[] {
  const own = attribute.integration === undefined ? [] : unitsOfStock(attribute);
  return [...(attribute.hidden ?? []).flatMap(unitsOfStock), ...own];
}

function unitsOfStock(stock: CheckedFormula): StockUnit[] {
  const { id, axes, formula, integration } = stock;
  const partOf = stock.partOf ?? id;
  const units: StockUnit[] = [];
  const add = (key: string, part: BoundFormula): void => {
    units.push({ key, axes, identity: part, formula: part, partOf });
  };
  const first = formula.integral?.initial ?? formula.delay?.initial;
  if (first !== undefined) add(initialKey(id), first);
  if (formula.delay !== undefined) add(timeKey(id), formula.delay.time);
  if (stock.partOf !== undefined)
    units.push({ key: id, axes, identity: stock, formula, partOf, ...(integration && { integration }) });
  return units;
}

/** The keys of what a stock needs beside what its flow reads. */
export function firstValueKeys(key: string, formula: BoundFormula | undefined): readonly string[] {
  if (formula?.integral !== undefined) return [initialKey(key)];
  return formula?.delay === undefined ? [] : [timeKey(key), initialKey(key)];
}

/** The formula of a hidden unit as the model says it, whatever a rewrite made of it. */
export function writtenFormula({ identity }: { readonly identity: object }): BoundFormula {
  return "root" in identity ? (identity as BoundFormula) : (identity as CheckedFormula).formula;
}

/** What makes a node a stock or a delay; nothing for other formulas. */
export function stockOf(
  { key, formula, attribute, integration }: Laid,
  nodeOf: (key: string) => NodeId,
): Pick<FormulaNode, "stock" | "delay"> {
  const steps = integration ?? (attribute?.kind === "formula" ? attribute.integration : undefined);
  if (steps === undefined || formula === undefined) return {};
  const { method, stepsPerPeriod }: Integration = steps;
  if (formula.integral !== undefined)
    return { stock: { initial: nodeOf(initialKey(key)), method, stepsPerPeriod } };
  if (formula.delay === undefined) return {};
  return { delay: { time: nodeOf(timeKey(key)), initial: nodeOf(initialKey(key)), stepsPerPeriod } };
}
