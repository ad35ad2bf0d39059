/**
 * The edits: each takes a draft and either changes it or says why not and leaves it as it was.
 *
 * Two speeds. A value typed into an input changes one item of the document and one entry of the model: nothing is
 * checked but the value itself, so it costs the cells of that input. Everything else checks the documents anew, and
 * the checker hands out the same objects for what did not change.
 */
import { type Diagnostic, nearestName } from "@reckon/formula";
import {
  type CheckedInput,
  checkInputValue,
  editModel,
  editScenario,
  type KnownGraph,
  type ModelDocument,
  type ModelEdit,
  type ScenarioDocument,
  type ScenarioEdit,
} from "@reckon/model";
import { cellsOf, labelsAt, type Positions } from "@reckon/plan";
import { isErrorValue, type Scalar, sameScalar } from "@reckon/value";
import { positionsOf } from "./address.ts";
import type { CellIndex, SheetHost, SheetResult } from "./api.ts";
import { type Content, checkContent, type Documents, type ScenarioContent } from "./content.ts";
import type { Draft } from "./draft.ts";
import type { Phases } from "./phases.ts";
import {
  accepted,
  formulaNeedsPin,
  inputNeedsNoPin,
  notAnInput,
  problem,
  readOnly,
  refused,
  stillExtended,
  unknownAttribute,
  unknownScenario,
} from "./problem.ts";
import { placedIn, stillRead } from "./refusal.ts";
import { typedValue } from "./typed-value.ts";

/** What edits need beside the draft. */
export interface EditContext {
  readonly host: SheetHost;
  /** Called when the model is checked. */
  readonly countCheck: () => void;
  /** What the plan knows of the model that it holds. */
  readonly graph: KnownGraph;
  readonly phases: Phases;
}

/** Checks documents as a whole and takes them over; refused with all problems otherwise. */
export function takeOver(
  draft: Draft,
  documents: Documents,
  context: EditContext,
  options: { readonly isForced?: boolean } = {},
): SheetResult<void> {
  if (options.isForced !== true && areSame(documents, draft.content.documents)) return accepted(undefined);
  const known = draft.isStructureRunning ? context.graph : undefined;
  const { host, phases } = context;
  const result = checkContent(documents, host, { ...options, previous: draft.content, known, phases });
  if (result.hasCheckedModel) context.countCheck();
  if (result.content === undefined) return refused(...result.diagnostics);
  draft.accept(result.content, result.hasCheckedModel);
  return accepted(undefined, result.diagnostics);
}

function areSame(a: Documents, b: Documents): boolean {
  return (
    a.model === b.model &&
    a.sets === b.sets &&
    a.scenarios.length === b.scenarios.length &&
    a.scenarios.every((document, i) => document === b.scenarios[i])
  );
}

export function editStructure(draft: Draft, edit: ModelEdit, context: EditContext): SheetResult<void> {
  if ("attribute" in edit && !draft.content.model.attributes.has(edit.attribute))
    return refused(unknown(draft, edit.attribute));
  const { documents, model } = draft.content;
  const isUnread = draft.isStructureRunning && "attribute" in edit && !context.graph.isRead(edit.attribute);
  const readers =
    edit.kind === "remove-attribute" && !isUnread ? stillRead(edit.attribute, model) : undefined;
  if (readers !== undefined) return refused(readers);
  const edited = editModel(documents.model, model, edit);
  if (edited.value === undefined) return refused(...edited.diagnostics);
  const result = takeOver(draft, { ...documents, model: edited.value }, context);
  if (result.ok) return result;
  return refused(...placedIn({ before: documents.model, after: edited.value, edit }, result.diagnostics));
}

export interface CellEdit {
  readonly id: string;
  readonly value: Scalar;
  readonly index: CellIndex | undefined;
}

/** Sets cells of an input in the model's own document. */
export function setInput(
  draft: Draft,
  { id, value, index }: CellEdit,
  context: EditContext,
): SheetResult<void> {
  const target = cellsToSet(draft, id, value, index);
  if (!target.ok) return target;
  const { input, positions, scalar } = target.value;
  const { documents, model, sets } = draft.content;
  const { column } = input;
  const isSame = cellsOf(input.axes, positions).every((cell) => sameScalar(column.get(cell), scalar));
  const isShadowed = sets?.checked.overrides.some(({ attribute }) => attribute === id) === true;
  if (isSame && !isShadowed) return accepted(undefined);
  let document: ModelDocument = documents.model;
  if (!isSame) {
    const edited = editModel(document, model, { kind: "set-cells", attribute: id, positions, value: scalar });
    if (edited.value === undefined) return refused(...edited.diagnostics);
    document = edited.value;
  }
  if (isShadowed && sets !== undefined) {
    const edit: ScenarioEdit = {
      kind: "set-override",
      attribute: id,
      positions,
      operator: "=",
      value: scalar,
      isPin: false,
    };
    const result = editOneScenario(draft, sets, edit, context);
    if (!result.ok) return result;
  }
  if (!isSame) draft.setCells(input, positions, scalar, document);
  return accepted(undefined);
}

/** Sets cells of an input in a scenario: they become its override. */
export function setOverride(
  draft: Draft,
  { id, value, index }: CellEdit,
  scenario: string,
  context: EditContext,
): SheetResult<void> {
  const found = findScenario(draft, scenario);
  if (!found.ok) return found;
  const attribute = draft.content.model.attributes.get(id);
  if (attribute?.kind === "formula") return refused(formulaNeedsPin(id, scenario));
  const target = cellsToSet(draft, id, value, index);
  if (!target.ok) return target;
  const { positions, scalar } = target.value;
  return editOneScenario(
    draft,
    found.value,
    { kind: "set-override", attribute: id, positions, operator: "=", value: scalar, isPin: false },
    context,
  );
}

/** Replaces cells of a formula by a value in a scenario. */
export function pinCells(
  draft: Draft,
  { id, value, index }: CellEdit,
  scenario: string,
  context: EditContext,
): SheetResult<void> {
  const found = findScenario(draft, scenario);
  if (!found.ok) return found;
  const attribute = draft.content.model.attributes.get(id);
  if (attribute === undefined) return refused(unknown(draft, id));
  if (attribute.kind === "input") return refused(inputNeedsNoPin(id));
  const positions = positionsOf(id, attribute.axes, index);
  if (!positions.ok) return refused(positions.problem);
  const typed = typedValue(attribute, value);
  if (!typed.ok) return typed;
  return editOneScenario(
    draft,
    found.value,
    {
      kind: "set-override",
      attribute: id,
      positions: positions.value,
      operator: "=",
      value: typed.value,
      isPin: true,
    },
    context,
  );
}

export function dropOverride(
  draft: Draft,
  id: string,
  scenario: string,
  context: EditContext,
): SheetResult<void> {
  const found = findScenario(draft, scenario);
  if (!found.ok) return found;
  if (!draft.content.model.attributes.has(id)) return refused(unknown(draft, id));
  if (!found.value.checked.overrides.some(({ attribute }) => attribute === id))
    return refused(
      problem({
        code: "sheet/no-override",
        message: `scenario \`${scenario}\` does not override \`${id}\``,
        text: id,
      }),
    );
  return editOneScenario(draft, found.value, { kind: "drop-override", attribute: id }, context);
}

function editOneScenario(
  draft: Draft,
  scenario: ScenarioContent,
  edit: ScenarioEdit,
  context: EditContext,
): SheetResult<void> {
  const { documents, model } = draft.content;
  const edited = editScenario(scenario.document, model, edit);
  if (edited.value === undefined) return refused(...edited.diagnostics);
  return takeOver(draft, withScenario(documents, scenario.document, edited.value), context);
}

/** The documents with one scenario's document replaced. */
function withScenario(documents: Documents, before: ScenarioDocument, after: ScenarioDocument): Documents {
  if (documents.sets === before) return { ...documents, sets: after };
  return {
    ...documents,
    scenarios: documents.scenarios.map((document) => (document === before ? after : document)),
  };
}

interface CellsToSet {
  readonly input: CheckedInput;
  readonly positions: Positions;
  readonly scalar: Scalar;
}

/** The cells and the value meant by an edit of an input; every reason why it may not be set. */
function cellsToSet(
  draft: Draft,
  id: string,
  value: Scalar,
  index: CellIndex | undefined,
): SheetResult<CellsToSet> {
  const attribute = draft.content.model.attributes.get(id);
  if (attribute === undefined) return refused(unknown(draft, id));
  if (attribute.kind === "formula") return refused(notAnInput(id));
  if (attribute.isReadOnly) return refused(readOnly(id));
  const positions = positionsOf(id, attribute.axes, index);
  if (!positions.ok) return refused(positions.problem);
  const typed = typedValue(attribute, value);
  if (!typed.ok) return typed;
  const problems = valueProblems(attribute, typed.value, positions.value);
  if (problems.length > 0) return refused(...problems);
  return accepted({ input: attribute, positions: positions.value, scalar: typed.value });
}

function valueProblems(input: CheckedInput, value: Scalar, positions: Positions): readonly Diagnostic[] {
  if (isErrorValue(value))
    return [problem({ code: "sheet/not-a-value", message: `${value.code} is no value for \`${input.id}\`` })];
  const first = cellsOf(
    input.axes,
    positions.map((along) => along.slice(0, 1)),
  )[0];
  return checkInputValue(input, value, first === undefined ? [] : labelsAt(input.axes, first));
}

/** The scenario of that name, unless another one extends it. */
export function scenarioToClose(content: Content, name: string): SheetResult<ScenarioContent> {
  const above = content.scenarios.find(({ checked }) => checked.extends === name);
  if (name !== "base" && above !== undefined) return refused(stillExtended(name, above.checked.name));
  return findScenario({ content }, name);
}

function findScenario({ content }: Pick<Draft, "content">, name: string): SheetResult<ScenarioContent> {
  const found = content.scenarios.find(({ checked }) => checked.name === name);
  if (found !== undefined) return accepted(found);
  return refused(unknownScenario(name, ["base", ...content.scenarios.map(({ checked }) => checked.name)]));
}

function unknown(draft: Draft, id: string): Diagnostic {
  return unknownAttribute(id, nearestName(id, draft.content.model.attributes.keys()));
}
