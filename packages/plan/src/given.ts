/**
 * Attributes whose values are given: what somebody else has computed, or computes once for many plans of one model.
 *
 * They are laid as inputs of these columns, in the place of what the model says of them; a loop that is cut at one is none,
 * and the stocks under one are not laid. Whoever asks the model still finds what is written there.
 *
 * Invariants: an attribute that stays the same object, with a column that stays the same, is laid as the same input, so an
 * update leaves its node alone. Cost: the given attributes, and the loops and stocks, for each version of the model.
 */
import { AttributeTable, type CheckedAttribute, type CheckedInput, type CheckedModel } from "@reckon/model";
import type { Column } from "@reckon/value";
import { shapeOf } from "./cells.ts";

/** By `block.attribute`; a column of another shape than the attribute has is not taken. */
export type GivenColumns = ReadonlyMap<string, Column>;

export class Given {
  readonly #columns: GivenColumns;
  readonly #inputs: Map<string, { readonly of: CheckedAttribute; readonly input: CheckedInput }> = new Map();
  #last: { readonly of: CheckedModel; readonly model: CheckedModel } | undefined;
  #lists: Pick<CheckedModel, "loops" | "stocks"> | undefined;

  constructor(columns: GivenColumns) {
    this.#columns = columns;
  }

  /** The model as it is laid. */
  in(model: CheckedModel): CheckedModel {
    if (this.#columns.size === 0) return model;
    if (this.#last?.of === model) return this.#last.model;
    const attributes = AttributeTable.from(model.attributes).fork();
    for (const [id, column] of this.#columns) {
      const input = this.#inputOf(attributes.get(id), column);
      if (input !== undefined) attributes.put(id, input);
    }
    const laid = { ...model, attributes, ...this.#listsOf(model) };
    this.#last = { of: model, model: laid };
    return laid;
  }

  #inputOf(attribute: CheckedAttribute | undefined, column: Column): CheckedInput | undefined {
    if (attribute === undefined) return undefined;
    const known = this.#inputs.get(attribute.id);
    if (known?.of === attribute) return known.input;
    const { outer, periods } = shapeOf(attribute.axes);
    if (column.shape.outer !== outer || column.shape.periods !== periods) return undefined;
    const { id, block, name, axes, item, span } = attribute;
    const input: CheckedInput = {
      kind: "input",
      id,
      block,
      name,
      axes,
      item,
      span,
      column,
      isReadOnly: true,
    };
    this.#inputs.set(id, { of: attribute, input });
    return input;
  }

  /** The loops and stocks that are left; the lists of before while these are the same. */
  #listsOf({ loops, stocks }: CheckedModel): Pick<CheckedModel, "loops" | "stocks"> {
    const left = {
      loops: loops.filter(({ attribute }) => !this.#columns.has(attribute)),
      stocks: stocks.filter(({ id, partOf }) => !this.#columns.has(partOf ?? id)),
    };
    const before = this.#lists;
    this.#lists = {
      loops: before !== undefined && hasSame(before.loops, left.loops) ? before.loops : left.loops,
      stocks: before !== undefined && hasSame(before.stocks, left.stocks) ? before.stocks : left.stocks,
    };
    return this.#lists;
  }
}

function hasSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
