/**
 * An option that another option stands behind, where its value should be: `batch --over --text`. `commander` would take the second for
 * the value of the first. One place for all commands, whatever their options.
 */
import type { Command } from "commander";

/**
 * Which option has no value, as a sentence; `undefined` where each has one. A value may begin with two dashes behind `=`; one dash
 * is no option unless the command has such a one, so that `--from -1,5` is a number.
 */
export function missingValue(command: Command, argv: readonly string[]): string | undefined {
  const find = (typed: string | undefined) =>
    command.options.find(({ long, short }) => typed !== undefined && (typed === long || typed === short));
  for (let at = 0; at < argv.length && argv[at] !== "--"; at++) {
    const option = find(argv[at]);
    if (option?.required !== true) continue;
    const value = argv[at + 1];
    if (value === undefined) return `${option.flags} has no value`;
    const isOption = find(value) !== undefined || value === "--help" || value === "-h";
    if (isOption) return `${option.flags} has no value: ${value} is an option, too`;
    if (value.startsWith("--")) {
      const written =
        value === "--" ? "" : `; where that is meant, write ${option.long ?? argv[at]}=${value}`;
      return `${option.flags} has no value: ${value} looks like an option${written}`;
    }
    at += 1;
  }
  return undefined;
}
