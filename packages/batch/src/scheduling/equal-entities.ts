/**
 * Entities in hand with equal deep keys: the first is computed, the others wait for what comes of it (BA23).
 *
 *   deep key ─→ leader's position, and the rows of those that follow
 */
import type { EntityRows } from "./entity-rows.ts";
import { pickedRows } from "./entity-rows.ts";
import type { Portion } from "./portion.ts";

interface EqualGroup {
  readonly leader: number;
  readonly followers: { readonly number: number; readonly rows: EntityRows }[];
}

export class EqualEntities {
  readonly #groups = new Map<string, EqualGroup>();
  #waiting = 0;

  /** Whether there is no entity that others could wait for. */
  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** How many entities wait for others. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The rows of a portion that are to be computed: the first of each deep key in hand. The others are held here. */
  lead({ rows, number }: Portion): EntityRows {
    const leading: number[] = [];
    for (const [i, deepKey] of rows.deepKeys.entries()) {
      const group = this.#groups.get(deepKey);
      const position = rows.positions[i] as number;
      if (group === undefined) this.#groups.set(deepKey, { leader: position, followers: [] });
      if (group === undefined || group.leader === position) leading.push(i);
      else {
        group.followers.push({ number, rows: pickedRows(rows, [i]) });
        this.#waiting++;
      }
    }
    return leading.length === rows.keys.length ? rows : pickedRows(rows, leading);
  }

  /** Those that have waited for an entity that has ended now; they wait no longer. */
  release(deepKey: string, position: number): EqualGroup["followers"] {
    const group = this.#groups.get(deepKey);
    if (group === undefined || group.leader !== position) return [];
    this.#groups.delete(deepKey);
    this.#waiting -= group.followers.length;
    return group.followers;
  }

  /** Lets go of all; how many entities had waited. */
  clear(): number {
    const waiting = this.#waiting;
    this.#groups.clear();
    this.#waiting = 0;
    return waiting;
  }
}
