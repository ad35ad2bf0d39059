/**
 * The program of a batch: everything that computing an entity needs beside the entity's own rows, as plain data. It is the
 * same for all entities, in this process, on its threads and (as a bundle) on other machines.
 *
 * Attributes of a model fall into three kinds with regard to the entity axis:
 *
 *   invariant    reads nothing that has the axis                          computed once, given to every chunk
 *   per entity   reads attributes over the axis at the current member     computed in chunks
 *   across       reads other members: over, spans, keys into the axis,    left out, with everything that reads it
 *                the index or the count of the member
 */
import type { LayingOptions, SourceText } from "@reckon/sheet";
import type { Table } from "@reckon/value";

export interface BatchProgram {
  /** SHA-256, hex, of all that follows but the places of files, comments and layout: equal programs compute equal bits. */
  readonly key: string;
  /** Without the lines of what is left out and of what is not needed; line numbers are those of the file. */
  readonly model: SourceText;
  /** The scenario computed with those that it extends, ancestors first; none for `base`. */
  readonly scenarios: readonly SourceText[];
  readonly scenario: string;
  /** Those that change attributes of entities; the others are in the invariants. */
  readonly sets: readonly ProgramSet[];
  /** What of the scenarios' lines takes part in a chunk. */
  readonly scenarioLines: readonly ScenarioLines[];
  /** The table axis whose members are the entities. */
  readonly axis: string;
  /** The path of its table as the model writes it. */
  readonly tablePath: string;
  /** The column of that table which names the entities. */
  readonly keyColumn: string;
  /** Whether a value may depend on the entity's name: the key's column is read, or `MEMBER` is asked for. */
  readonly readsKey: boolean;
  /** Attributes whose values are kept, in the model's order: per entity, never across. */
  readonly wanted: readonly WantedAttribute[];
  /** Attributes and checks left out, each with what it reads across entities. */
  readonly leftOut: readonly { readonly name: string; readonly because: string }[];
  /** Columns of the entity table that are read: the others take no part in keys and are not sent. */
  readonly columns: readonly string[];
  /** Tables that have no key in the entity axis, by path as written: all rows of the columns that are read. */
  readonly tables: Readonly<Record<string, Table>>;
  /** Tables with a key in the entity axis, by path as written. Their rows come with each chunk. */
  readonly sideTables: Readonly<Record<string, SideTable>>;
  readonly modules: readonly ProgramModule[];
  /** Values of invariant formulas, as a result block of one row; an attribute each. Empty before they are computed. */
  readonly invariants: Uint8Array;
  /** Laying choices; `only` is what is wanted. */
  readonly laying: Pick<LayingOptions, "optimise" | "loops">;
  /** An error value in a wanted attribute makes its entity fail. */
  readonly errorsFail: boolean;
}

/** A table with rows by entity. */
export interface SideTable {
  /** The column that names the entities. */
  readonly keyColumn: string;
  /** The columns that are read beside finding an entity's rows, by name. */
  readonly columns: readonly string[];
}

export interface WantedAttribute {
  readonly id: string;
  /** Its axes without the entity axis, time last, with their labels: its cells of one entity, row-major. */
  readonly axes: readonly { readonly name: string; readonly labels: readonly string[] }[];
}

/** A formula module as threads and workers import it. */
export interface ProgramModule {
  /** As the model writes it. */
  readonly path: string;
  /** Absolute. */
  readonly file: string;
  /** Of its closure: what is imported must have it, or the chunk is refused. */
  readonly hash: string;
}

/** A value given for an input, by `block.attribute` or `block.attribute[index]`. */
export interface ProgramSet {
  readonly path: string;
  readonly value: string;
  /** The entity that it is for; absent: all. */
  readonly entity?: string;
}

/** The overrides of one scenario file, by the ids of their items. */
export interface ScenarioLines {
  readonly source: string;
  /** Of attributes that are not computed in chunks. */
  readonly dropped: readonly number[];
  /** Those that name one entity: in force where that is in the chunk. */
  readonly named: readonly { readonly item: number; readonly entity: string }[];
  /** Those that list values by entity. */
  readonly listed: readonly number[];
}
