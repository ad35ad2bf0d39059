/** What the engine offers: its face, the shapes of what it is told, the ports that others implement, and profiles. */
export { batch, computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
export type {
  Attribute,
  ComputedOptions,
  Engine,
  EngineFigures,
  EngineOptions,
  Input,
  Overlay,
  SharingOptions,
  State,
  Status,
  YieldingOptions,
} from "./api.ts";
export type { CellFamily, CellInputTable, CellNode, CellTable } from "./cell-node.ts";
export type { ChangeList, ChangeListener } from "./change-list.ts";
export { createEngine } from "./engine.ts";
export { EngineError, type EngineErrorCode } from "./engine-error.ts";
export { engineVersion } from "./engine-version.ts";
export type { EngineEvent, EventListener, ListenOptions, StateId } from "./events.ts";
export type {
  AffineBound,
  Box,
  Delay,
  FormulaNode,
  InputNode,
  Kernel,
  LaterWork,
  LoopDeclaration,
  LoopMethod,
  LoopRecord,
  LoopStart,
  LoopVerdict,
  NodeId,
  OuterReach,
  Precedent,
  RemoteWork,
  Stock,
  TimeReach,
} from "./formula-node.ts";
export { inlineExecutor } from "./inline-executor.ts";
export type { FusedLoop, LoopFuser, LoopRequest } from "./loops/loop-fuser.ts";
export type {
  Clock,
  DispatchCosts,
  Executor,
  MemoKey,
  MemoPart,
  MemoStore,
  Task,
  TaskOutcome,
} from "./ports.ts";
export { type ChromeTrace, chromeTraceOf } from "./profile/chrome-trace.ts";
export type {
  FrameKind,
  Profile,
  ProfiledLevel,
  ProfiledLoop,
  ProfiledNode,
  ProfiledPhase,
  ProfileFrame,
  ProfileSpan,
} from "./profile/profile.ts";
export {
  bytesOfColumn,
  createProfiler,
  type Profiler,
  type ProfilerOptions,
  profileOf,
} from "./profile/profiler.ts";
export { type NamedProfile, type SpeedscopeFile, speedscopeOf } from "./profile/speedscope.ts";
export type { RangeAggregate, RangeNode, RangeTable } from "./range-node.ts";
export { memoBytes } from "./recalculation/memo-key.ts";
