/** Strategies of the plan as they are typed: which rewrites are on. */
import { nearestName } from "@reckon/formula";
import { type OptimiseOptions, type RewriteName, rewriteNames } from "@reckon/plan";
import type { Refusal } from "./model-request.ts";

export interface PlanStrategy {
  /** As typed, for headings. */
  readonly name: string;
  readonly optimise: OptimiseOptions;
}

/** The plan with all rewrites but these. */
export function strategyWithout(typed: readonly string[]): PlanStrategy | Refusal {
  const wrong = typed.find((name) => !isRewrite(name));
  if (wrong !== undefined) return { refused: unknownRewrite(wrong, rewriteNames) };
  const off = rewriteNames.filter((name) => typed.includes(name));
  return {
    name: off.length === 0 ? "all" : `no-${off.join(",no-")}`,
    optimise: choice((name) => !off.includes(name)),
  };
}

/** `all`, `none`, names of rewrites (only these), or `no-` before a name (all but that). */
export function strategyNamed(typed: string): PlanStrategy | Refusal {
  const names = typed
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  if (typed === "all") return { name: typed, optimise: choice(() => true) };
  if (typed === "none") return { name: typed, optimise: choice(() => false) };
  const wrong = names.find((name) => !isRewrite(name.replace(/^no-/, "")));
  if (wrong !== undefined || names.length === 0)
    return { refused: unknownRewrite(wrong ?? typed, ["all", "none", ...rewriteNames]) };
  const off = names.filter((name) => name.startsWith("no-")).map((name) => name.slice(3));
  if (off.length > 0 && off.length < names.length)
    return { refused: `${typed}: write either what is on (merge,share) or what is off (no-merge,no-share)` };
  const isOn = (name: RewriteName): boolean => (off.length > 0 ? !off.includes(name) : names.includes(name));
  return { name: names.join(","), optimise: choice(isOn) };
}

function choice(isOn: (name: RewriteName) => boolean): OptimiseOptions {
  return Object.fromEntries(rewriteNames.map((name) => [name, isOn(name)]));
}

function isRewrite(name: string): name is RewriteName {
  return (rewriteNames as readonly string[]).includes(name);
}

function unknownRewrite(typed: string, known: readonly string[]): string {
  const near = nearestName(typed, [...known]);
  const hint = near === undefined ? `there are: ${known.join(", ")}` : `did you mean \`${near}\`?`;
  return `no rewrite \`${typed}\`; ${hint}`;
}
