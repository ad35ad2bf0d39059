/** Waiting for the asynchronous functions of a model, which may never answer. */
import type { ScenarioName, Sheet } from "@reckon/sheet";
import type { Output } from "./output.ts";

const pendingShownMax = 5;

/**
 * Resolves when nothing is pending any more, or when nothing in this process is left that could bring an answer: a
 * promise that nobody will ever keep. Then the attributes that wait are named, and the result is false.
 */
export async function settled(
  sheet: Sheet,
  scenarios: readonly ScenarioName[],
  output: Output,
): Promise<boolean> {
  let giveUp = () => {};
  const idle = new Promise<boolean>((resolve) => {
    giveUp = () => resolve(false);
    process.once("beforeExit", giveUp);
  });
  try {
    const isSettled = await Promise.race([sheet.settled().then(() => true), idle]);
    if (!isSettled) output.message(waitingText(sheet, scenarios));
    return isSettled;
  } finally {
    process.off("beforeExit", giveUp);
  }
}

/** Which attributes have no answer yet. */
export function waitingText(
  sheet: Sheet,
  scenarios: readonly ScenarioName[],
  why: "unanswered" | "interrupted" = "unanswered",
): string {
  const ids = [...sheet.model.attributes.keys()].filter((id) =>
    scenarios.some((scenario) => sheet.statusOf(id, scenario) === "pending"),
  );
  const rest = ids.length > pendingShownMax ? ` and ${ids.length - pendingShownMax} more` : "";
  if (why === "interrupted") {
    const names = `${ids.slice(0, pendingShownMax).join(", ")}${rest}`;
    return `reckon: interrupted; ${ids.length === 0 ? "all is" : `not computed: ${names}; the rest is`} printed`;
  }
  return (
    `reckon: no answer yet for ${ids.slice(0, pendingShownMax).join(", ")}${rest}; ` +
    "`timeout 5s` behind a formula ends such a wait with an error"
  );
}
