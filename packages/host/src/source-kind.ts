/**
 * Whether a file is a scenario rather than a model: JSON and YAML always are; in `*.reckon` the first word says it,
 * behind comments and blank lines.
 *
 * @example
 * ```ts
 * isScenarioText("downside.reckon", "# Q3\nscenario downside of saas\n"); // true
 * ```
 */
export function isScenarioText(source: string, text: string): boolean {
  if (/\.(json|ya?ml)$/i.test(source)) return true;
  for (const match of text.matchAll(/[^\r\n]+/g)) {
    const line = match[0].replace(/^\uFEFF/, "").trim();
    if (line !== "" && !line.startsWith("#")) return /^scenario\b/.test(line);
  }
  return false;
}
