/**
 * Undo and redo over documents, as immer patches.
 *
 * A document is held as the chunks of its list of items, which it shares with the document itself, so that an edit drafts,
 * patches and remembers one chunk and not a list of 100,000 items:
 *
 *   { "saas.reckon": { format, chunks: [ chunk, chunk, … ] } }
 *
 * Steps of a commit: compare the chunks with those before by identity, write those that differ into a draft, keep the
 * patches. Undo applies the inverse patches, and so brings back the very same items. Several commits inside a transaction
 * make one step.
 *
 * Invariants: `undone` is emptied by a commit; at most `depthMax` steps are kept, the oldest go first. Cost of a commit: a
 * look at each chunk, and a patch for each that differs.
 */
import { enablePatches, Immer, type Patch } from "immer";
import type { ModelDocument, ScenarioDocument } from "./api.ts";
import type { AnyDeclaration, AnyDocument } from "./document.ts";
import { listedDocument, listOf } from "./document.ts";
import { type ItemChunk, ItemList } from "./item-list.ts";

enablePatches();
// Chunks are shared with the documents and never written; freezing them would walk every declaration.
const immer = new Immer({ autoFreeze: false });

const depthDefault = 1_000;

type Chunks = readonly ItemChunk<AnyDeclaration>[];

interface ChunkedDocument {
  readonly format: ScenarioDocument["format"] | undefined;
  readonly chunks: Chunks;
}
interface HistoryState {
  readonly documents: Readonly<Record<string, ChunkedDocument>>;
}

interface Step {
  readonly label: string;
  readonly patches: readonly Patch[];
  readonly inverse: readonly Patch[];
}

/** The documents by source. */
export type Documents = Readonly<Record<string, ModelDocument | ScenarioDocument>>;

/** The past and future of a set of documents. */
export class EditHistory {
  private state: HistoryState;
  private current: Documents;
  private readonly steps: Step[] = [];
  private readonly redoSteps: Step[] = [];
  private readonly depthMax: number;
  private open:
    | { label: string; patches: Patch[]; inverse: Patch[]; before: Documents; state: HistoryState }
    | undefined;

  /** Begins with `documents`; at most `depthMax` steps can be undone. */
  constructor(documents: Documents, options: { readonly depthMax?: number } = {}) {
    this.depthMax = options.depthMax ?? depthDefault;
    this.current = { ...documents };
    this.state = {
      documents: Object.fromEntries(
        Object.entries(documents).map(([source, document]) => [source, chunked(document)]),
      ),
    };
  }

  /** The documents as they are now; the same objects until something changes. */
  get documents(): Documents {
    return this.current;
  }

  /** The labels of the steps that can be undone, oldest first. */
  get done(): readonly string[] {
    return this.steps.map((step) => step.label);
  }

  /** How many steps can be undone. */
  get doneCount(): number {
    return this.steps.length;
  }

  /** The labels of the steps that can be redone, next first. */
  get undone(): readonly string[] {
    return this.redoSteps.map((step) => step.label).reverse();
  }

  /** Makes `changes` the documents of their sources (`undefined` takes one away), as one step called `label`. */
  commit(
    label: string,
    changes: Readonly<Record<string, ModelDocument | ScenarioDocument | undefined>>,
  ): void {
    const lists = new Map<string, ItemList<AnyDeclaration>>();
    const [written, patches, inverse] = immer.produceWithPatches(this.state, (draft) => {
      const documents = draft.documents as Record<string, ChunkedDocument>;
      for (const [source, document] of Object.entries(changes)) {
        const old = this.state.documents[source];
        if (document === undefined) delete documents[source];
        else if (old === undefined || old.format !== formatOf(document))
          documents[source] = chunked(document);
        else {
          const list = listBehind(document, old.chunks);
          lists.set(source, list);
          rewrite(documents[source] as ChunkedDocument, old.chunks, list.chunks);
        }
      }
    });
    const current: Record<string, ModelDocument | ScenarioDocument> = { ...this.current };
    for (const [source, document] of Object.entries(changes)) {
      if (document === undefined) delete current[source];
      else current[source] = document;
    }
    this.state = withChunksOf(written, lists);
    this.current = current;
    if (patches.length === 0) return;
    if (this.open === undefined) this.push({ label, patches, inverse });
    else {
      this.open.patches = [...this.open.patches, ...patches];
      this.open.inverse = [...inverse, ...this.open.inverse];
    }
  }

  /** Everything committed inside `edits` is one step; a throw takes all of it back. Inner transactions join. */
  transaction<R>(label: string, edits: () => R): R {
    if (this.open !== undefined) return edits();
    const open = { label, patches: [], inverse: [], before: this.current, state: this.state };
    this.open = open;
    let isDone = false;
    try {
      const result = edits();
      isDone = true;
      return result;
    } finally {
      this.open = undefined;
      if (!isDone) {
        this.current = open.before;
        this.state = open.state;
      } else if (open.patches.length > 0) this.push({ label, patches: open.patches, inverse: open.inverse });
    }
  }

  /** Takes back the last step and gives its label; `undefined` when there is none. */
  undo(): string | undefined {
    const step = this.steps.pop();
    if (step === undefined) return undefined;
    this.restore(immer.applyPatches(this.state, step.inverse));
    this.redoSteps.push(step);
    return step.label;
  }

  /** Makes the step that was taken back last again and gives its label. */
  redo(): string | undefined {
    const step = this.redoSteps.pop();
    if (step === undefined) return undefined;
    this.restore(immer.applyPatches(this.state, step.patches));
    this.steps.push(step);
    return step.label;
  }

  private push(step: Step): void {
    this.steps.push(step);
    this.redoSteps.length = 0;
    if (this.steps.length > this.depthMax) this.steps.splice(0, this.steps.length - this.depthMax);
  }

  private restore(state: HistoryState): void {
    const current: Record<string, AnyDocument> = {};
    for (const [source, document] of Object.entries(state.documents)) {
      const isSame = this.state.documents[source] === document;
      current[source] = (isSame ? this.current[source] : undefined) ?? documentOf(source, document);
    }
    this.state = state;
    this.current = current;
  }
}

function formatOf(document: AnyDocument): ScenarioDocument["format"] | undefined {
  return "format" in document ? document.format : undefined;
}

function chunked(document: AnyDocument): ChunkedDocument {
  return { format: formatOf(document), chunks: listOf<AnyDeclaration>(document).chunks };
}

function documentOf(source: string, { format, chunks }: ChunkedDocument): AnyDocument {
  const list = new ItemList(chunks);
  if (format === undefined) return listedDocument(source, list) as ModelDocument;
  return { source, items: list.flat as ScenarioDocument["items"], format };
}

/** The document's list; where it was made from an array, one that shares what it can with the chunks before. */
function listBehind(document: AnyDocument, before: Chunks): ItemList<AnyDeclaration> {
  const isScenario = formatOf(document) !== undefined;
  return isScenario ? new ItemList(before).rewritten(document.items) : listOf<AnyDeclaration>(document);
}

/** The state with the very chunks of the documents, so that comparing them later ends at once. */
function withChunksOf(
  state: HistoryState,
  lists: ReadonlyMap<string, ItemList<AnyDeclaration>>,
): HistoryState {
  const documents: Record<string, ChunkedDocument> = { ...state.documents };
  for (const [source, { chunks }] of lists) documents[source] = { format: documents[source]?.format, chunks };
  return { documents };
}

/** Writes the chunks that differ into the draft. */
function rewrite(draft: ChunkedDocument, before: Chunks, after: Chunks): void {
  if (before.length !== after.length) {
    (draft as { chunks: Chunks }).chunks = after;
    return;
  }
  const chunks = draft.chunks as ItemChunk<AnyDeclaration>[];
  for (let c = 0; c < after.length; c++)
    if (before[c] !== after[c]) chunks[c] = after[c] as ItemChunk<AnyDeclaration>;
}
