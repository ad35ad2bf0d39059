/**
 * What nodes do, by number: a function, a `FormulaNode` or `InputNode`, or the family of many cells.
 *
 * Number 0 is "nothing". Other works belong to one node each; a family has one number however many cells use it, and
 * is forgotten with the last of them.
 */
import type { CellFamily } from "../cell-node.ts";

export class Works {
  /** By number. */
  readonly list: unknown[] = [undefined];
  private readonly familyIds: Map<CellFamily, number> = new Map();
  /** How many cells use the family; by number. */
  private readonly uses: Map<number, number> = new Map();
  private readonly freeIds: number[] = [];

  add(work: unknown): number {
    if (work === undefined) return 0;
    const id = this.freeIds.pop() ?? this.list.length;
    this.list[id] = work;
    return id;
  }

  /** The number of a family, for `cells` more cells. */
  addFamily(family: CellFamily, cells: number): number {
    let id = this.familyIds.get(family);
    if (id === undefined) {
      id = this.add(family);
      this.familyIds.set(family, id);
    }
    this.uses.set(id, (this.uses.get(id) ?? 0) + cells);
    return id;
  }

  /** Drops free numbers at the end of the list. */
  compact(): void {
    const { list } = this;
    if (this.freeIds.length * 2 < list.length) return;
    while (list.length > 1 && list.at(-1) === undefined) list.pop();
    const kept = this.freeIds.filter((id) => id < list.length);
    this.freeIds.length = 0;
    this.freeIds.push(...kept);
  }

  /** One node less uses the number. */
  release(id: number): void {
    if (id === 0) return;
    const left = (this.uses.get(id) ?? 1) - 1;
    if (left > 0) {
      this.uses.set(id, left);
      return;
    }
    if (this.uses.delete(id)) this.familyIds.delete(this.list[id] as CellFamily);
    this.list[id] = undefined;
    this.freeIds.push(id);
  }
}
