/** What the package gives to others: parsing, checking, evaluating, compiling and printing formulas. */
export { type CellRange, canonicalReference, cellRange } from "./a1.ts";
export type { AxisAccess, BoundExpression, BoundFormula, Reference } from "./bound.ts";
export { partsOf } from "./bound-parts.ts";
export { type CellFamily, cellFamilyOf, type FamilyMember } from "./cell-family.ts";
export { CellReads, mayReadByCell } from "./cell-reads.ts";
export { type CheckedExpression, type CheckOptions, checkFormula } from "./check.ts";
export {
  type CellBox,
  type CompiledKernel,
  type CompileOptions,
  compileKernel,
  type KernelPath,
  type KernelRewrites,
  type KernelRewriting,
} from "./compile.ts";
export { type CurvePoints, curveFunction } from "./curve.ts";
export type { Diagnostic, DiagnosticNote, Severity, Span } from "./diagnostic.ts";
export { isDiscrete } from "./discrete.ts";
export { cellValue, evaluateCell, evaluateConstant } from "./evaluate.ts";
export { evaluateText, type TextInput, type TextResult, worksheetScope } from "./evaluate-text.ts";
export { type Expected, expectedAt } from "./expected.ts";
export { foreignPairHint } from "./foreign-functions.ts";
export { type FormulaTemplate, FormulaTexts } from "./formula-texts.ts";
export {
  type FunctionDefinition,
  isLambda,
  type LambdaValue,
  type ParameterDefinition,
  type ParameterKind,
  type Value,
} from "./functions/definition.ts";
export { applyBinary } from "./functions/operators.ts";
export { functionByName, functionNames } from "./functions/registry.ts";
export { searchWork } from "./functions/search-index.ts";
export { textToNumber } from "./functions/text-number.ts";
export { type GenerationListener, onGeneration } from "./generated.ts";
export type { HiddenStock } from "./hidden-stocks.ts";
export { isCommentStart, type LexOptions, lexToken, skipTrivia, tokenDiagnostic, tokenize } from "./lexer.ts";
export { fuseLoop } from "./loop-code.ts";
export { loopPartOf } from "./loop-part.ts";
export type {
  FusedLoop,
  LoopBlock,
  LoopFunction,
  LoopGuess,
  LoopIteration,
  LoopMember,
  LoopRequest,
  LoopTables,
} from "./loop-request.ts";
export {
  CallGroup,
  failure,
  isPromiseLike,
  type ModuleFunction,
  type ModuleLookup,
  moduleResult,
  tellsOfFailedCall,
} from "./module-call.ts";
export { nearestName } from "./nearest.ts";
export {
  type ParseOptions,
  type ParseResult,
  parseExpressionAt,
  parseFormula,
  parseIndexAt,
  parseReferenceAt,
} from "./parser.ts";
export { labelAt, printLabel } from "./parser-index.ts";
export { percentOf } from "./percent.ts";
export { printExpression, printIndexItem } from "./printer.ts";
export { type NameUse, namesIn } from "./references.ts";
export { type LineAndColumn, lineAndColumn, renderDiagnostic } from "./render.ts";
export type { CellsRead, Resolution, Scope, ValueType } from "./scope.ts";
export type { Cell } from "./slot-plan.ts";
export type * from "./syntax.ts";
export type { Token, TokenKind, TokenProblem } from "./token.ts";
export { parseUnitAt, printUnit } from "./unit.ts";
