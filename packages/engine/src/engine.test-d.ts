/** Types that embedders see: compiled, not run. */
import type { ErrorValue } from "@reckon/value";
import { type Attribute, createEngine, type Input, type ReadonlySignal } from "./index.ts";

const engine = createEngine();
const price = engine.input(10);
const units: Input<number> = engine.input(5);
const name = engine.input("name");
const revenue = engine.computed([price, units], (p, u) => p * u);
const label = engine.computed(
  [name, revenue],
  (text, amount) => `${text.toUpperCase()} ${amount.toFixed(2)}`,
);
const later = engine.computed([revenue], async (amount) => ({ amount }));
const none = engine.computed([], () => true);

export const value: number | ErrorValue = revenue.value;
export const shown: Attribute<string> = label;
export const signal: ReadonlySignal<number | ErrorValue> = revenue.signal;
export const awaited: Attribute<{ amount: number }> = later;
export const flag: Attribute<boolean> = none;
price.set(12);

// @ts-expect-error an input keeps its type
price.set("12");
// @ts-expect-error a computed attribute cannot be set
revenue.set(1);
// @ts-expect-error an error value is possible
export const plain: number = revenue.value;
// @ts-expect-error the function's parameters are the precedents' values
engine.computed([name], (text: number) => text);
// @ts-expect-error signals are read-only
revenue.signal.value = 1;
