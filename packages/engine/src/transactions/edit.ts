/** The edits of a transaction as data, in the order they were made. */
import type { Column } from "@reckon/value";
import type { Box, FormulaNode, InputNode, LoopDeclaration } from "../formula-node.ts";
import type { OverridePart } from "../overlays/override.ts";
import type { StateTable } from "../state/state-table.ts";

export type Edit =
  | { readonly kind: "replace"; readonly node: number; readonly definition: FormulaNode | InputNode }
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

export function isFormulaNode(definition: FormulaNode | InputNode): definition is FormulaNode {
  return "kernel" in definition;
}
