/**
 * Bound formulas as plain values, to be sent to another thread (see portable-expression.ts). Time axes are sent by
 * their ends, since a million labels are worked out faster than they are copied. Stocks, delays and what calls modules
 * stay here. Cost: the expression and the labels.
 */
import type { AxisAccess, BoundExpression, BoundFormula, Reference } from "@reckon/formula";
import { type Axis, axisOf, type Frequency, timeAxis } from "@reckon/value";
import { boundExpression, type PortableExpression, portableExpression } from "./portable-expression.ts";

type PortableAxis =
  | { readonly kind: "members"; readonly name: string; readonly labels: readonly string[] }
  | {
      readonly kind: "time";
      readonly name: string;
      readonly frequency: Frequency;
      readonly first: string;
      readonly last: string;
    };

type PortableAccess =
  | Exclude<AxisAccess, { kind: "key" }>
  | { readonly kind: "key"; readonly key: PortableExpression };

/** Axes by their place in `axes`, so that each is sent once. */
interface PortableReference extends Omit<Reference, "axes" | "access"> {
  readonly axes: readonly number[];
  readonly access: readonly PortableAccess[];
}

/** What `portableFormula` makes of a formula. */
export interface PortableFormula {
  readonly root: PortableExpression;
  readonly start?: PortableExpression;
  readonly end?: PortableExpression;
  readonly references: readonly PortableReference[];
  readonly over: readonly number[];
  readonly axes: readonly PortableAxis[];
}

/** The formula as a plain value, or `undefined` where its work cannot be done elsewhere. */
export function portableFormula(formula: BoundFormula): PortableFormula | undefined {
  if (formula.callsModule || formula.integral !== undefined || formula.delay !== undefined) return undefined;
  const places = new Map<Axis, number>();
  const placesOf = (axes: readonly Axis[]): number[] =>
    axes.map((axis) => {
      const place = places.get(axis) ?? places.size;
      places.set(axis, place);
      return place;
    });
  const root = portableExpression(formula.root);
  const start = optional(formula.start);
  const end = optional(formula.end);
  const references = formula.references.map((reference) => portableReference(reference, placesOf));
  const over = placesOf(formula.axes);
  if (root === undefined || start === null || end === null) return undefined;
  if (!references.every((reference) => reference !== undefined)) return undefined;
  return {
    root,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    references,
    over,
    axes: [...places.keys()].map(portableAxis),
  };
}

/** `null`: there is one, and it cannot be sent. */
function optional(expression: BoundExpression | undefined): PortableExpression | undefined | null {
  return expression === undefined ? undefined : (portableExpression(expression) ?? null);
}

function portableReference(
  reference: Reference,
  placesOf: (axes: readonly Axis[]) => number[],
): PortableReference | undefined {
  const access: PortableAccess[] = [];
  for (const one of reference.access) {
    if (one.kind !== "key") access.push(one);
    else {
      const key = portableExpression(one.key);
      if (key === undefined) return undefined;
      access.push({ kind: "key", key });
    }
  }
  return { ...reference, axes: placesOf(reference.axes), access };
}

function portableAxis({ name, labels, time }: Axis): PortableAxis {
  const first = labels[0];
  const last = labels.at(-1);
  return time === undefined || first === undefined || last === undefined
    ? { kind: "members", name, labels }
    : { kind: "time", name, frequency: time.frequency, first, last };
}

/** The formula that a plain value was made of. */
export function boundFormula(portable: PortableFormula): BoundFormula {
  const axes = portable.axes.map(axisFrom);
  const axesAt = (places: readonly number[]): Axis[] => places.map((place) => axes[place] as Axis);
  return {
    root: boundExpression(portable.root),
    ...(portable.start === undefined ? {} : { start: boundExpression(portable.start) }),
    ...(portable.end === undefined ? {} : { end: boundExpression(portable.end) }),
    references: portable.references.map((reference) => ({
      ...reference,
      axes: axesAt(reference.axes),
      access: reference.access.map((one) =>
        one.kind === "key" ? { kind: "key", key: boundExpression(one.key) } : one,
      ),
    })),
    axes: axesAt(portable.over),
    callsModule: false,
  };
}

function axisFrom(axis: PortableAxis): Axis {
  if (axis.kind === "members") return axisOf(axis.name, axis.labels);
  const made = timeAxis(axis.frequency, axis.first, axis.last, axis.name);
  if ("problem" in made) throw new Error(made.problem);
  return made.axis;
}
