/** What a call is kept under: the module's closure, the function's name, and the arguments; nothing else plays a part. */
import type { MemoKey } from "@reckon/engine";
import type { CalledFunction } from "@reckon/plan";
import { encodeCanonical, type Scalar } from "@reckon/value";

export function callKey(name: string, version: string, args: readonly Scalar[]): MemoKey {
  return {
    name,
    parts: [
      { name: "function", bytes: encodeCanonical(["module function", version]) },
      ...args.map((arg, i) => ({ name: `argument ${i + 1}`, bytes: encodeCanonical(arg) })),
    ],
  };
}

/** Equal only for equal calls of one function that are given the same time and as many attempts. */
export function callText(args: readonly Scalar[], { retries, timeoutMs }: CalledFunction["policy"]): string {
  let text = `${retries} ${timeoutMs ?? "-"} `;
  for (const arg of args) {
    if (typeof arg === "string") text += `t${arg.length}:${arg}`;
    else if (Object.is(arg, -0)) text += "n-0;";
    else if (typeof arg === "number") text += `n${arg};`;
    else if (arg === null) text += "b;";
    else if (typeof arg === "boolean") text += arg ? "y;" : "x;";
    else text += `e${JSON.stringify([arg.code, arg.origin ?? null])};`;
  }
  return text;
}
