/**
 * Documents and edits. A document is a text with its lossless list of items; all functions on documents are pure: they
 * take documents and give new ones.
 */
import type { Diagnostic, Span } from "@reckon/formula";
import type { Scalar, Table } from "@reckon/value";
import type { ModelDeclaration, ScenarioDeclaration } from "./declarations.ts";

/** A stretch of the file: one declaration with its own trivia, or comments and blank lines between. Texts concatenate to the file. */
export interface Item<D> {
  /** Stable over edits and, where text or name is unchanged, over reloads. */
  readonly id: number;
  readonly text: string;
  readonly declaration?: D;
  /** Problems of this item alone; spans relative to the item's text. */
  readonly diagnostics: readonly Diagnostic[];
}
export interface SourceDocument<D> {
  /** The path as the user wrote it; for messages and for resolving tables and modules beside it. */
  readonly source: string;
  readonly items: readonly Item<D>[];
}
export type ModelDocument = SourceDocument<ModelDeclaration>;
export type ScenarioDocument = SourceDocument<ScenarioDeclaration> & {
  readonly format: "reckon" | "json" | "yaml";
  /** It is for a part of the members, so what is wider and what is narrower may be the same cells: the later one holds. */
  readonly isPart?: true;
};

/** What the host must read before a model can be checked: table files, relative to the model's folder. */
export interface TableRequest {
  readonly path: string;
  readonly spans: readonly Span[];
}
export type TableLookup = (path: string) => Table | { readonly problem: string };

export interface CheckResult<T> {
  /** Present when there is no diagnostic of severity error. */
  readonly value?: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is known of the graph of a checked model that runs somewhere. It saves walks over the model. */
export interface KnownGraph {
  /** Whether all of the model is in it, so that no reader is missing. */
  readonly isWhole: boolean;
  /** Whether any formula, check or loop reads the attribute. */
  readonly isRead: (attribute: string) => boolean;
  /** The formulas that read the attribute. */
  readonly readersOf: (attribute: string) => readonly string[];
  /** What is read stands on a lower level than what reads it; those that read each other stand on one. */
  readonly levelOf: (attribute: string) => number;
}

/** An edit as the user thinks of it; each is a text edit that keeps comments and layout. */
export type ModelEdit =
  | { readonly kind: "set-formula"; readonly attribute: string; readonly text: string }
  /** Writes the input's value text: a constant, a member list … */
  | { readonly kind: "set-input"; readonly attribute: string; readonly text: string }
  /** Sets cells of an input; `positions` as in an override. The text becomes the shortest form that says it. */
  | {
      readonly kind: "set-cells";
      readonly attribute: string;
      readonly positions: readonly (readonly number[])[];
      readonly value: Scalar;
    }
  | { readonly kind: "add-attribute"; readonly block: string; readonly text: string; readonly after?: string }
  | { readonly kind: "remove-attribute"; readonly attribute: string }
  | { readonly kind: "replace-text"; readonly text: string };

export type ScenarioEdit =
  | {
      readonly kind: "set-override";
      readonly attribute: string;
      readonly positions: readonly (readonly number[])[];
      readonly operator: "=" | "+=" | "-=" | "*=" | "/=";
      readonly value: Scalar;
      readonly isPin: boolean;
    }
  | { readonly kind: "drop-override"; readonly attribute: string }
  | { readonly kind: "replace-text"; readonly text: string };
