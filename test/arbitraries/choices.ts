/**
 * A list of small numbers read as decisions. What is generated from `Choices` shrinks well: fewer numbers and smaller
 * numbers make a simpler result, because a number that is missing counts as 0 and 0 picks the simplest alternative.
 */
export class Choices {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** A whole number ≥ 0 and < `count`; 0 when there is nothing to choose. */
  below(count: number): number {
    const number = this.#numbers[this.#next++] ?? 0;
    return count <= 1 ? 0 : number % count;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Once in `count` times; never when the numbers have run out. */
  once(count: number): boolean {
    return this.below(count) === count - 1;
  }

  /** A number that is often small, often round and sometimes neither. */
  number(): number {
    const drawn = this.below(1000);
    const signed = drawn % 3 === 2 ? -drawn : drawn;
    return this.pick([signed % 7, signed, signed / 8, signed / 10, 0]);
  }
}
