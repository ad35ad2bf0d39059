/**
 * What a definition's parameters say about a call: how many arguments it takes and which parameter an argument
 * belongs to. With `repeat` the last parameters repeat as a group, as in `SUMIFS(sum, range, test, range, test, …)`.
 */
import type { FunctionDefinition, ParameterDefinition } from "./definition.ts";

/** The most arguments a call may have, as in Excel. */
const argumentsMax = 255;

/** How few and how many arguments `definition` takes. */
export function arityOf(definition: FunctionDefinition): { readonly least: number; readonly most: number } {
  const least = definition.parameters.findLastIndex((parameter) => parameter.optional !== true) + 1;
  return { least, most: (definition.repeat ?? 0) > 0 ? argumentsMax : definition.parameters.length };
}

/** `ROUND(number, [digits])`, in backticks; under the name it is called by where it has none of its own. */
export function signatureOf(definition: FunctionDefinition, called?: string): string {
  const list = definition.parameters.map(({ name, optional }) => (optional === true ? `[${name}]` : name));
  const more = (definition.repeat ?? 0) > 0 ? ", …" : "";
  return `\`${called ?? definition.name}(${list.join(", ")}${more})\``;
}

/** The parameter that argument `index` (from 0) belongs to, or undefined when there are too many arguments. */
export function parameterAt(definition: FunctionDefinition, index: number): ParameterDefinition | undefined {
  const parameters = definition.parameters;
  const repeat = definition.repeat ?? 0;
  if (index < parameters.length || repeat === 0) return parameters[index];
  const first = parameters.length - repeat;
  return parameters[first + ((index - first) % repeat)];
}
