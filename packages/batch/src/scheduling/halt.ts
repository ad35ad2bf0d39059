/** When a run gives up. */
import type { HaltPolicy } from "../policy.ts";

/** A share of fewer failures than these says nothing. */
const failedLeast = 3;

/** Why the run halts, of what this session has brought; absent: it goes on. */
export function haltReason(
  halt: HaltPolicy | undefined,
  { failed, ended }: { readonly failed: number; readonly ended: number },
): string | undefined {
  if (halt === undefined || failed === 0) return undefined;
  const { fail } = halt;
  if ("count" in fail)
    return failed >= fail.count ? `${failed} entities have failed: ${fail.count} are too many` : undefined;
  const share = failed / ended;
  if (failed < failedLeast || share < fail.share) return undefined;
  return `${failed} of ${ended} entities have failed, ${percent(share)}: ${percent(fail.share)} are too many`;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
