/** What the sheet of a chunk is given beside its tables: modules, and who does heavy work. */
import type { Executor, MemoStore } from "@reckon/engine";
import type { CallRunner } from "@reckon/plan";
import type { ModuleFunction } from "@reckon/sheet";

export interface SheetParts {
  /** Functions of the program's modules, by path as the model writes it. */
  readonly module: (path: string) => Readonly<Record<string, ModuleFunction>> | { readonly problem: string };
  readonly executor?: Executor;
  readonly memoStore?: MemoStore;
  readonly calls?: CallRunner;
  readonly formulaProgram?: string;
  readonly now?: () => number;
  readonly after?: (ms: number, then: () => void) => () => void;
}
