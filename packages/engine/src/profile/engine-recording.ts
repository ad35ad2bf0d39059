/**
 * What an engine's events say about time: which node was computed when, in which level and component, and what it
 * waited for.
 *
 *   calculate base            one recalculation of one state
 *   └ level 3                 while nodes of that level are computed
 *     ├ price                 from `started` to `changed`, `cut-off` or `pending`
 *     └ loop debt.balance     from `component-started` to `component-finished`
 *       └ debt.balance        its kernel calls and its settling, all together
 *
 * Inside a component thousands of short kernel calls alternate. So each member is one span there, as long as all of
 * them, one behind another from the component's start; what is left at its end is the walk itself.
 *
 * A node that awaits something is not on the stack while it waits. Its wait is counted with it; time in which
 * nothing but waiting went on becomes an outermost span of its own.
 */
import type { State } from "../api.ts";
import type { EngineEvent } from "../events.ts";
import type { Box, LoopRecord, NodeId } from "../formula-node.ts";
import type { ProfiledLevel, ProfiledLoop, ProfiledNode } from "./profile.ts";
import type { SpanRecorder } from "./span-recorder.ts";

/** What the recording asks the engine. */
export interface RecordedEngine {
  readonly nameOf: (node: NodeId) => string;
  readonly levelOf: (node: NodeId) => number;
  readonly stateOf: (id: number) => State | undefined;
}

interface NodeRow {
  readonly node: NodeId;
  readonly state: number;
  readonly name: string;
  readonly frame: number;
  level: number;
  computations: number;
  cells: number;
  changes: number;
  ms: number;
  waitedMs: number;
}

interface LevelRow {
  computations: number;
  ms: number;
}

interface LoopRow {
  readonly kind: "loop" | "recurrence";
  readonly name: string;
  readonly state: string;
  readonly nodes: readonly string[];
  computations: number;
  solves: number;
  iterations: number;
  sweeps: number;
  unconverged: number;
  ms: number;
}

/** The component that is being stepped. */
interface OpenComponent {
  readonly row: LoopRow;
  readonly from: number;
  readonly members: Map<NodeId, NodeRow>;
  /** Milliseconds of settling, by member. */
  readonly settling: Map<NodeId, number>;
}

type EventOf<Kind extends EngineEvent["kind"]> = Extract<EngineEvent, { readonly kind: Kind }>;

const levelsShownMax = 1000;

export class EngineRecording {
  private readonly recorder: SpanRecorder;
  private readonly engine: RecordedEngine;
  /** By state, then by node. */
  private readonly rows = new Map<number, Map<NodeId, NodeRow>>();
  private readonly levels = new Map<number, Map<number, LevelRow>>();
  private readonly loops = new Map<string, LoopRow>();
  private readonly stateNames = new Map<number, string>();
  /** Since when each node has been waiting. */
  private readonly waiting = new Map<NodeRow, number>();
  /** What is open above the phases: at most one of each. */
  private recalculation: number | null = null;
  private level: number | null = null;
  private component: OpenComponent | null = null;
  private computing: NodeRow | null = null;
  private computingSince = 0;
  private idleSince = 0;

  constructor(recorder: SpanRecorder, engine: RecordedEngine) {
    this.recorder = recorder;
    this.engine = engine;
  }

  readonly listen = (event: EngineEvent): void => {
    const time = this.recorder.enter();
    switch (event.kind) {
      case "recalculation-started":
        this.beginRecalculation(event.state, time);
        break;
      case "recalculation-finished":
        this.endRecalculation();
        break;
      case "component-started":
        this.beginComponent(event, time);
        break;
      case "component-finished":
        this.endComponent(event);
        break;
      case "started":
        this.start(this.rowOf(event.state, event.node), event.boxes, time);
        break;
      case "changed":
      case "cut-off":
      case "pending":
      case "dropped":
        this.finish(event, time);
        break;
      case "iterated":
        if (this.component !== null) countSolve(this.component.row, event.record);
        break;
      case "marked":
      case "reused":
      case "sent":
      case "answered":
        break;
      default:
        event satisfies never;
    }
    this.recorder.leave();
  };

  /** Closes what is open; for the end of the profile. */
  close(time: number): void {
    this.endRecalculation();
    this.endIdle(time);
    for (const [row, since] of this.waiting) row.waitedMs += time - since;
    this.waiting.clear();
  }

  /* ---------------------------------------------------------------- recalculations and levels */

  private beginRecalculation(state: number, time: number): void {
    this.endRecalculation();
    this.endIdle(time);
    this.recorder.beginPhase("calculate", this.nameOfState(state), true);
    this.recalculation = state;
  }

  private endRecalculation(): void {
    if (this.recalculation === null) return;
    this.endComputing();
    this.endLevel();
    this.recorder.end();
    this.recalculation = null;
    this.noteIdle();
  }

  private reachLevel(state: number, level: number): void {
    if (this.recalculation === null || this.level === level) return;
    this.endLevel();
    this.recorder.begin(this.recorder.frameOf("level", `level ${level}`));
    this.level = level;
    this.levelRow(state, level);
  }

  private endLevel(): void {
    if (this.level === null || this.recalculation === null) return;
    const { ms } = this.recorder.end();
    this.levelRow(this.recalculation, this.level).ms += ms;
    this.level = null;
  }

  private levelRow(state: number, level: number): LevelRow {
    const rows = mapIn(this.levels, state);
    let row = rows.get(level);
    if (row === undefined) {
      row = { computations: 0, ms: 0 };
      rows.set(level, row);
    }
    return row;
  }

  /* ---------------------------------------------------------------- nodes */

  private start(row: NodeRow, boxes: readonly Box[], time: number): void {
    this.endComputing();
    row.computations++;
    for (const box of boxes) row.cells += (box.outerTo - box.outerFrom) * (box.to - box.from);
    row.level = this.engine.levelOf(row.node);
    if (this.component !== null) this.component.row.computations++;
    else this.reachLevel(row.state, row.level);
    if (this.recalculation !== null) this.levelRow(row.state, row.level).computations++;
    if (this.component === null) this.recorder.begin(row.frame);
    this.computing = row;
    this.computingSince = time;
  }

  private finish(event: EventOf<"changed" | "cut-off" | "pending" | "dropped">, time: number): void {
    const row = this.computing;
    const isEnd = row !== null && row.node === event.node && row.state === event.state;
    if (isEnd) {
      if (event.kind === "changed") row.changes++;
      this.endComputing();
      if (event.kind === "pending") {
        this.waiting.set(row, time);
        this.recorder.isHurried = true;
      }
      return;
    }
    this.land(event, time);
  }

  private endComputing(): void {
    const row = this.computing;
    if (row === null) return;
    this.computing = null;
    if (this.component === null) row.ms += this.recorder.end().ownMs;
    else {
      const { settling } = this.component;
      settling.set(row.node, (settling.get(row.node) ?? 0) + this.recorder.time - this.computingSince);
      this.component.members.set(row.node, row);
    }
  }

  /** An answer has come, or is not wanted any more; an edited input is told by `changed`, too, and is no answer. */
  private land(event: EventOf<"changed" | "cut-off" | "pending" | "dropped">, time: number): void {
    if (this.waiting.size === 0) return;
    const row = this.rows.get(event.state)?.get(event.node);
    const since = row === undefined ? undefined : this.waiting.get(row);
    if (row === undefined || since === undefined) return;
    this.endIdle(time);
    this.waiting.delete(row);
    this.recorder.isHurried = this.waiting.size > 0;
    row.waitedMs += time - since;
    if (event.kind === "changed") row.changes++;
    this.noteIdle();
  }

  noteIdle(): void {
    this.idleSince = this.recorder.time;
  }

  /** Time in which nothing was open, and somebody waited, is waiting. */
  endIdle(time: number): void {
    if (this.waiting.size === 0 || this.recorder.depth > 0) return;
    if (time > this.idleSince) {
      this.recorder.addOutermost("waiting", "waiting", this.idleSince, time);
      this.recorder.addToPhase("waiting", time - this.idleSince);
    }
    this.idleSince = time;
  }

  /* ---------------------------------------------------------------- components */

  private beginComponent(event: EventOf<"component-started">, time: number): void {
    this.endComputing();
    const first = event.nodes[0] as NodeId;
    this.reachLevel(event.state, this.engine.levelOf(first));
    const kind = event.loop === undefined ? "recurrence" : "loop";
    const name = event.loop ?? this.engine.nameOf(first);
    const state = this.nameOfState(event.state);
    const key = `${kind} ${name}\n${state}`;
    let row = this.loops.get(key);
    if (row === undefined) {
      const nodes = event.nodes.map((node) => this.engine.nameOf(node));
      const none = { computations: 0, solves: 0, iterations: 0, sweeps: 0, unconverged: 0, ms: 0 };
      row = { kind, name, state, nodes, ...none };
      this.loops.set(key, row);
    }
    this.recorder.begin(this.recorder.frameOf(kind, `${kind} ${name}`));
    this.recorder.folded = { ms: 0, count: 0 };
    this.component = { row, from: time, members: new Map(), settling: new Map() };
  }

  private endComponent(event: EventOf<"component-finished">): void {
    const { component, recorder } = this;
    if (component === null) return;
    this.endComputing();
    this.component = null;
    const { time } = recorder;
    let at = component.from;
    const code = recorder.folded;
    recorder.folded = null;
    if (code !== null && code.count > 0) {
      recorder.addToPhase("compile", code.ms, code.count);
      at = recorder.addInside(recorder.frameOf("phase", "compile"), at, code.ms);
    }
    const alone = event.nodes.length === 1 ? time - at : undefined;
    event.nodes.forEach((node, i) => {
      const ms = alone ?? (event.ms?.[i] ?? 0) + (component.settling.get(node) ?? 0);
      // A member that nothing in this step reached has no row.
      const row = component.members.get(node) ?? (ms > 0 ? this.rowOf(event.state, node) : undefined);
      if (row === undefined) return;
      const to = recorder.addInside(row.frame, at, ms);
      row.ms += to - at;
      at = to;
    });
    component.row.ms += recorder.end().ms;
  }

  /* ---------------------------------------------------------------- names and results */

  private rowOf(state: number, node: NodeId): NodeRow {
    const rows = mapIn(this.rows, state);
    let row = rows.get(node);
    if (row === undefined) {
      const name = this.engine.nameOf(node);
      row = {
        node,
        state,
        name,
        frame: this.recorder.frameOf("node", name),
        level: 0,
        computations: 0,
        cells: 0,
        changes: 0,
        ms: 0,
        waitedMs: 0,
      };
      rows.set(node, row);
      this.nameOfState(state);
    }
    return row;
  }

  private nameOfState(id: number): string {
    let name = this.stateNames.get(id);
    if (name === undefined) {
      name = this.engine.stateOf(id)?.name ?? (id === 0 ? "base" : `overlay ${id}`);
      this.stateNames.set(id, name);
    }
    return name;
  }

  /** Longest first. */
  profiledNodes(bytesOf: (state: State | undefined, node: NodeId) => number): ProfiledNode[] {
    const nodes: ProfiledNode[] = [];
    for (const [state, rows] of this.rows) {
      const shown = this.engine.stateOf(state);
      for (const { node, name, level, computations, cells, changes, ms, waitedMs } of rows.values()) {
        const bytes = bytesOf(shown, node);
        const of = { name, state: this.nameOfState(state), level };
        nodes.push({ ...of, computations, cells, changes, ms, waitedMs, bytes });
      }
    }
    return nodes.sort((a, b) => b.ms - a.ms);
  }

  profiledLoops(): ProfiledLoop[] {
    return [...this.loops.values()].sort((a, b) => b.ms - a.ms);
  }

  profiledLevels(): ProfiledLevel[] {
    const all: ProfiledLevel[] = [];
    for (const [state, rows] of this.levels) {
      const sorted = [...rows].sort(([a], [b]) => a - b);
      const together = Math.max(1, Math.ceil(sorted.length / levelsShownMax));
      for (let i = 0; i < sorted.length; i += together) {
        const some = sorted.slice(i, i + together);
        all.push({
          state: this.nameOfState(state),
          from: (some[0] as [number, LevelRow])[0],
          to: (some.at(-1) as [number, LevelRow])[0] + 1,
          computations: some.reduce((sum, [, row]) => sum + row.computations, 0),
          ms: some.reduce((sum, [, row]) => sum + row.ms, 0),
        });
      }
    }
    return all;
  }
}

function countSolve(row: LoopRow, { iterations, sweeps, verdict }: LoopRecord): void {
  row.solves++;
  row.iterations += iterations;
  row.sweeps += sweeps;
  if (verdict !== "converged") row.unconverged++;
}

function mapIn<K, V>(maps: Map<number, Map<K, V>>, key: number): Map<K, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}
