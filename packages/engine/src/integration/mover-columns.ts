/** The columns that a stock or delay needs while it is stepped; kept with its group for the next time. */
import { Column, type Shape } from "@reckon/value";
import type { StockGroup } from "../structure/component.ts";

export interface MoverColumns {
  /** What the kernel gives; of the node's shape. */
  readonly flow: Column;
  /** Where the stock stands; a cell a member. */
  readonly level: Column;
  /** Flows at the stages of a step; a cell a member. */
  readonly stages: readonly Column[];
  /** Of a delay with steps finer than a period: what went in, a cell a step. */
  readonly passed: Column | null;
}

const idle = new WeakMap<StockGroup, (readonly MoverColumns[])[]>();

/** The columns of the stock at `place` in its group; whoever takes them may find anything in them. */
export function takeColumns(group: StockGroup, place: number, shape: Shape): MoverColumns {
  const kept = idle.get(group);
  const columns = kept?.at(-1)?.[place];
  if (columns !== undefined) {
    if (place === group.stocks.length - 1) kept?.pop();
    return columns;
  }
  const single = { outer: shape.outer, periods: 1 };
  const steps = { outer: shape.outer, periods: shape.periods * group.stepsPerPeriod };
  return {
    flow: new Column(shape),
    level: new Column(single),
    stages: Array.from({ length: group.hasStages ? 4 : 1 }, () => new Column(single)),
    passed: group.hasFineDelay ? new Column(steps) : null,
  };
}

export function returnColumns(group: StockGroup, columns: readonly MoverColumns[]): void {
  const kept = idle.get(group);
  if (kept === undefined) idle.set(group, [columns]);
  else if (kept.length === 0) kept.push(columns);
}
