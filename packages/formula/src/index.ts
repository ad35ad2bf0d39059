export type { AxisAccess, BoundExpression, BoundFormula, Reference } from "./bound.ts";
export type { Diagnostic, DiagnosticNote, Severity, Span } from "./diagnostic.ts";
export type {
  FunctionDefinition,
  LambdaValue,
  ParameterDefinition,
  ParameterKind,
  Value,
} from "./functions/definition.ts";
export type * from "./syntax.ts";
