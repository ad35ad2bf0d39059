/** Adding flows to stocks, a cell a member; numbers straight, everything else by what it counts as. */
import { type Column, type ErrorValue, errorValue, isErrorValue, type Scalar } from "@reckon/value";

/** into ← base + factor × flow. */
export function addFlow(
  into: Column,
  base: Column,
  flow: Column,
  factor: number,
  from: number,
  to: number,
): void {
  if (base.marks === null && flow.marks === null) {
    for (let member = from; member < to; member++) {
      const value = (base.numbers[member] as number) + factor * (flow.numbers[member] as number);
      write(into, member, value);
    }
    return;
  }
  for (let member = from; member < to; member++) {
    const start = numberFrom(base.get(member));
    const moved = numberFrom(flow.get(member));
    if (typeof start !== "number") into.set(member, start);
    else if (typeof moved !== "number") into.set(member, moved);
    else write(into, member, start + factor * moved);
  }
}

/** level ← level + factor × (k₁ + 2·k₂ + 2·k₃ + k₄). */
export function addStages(
  level: Column,
  stages: readonly Column[],
  factor: number,
  from: number,
  to: number,
): void {
  const [k1, k2, k3, k4] = stages as [Column, Column, Column, Column];
  if (
    level.marks === null &&
    k1.marks === null &&
    k2.marks === null &&
    k3.marks === null &&
    k4.marks === null
  ) {
    for (let member = from; member < to; member++) {
      const sum =
        (k1.numbers[member] as number) +
        2 * (k2.numbers[member] as number) +
        2 * (k3.numbers[member] as number) +
        (k4.numbers[member] as number);
      write(level, member, (level.numbers[member] as number) + factor * sum);
    }
    return;
  }
  for (let member = from; member < to; member++) {
    const parts = [level, k1, k2, k3, k4].map((column) => numberFrom(column.get(member)));
    const error = parts.find((part) => typeof part !== "number");
    if (error !== undefined) {
      level.set(member, error);
      continue;
    }
    const [start, a, b, c, d] = parts as [number, number, number, number, number];
    write(level, member, start + factor * (a + 2 * b + 2 * c + d));
  }
}

function write(column: Column, cell: number, value: number): void {
  if (Number.isFinite(value)) {
    column.numbers[cell] = value;
    if (column.marks !== null) column.marks[cell] = 0;
  } else column.set(cell, errorValue("#NUM!", "a stock has left the range of numbers"));
}

/** What a cell counts as in a sum. */
export function numberFrom(value: Scalar): number | ErrorValue {
  if (typeof value === "number") return value;
  if (value === null) return 0;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (isErrorValue(value)) return value;
  return errorValue("#VALUE!", "expected a number, found a text");
}
