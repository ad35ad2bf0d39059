/**
 * Undo and redo over documents, as immer patches.
 *
 * The items of each document are held in chunks, so that an edit drafts, patches and remembers one chunk's worth of
 * change and not a list of 100,000 items:
 *
 *   { "saas.reckon": { format, chunks: [ [item, item, … 256], [ … ], … ] } }
 *
 * Steps of a commit: compare the new items with the old ones from both ends (by identity, edits share items; an edit of one
 * item says which), write what lies between into the chunks of a draft, keep the patches. Undo applies the inverse patches. Several commits inside a
 * transaction make one step.
 *
 * Invariants: `undone` is emptied by a commit; at most `depthMax` steps are kept, the oldest go first. Cost of a commit: a
 * walk over the items by identity (over the chunks only, for one item), and patches of the size of the change.
 */
import { enablePatches, Immer, type Patch } from "immer";
import type { Item, ModelDocument, ScenarioDocument } from "./api.ts";
import type { AnyDocument } from "./document.ts";
import { lineageOf, noteReplaced, replacedItems } from "./document-edit.ts";

enablePatches();
// Items are shared with the host and never written; freezing them would walk every declaration.
const immer = new Immer({ autoFreeze: false });

const chunkItems = 256;
const chunkItemsMax = 2 * chunkItems;
const depthDefault = 1_000;

type AnyItem = Item<unknown>;

interface ChunkedDocument {
  readonly format: ScenarioDocument["format"] | undefined;
  readonly chunks: readonly (readonly AnyItem[])[];
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

  /** The labels of the steps that can be redone, next first. */
  get undone(): readonly string[] {
    return this.redoSteps.map((step) => step.label).reverse();
  }

  /** Makes `changes` the documents of their sources (`undefined` takes one away), as one step called `label`. */
  commit(
    label: string,
    changes: Readonly<Record<string, ModelDocument | ScenarioDocument | undefined>>,
  ): void {
    const [state, patches, inverse] = immer.produceWithPatches(this.state, (draft) => {
      const documents = draft.documents as Record<string, ChunkedDocument>;
      for (const [source, document] of Object.entries(changes)) {
        const old = this.state.documents[source];
        if (document === undefined) delete documents[source];
        else if (old === undefined || old.format !== formatOf(document))
          documents[source] = chunked(document);
        else {
          const replaced = replacedItems(document, lineageOf(this.current[source] as AnyDocument));
          const items = document.items as readonly AnyItem[];
          if (replaced === undefined) rewrite(documents[source] as ChunkedDocument, old, items);
          else
            for (const at of replaced)
              replaceOne(documents[source] as ChunkedDocument, old, at, items[at] as AnyItem);
        }
      }
    });
    const current: Record<string, ModelDocument | ScenarioDocument> = { ...this.current };
    for (const [source, document] of Object.entries(changes)) {
      if (document === undefined) delete current[source];
      else current[source] = document;
    }
    this.state = state;
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
    this.restore(immer.applyPatches(this.state, step.inverse), step.inverse);
    this.redoSteps.push(step);
    return step.label;
  }

  /** Makes the step that was taken back last again and gives its label. */
  redo(): string | undefined {
    const step = this.redoSteps.pop();
    if (step === undefined) return undefined;
    this.restore(immer.applyPatches(this.state, step.patches), step.patches);
    this.steps.push(step);
    return step.label;
  }

  private push(step: Step): void {
    this.steps.push(step);
    this.redoSteps.length = 0;
    if (this.steps.length > this.depthMax) this.steps.splice(0, this.steps.length - this.depthMax);
  }

  private restore(state: HistoryState, patches: readonly Patch[]): void {
    const current: Record<string, AnyDocument> = {};
    for (const [source, document] of Object.entries(state.documents)) {
      const same = this.state.documents[source] === document ? this.current[source] : undefined;
      current[source] = same ?? flattened(source, document);
      const before = this.current[source];
      const replaced = same === undefined ? replacedBy(patches, source, document) : undefined;
      if (before !== undefined && replaced !== undefined) noteReplaced(current[source], before, replaced);
    }
    this.state = state;
    this.current = current;
  }
}

function formatOf(document: AnyDocument): ScenarioDocument["format"] | undefined {
  return "format" in document ? document.format : undefined;
}

function chunked(document: AnyDocument): ChunkedDocument {
  return { format: formatOf(document), chunks: chunksOf(document.items as readonly AnyItem[]) };
}

/** The items that a step's patches replace in place; undefined when they do anything else to the document. */
function replacedBy(
  patches: readonly Patch[],
  source: string,
  { chunks }: ChunkedDocument,
): number[] | undefined {
  const replaced: number[] = [];
  for (const { op, path } of patches) {
    if (path[1] !== source) continue;
    const [, , part, chunk, at] = path;
    if (op !== "replace" || path.length !== 5 || part !== "chunks" || typeof at !== "number")
      return undefined;
    let index = at;
    for (let c = 0; c < Number(chunk); c++) index += (chunks[c] as readonly AnyItem[]).length;
    replaced.push(index);
  }
  return replaced;
}

function chunksOf(items: readonly AnyItem[]): AnyItem[][] {
  const chunks: AnyItem[][] = [];
  for (let i = 0; i < items.length; i += chunkItems) chunks.push(items.slice(i, i + chunkItems));
  return chunks;
}

function flattened(source: string, { format, chunks }: ChunkedDocument): AnyDocument {
  const items = chunks.flat() as never;
  return format === undefined ? { source, items } : { source, items, format };
}

/** Writes the one item that differs: the usual case, which must not walk over the file. */
function replaceOne(draft: ChunkedDocument, old: ChunkedDocument, index: number, item: AnyItem): void {
  const [c, at] = placeOf(old.chunks, index);
  (draft.chunks as AnyItem[][])[c]?.splice(at, 1, item);
}

/** Writes the items that differ into the draft's chunks. */
function rewrite(draft: ChunkedDocument, old: ChunkedDocument, items: readonly AnyItem[]): void {
  const head = equalHead(old.chunks, items);
  const count = old.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (head === count && count === items.length) return;
  const tail = equalTail(old.chunks, items, Math.min(count, items.length) - head);
  const removed = count - head - tail;
  const inserted = items.slice(head, items.length - tail);
  const chunks = draft.chunks as AnyItem[][];
  let [c, at] = placeOf(old.chunks, head);
  let left = removed;
  if (removed === inserted.length) {
    // In place: the usual case of one edited line.
    for (const item of inserted) {
      while (at >= (old.chunks[c] as readonly AnyItem[]).length) {
        c += 1;
        at = 0;
      }
      (chunks[c] as AnyItem[])[at] = item;
      at += 1;
    }
    return;
  }
  for (let k = c; left > 0 && k < chunks.length; k++) {
    const from = k === c ? at : 0;
    const here = Math.min(left, (old.chunks[k] as readonly AnyItem[]).length - from);
    (chunks[k] as AnyItem[]).splice(from, here);
    left -= here;
  }
  if (chunks.length === 0) chunks.push([]);
  const target = chunks[c] as AnyItem[];
  if (target.length + inserted.length <= chunkItemsMax) target.splice(at, 0, ...inserted);
  else {
    const behind = target.splice(at);
    // A file of millions of lines is thousands of chunks, well within what one call takes.
    chunks.splice(c + 1, 0, ...chunksOf([...inserted, ...behind]));
  }
}

function equalHead(chunks: ChunkedDocument["chunks"], items: readonly AnyItem[]): number {
  let i = 0;
  for (const chunk of chunks) {
    for (const item of chunk) {
      if (item !== items[i]) return i;
      i += 1;
    }
  }
  return i;
}

function equalTail(chunks: ChunkedDocument["chunks"], items: readonly AnyItem[], max: number): number {
  let tail = 0;
  for (let c = chunks.length - 1; c >= 0; c--) {
    const chunk = chunks[c] as readonly AnyItem[];
    for (let i = chunk.length - 1; i >= 0; i--) {
      if (tail >= max || chunk[i] !== items[items.length - 1 - tail]) return tail;
      tail += 1;
    }
  }
  return tail;
}

/** Chunk and place in it of the item at `index`; behind the last item, the end of the last chunk. */
function placeOf(chunks: ChunkedDocument["chunks"], index: number): [number, number] {
  let rest = index;
  for (let c = 0; c < chunks.length; c++) {
    const length = (chunks[c] as readonly AnyItem[]).length;
    if (rest < length || c === chunks.length - 1) return [c, rest];
    rest -= length;
  }
  return [0, 0];
}
