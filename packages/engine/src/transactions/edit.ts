/** The edits of a transaction as data, in the order they were made. */
import type { Column, Shape } from "@reckon/value";
import type { CellNode } from "../cell-node.ts";
import type { Box, FormulaNode, InputNode, LoopDeclaration } from "../formula-node.ts";
import { nodesByDefinition } from "../integration/stock-row.ts";
import type { OverridePart } from "../overlays/override.ts";
import type { StateTable } from "../state/state-table.ts";
import { scalarShape } from "../structure/structure.ts";

/** What a node of the model face is made from. */
export type Definition = FormulaNode | InputNode | CellNode;

/** What nodes will be when the open transaction ends, as far as it replaces them. */
export interface Replacements {
  readonly replacementOf: (node: number) => Definition | undefined;
}

export type Edit =
  | { readonly kind: "replace"; readonly node: number; readonly definition: Definition }
  | { readonly kind: "remove"; readonly node: number }
  | { readonly kind: "loop"; readonly name: string; readonly declaration: LoopDeclaration | null }
  | { readonly kind: "value"; readonly node: number; readonly value: unknown }
  | { readonly kind: "cells"; readonly node: number; readonly box: Box; readonly cells: Column }
  | {
      readonly kind: "override";
      readonly state: StateTable;
      readonly node: number;
      readonly part: OverridePart;
    }
  | { readonly kind: "clear-override"; readonly state: StateTable; readonly node: number }
  | {
      readonly kind: "pin";
      readonly state: StateTable;
      readonly node: number;
      readonly box: Box;
      readonly cells: Column;
    }
  | { readonly kind: "unpin"; readonly state: StateTable; readonly node: number };

export type OverlayEdit = Extract<Edit, { readonly state: StateTable }>;

export function isInputNode(definition: Definition): definition is InputNode {
  return "column" in definition;
}

export function isCellNode(definition: Definition): definition is CellNode {
  return "family" in definition;
}

export function shapeOfDefinition(definition: Definition): Shape {
  return isCellNode(definition) ? scalarShape : definition.shape;
}

/** The ids that the formula reads; none for an input. */
export function precedentsOfDefinition(definition: Definition): readonly number[] {
  if (isInputNode(definition)) return [];
  return isCellNode(definition) ? definition.precedents : nodesByDefinition(definition);
}
