/** Components as data: what is known of one, and the order it is stepped in (made by component-order.ts). */
import type { LoopDeclaration, NodeId } from "../formula-node.ts";
import type { CellEdge } from "./cell-graph.ts";
import type { CellOrder } from "./cell-order.ts";

/** A strongly connected component with a cycle. */
export interface Component {
  readonly id: number;
  readonly members: readonly number[];
  /** How it is stepped; made on first use, dropped when an edge or a loop declaration inside changes. */
  order: ComponentOrder | null;
}

/** An edge inside a component; `precedent` is an index into the members, `from` and `to` the window that it reads. */
export interface InnerEdge extends CellEdge {
  readonly from: number;
  readonly to: number;
  /** Of a stock or delay: what it starts with, looked at in period 0 only. */
  readonly isFirst?: boolean;
  /** Of a delay: its input is read in later periods than the one it goes in, and never in that one. */
  readonly isAhead?: boolean;
}

/** Members (as indices) that are computed together in one period. */
export interface Block {
  readonly members: readonly number[];
  readonly loop: LoopDeclaration | null;
  /** Set when a zero-lag cycle is left that no declaration cuts: its nodes, the first repeated at the end. */
  readonly undeclared: readonly NodeId[] | null;
}

/** Stocks and delays (as indices) that move together within a period. */
export interface StockGroup {
  readonly stocks: readonly number[];
  readonly stepsPerPeriod: number;
  /** Whether any of them moves by the stages of Runge and Kutta. */
  readonly hasStages: boolean;
  /** Whether no flow depends on where the stocks are within a period. */
  readonly isSteady: boolean;
  readonly hasDelay: boolean;
  /** Whether one of them is a delay with steps finer than a period: where it stands says no column. */
  readonly hasFineDelay: boolean;
  /** What their flows need of the present period and stocks move: computed anew in each step, in this order. */
  readonly between: readonly Block[];
}

export interface StockOrder {
  readonly groups: readonly StockGroup[];
  /** Per member the index of its group; −1: no stock. */
  readonly groupOf: Int32Array;
}

export interface ComponentOrder {
  readonly direction: "forward" | "backward" | "ordered" | "whole";
  readonly members: readonly number[];
  readonly blocks: readonly Block[];
  /** The blocks in period 0, where stocks read what they start with; `null`: as in any other. */
  readonly first: readonly Block[] | null;
  /** `null`: no member is a stock or a delay. */
  readonly stocks: StockOrder | null;
  /** Per member the edges that it reads inside the component. */
  readonly inner: readonly (readonly InnerEdge[])[];
  /** With direction `ordered`: the order of the cells. */
  readonly cellOrder: CellOrder | null;
  /** The largest distance in periods that an edge inside bridges. */
  readonly distanceMax: number;
  /** Whether every edge inside joins equal outer members. */
  readonly isOuterSame: boolean;
  /** What was made of it, for as long as it is the order. */
  readonly made: MadeOfOrder;
}

/** Written by fused-cells.ts and fused-component.ts, which alone know what it is. Not in weak maps: loops are many. */
interface MadeOfOrder {
  cellLoop: unknown;
  jointTrial: unknown;
}
