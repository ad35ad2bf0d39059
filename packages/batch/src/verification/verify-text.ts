/** What a verification has shown, as people read it. */
import type { VerifyReport, VerifyStratum } from "../summary.ts";

const words: Readonly<Record<VerifyStratum, string>> = {
  slowest: "slowest",
  retried: "retried",
  cached: "from the cache",
  "first-of-worker": "first of a worker",
  random: "at random",
};

/** A line, and one more for each mismatch; without the last line's end. */
export function verifyText(report: VerifyReport): string {
  const { sampled, ofEntities, mismatches, toleratedCells } = report;
  if (sampled === 0) return "verify: no entity has values to compare";
  const strata = (Object.keys(words) as VerifyStratum[])
    .filter((stratum) => report.strata[stratum] > 0)
    .map((stratum) => `${report.strata[stratum]} ${words[stratum]}`);
  const tolerated =
    toleratedCells === 0 ? "" : `; ${toleratedCells} cells in or behind loops differ within their tolerance`;
  const verdict =
    mismatches.length === 0
      ? `no difference${tolerated}. ${shareText(report.detectableShare)} of wrong entities, or more, would have shown with 95 %`
      : `${mismatches.length} differ${tolerated}`;
  const head = `verify: ${sampled} of ${ofEntities} computed again (${strata.join(", ")}): ${verdict}`;
  const lines = mismatches.map(
    ({ entity, attribute, at, expected, found, worker }) =>
      `  ${entity}: ${[attribute, ...at].join(" ")} is ${expected}, and ${worker} gave ${found}`,
  );
  return [head, ...lines].join("\n");
}

function shareText(share: number): string {
  return `${(share * 100).toPrecision(2)} %`;
}
