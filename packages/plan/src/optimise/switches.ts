/** Which rewrites are on, and what a rewrite must save to be made. */

/** Every rewrite, in the order in which they are made. */
export const rewriteNames = ["prune", "fold", "merge", "share", "hoist"] as const;

export type RewriteName = (typeof rewriteNames)[number];

/**
 * Rewrites to switch off (`false`); what is not named is on. None changes a value.
 *
 * @example
 * ```ts
 * const text = "model a\ntime year 2025..2030\nblock b by year\n  y = PERIOD_INDEX() + 1\n  z = PERIOD_INDEX() + 1\n";
 * const document = parseModel("a.reckon", text);
 * const model = checkModel(document, () => ({ problem: "none" })).value;
 * buildPlan(model, createEngine(), { optimise: { always: true } }).rewrites.length; // 1
 * buildPlan(model, createEngine(), { optimise: { always: true, merge: false } }).rewrites.length; // 0
 * ```
 */
export interface OptimiseOptions extends Partial<Readonly<Record<RewriteName, boolean>>> {
  /** Makes every rewrite that is possible, whether it pays or not; for tests. */
  readonly always?: boolean;
}

export interface Switches extends Readonly<Record<RewriteName, boolean>> {
  /** What a rewrite must save, by estimate, in nanoseconds. */
  readonly gainNsMin: number;
}

/**
 * Below this a rewrite costs more in nodes and edges than it saves: a node takes some microseconds to lay and about
 * one to recalculate.
 */
const gainNsMinDefault = 20_000;

export function switchesOf(options: boolean | OptimiseOptions | undefined): Switches {
  const given: OptimiseOptions = typeof options === "object" ? options : {};
  const isOn = (name: RewriteName): boolean => options !== false && given[name] !== false;
  return {
    prune: isOn("prune"),
    fold: isOn("fold"),
    merge: isOn("merge"),
    share: isOn("share"),
    hoist: isOn("hoist"),
    gainNsMin: given.always === true ? Number.NEGATIVE_INFINITY : gainNsMinDefault,
  };
}
