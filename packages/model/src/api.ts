/**
 * The package's operations, as types. A document is a text with its lossless list of items; all functions are
 * pure: they take documents and give new ones.
 */
import type { Diagnostic, Span } from "@reckon/formula";
import type { Scalar, Table } from "@reckon/value";
import type {
  CheckedModel,
  CheckedScenario,
  ModelDeclaration,
  ScenarioDeclaration,
  TableSource,
} from "./declarations.ts";

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

export interface ModelOperations {
  readonly parseModel: (source: string, text: string, previous?: ModelDocument) => ModelDocument;
  readonly parseScenario: (source: string, text: string, previous?: ScenarioDocument) => ScenarioDocument;
  readonly printDocument: (document: ModelDocument | ScenarioDocument) => string;
  readonly formatDocument: <T extends ModelDocument | ScenarioDocument>(document: T) => T;
  /** All diagnostics of parsing, with spans in file offsets. */
  readonly diagnosticsOf: (document: ModelDocument | ScenarioDocument) => readonly Diagnostic[];
  readonly tablesOf: (document: ModelDocument) => readonly TableRequest[];
  readonly checkModel: (
    document: ModelDocument,
    tables: TableLookup,
    previous?: CheckedModel,
  ) => CheckResult<CheckedModel>;
  readonly checkScenario: (document: ScenarioDocument, model: CheckedModel) => CheckResult<CheckedScenario>;
  readonly editModel: (
    document: ModelDocument,
    model: CheckedModel,
    edit: ModelEdit,
  ) => CheckResult<ModelDocument>;
  readonly editScenario: (
    document: ScenarioDocument,
    model: CheckedModel,
    edit: ScenarioEdit,
  ) => CheckResult<ScenarioDocument>;
  /** The message as a person reads it: code, place, source line, caret, hint. `texts` gives the files by source. */
  readonly renderDiagnostic: (
    diagnostic: Diagnostic,
    texts: (source: string) => string | undefined,
  ) => string;
}
export type { TableSource };
