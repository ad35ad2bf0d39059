/**
 * What is awaited, on one line of a terminal: `reckon: 3 of 12 heavy formulas, about 40 s left`. Said once the calculation has
 * taken half a second, and wiped at the end. Without a terminal nothing is ever said.
 */
import { type Runtime, WorkProgress, workText } from "@reckon/host";
import type { ScenarioName, Sheet } from "@reckon/sheet";

const patienceMs = 500;
const everyMs = 200;

export class WaitLine {
  private readonly write: ((text: string) => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isSaid = false;

  constructor(write?: (text: string) => void) {
    const { stderr } = process;
    this.write = write ?? (stderr.isTTY ? (text) => void stderr.write(text) : undefined);
  }

  /** Follows what the sheet awaits; `goneMs` is what the calculation has taken so far. */
  begin(sheet: Sheet, runtime: Runtime, scenarios: readonly ScenarioName[], goneMs = 0): void {
    if (this.write === undefined) return;
    this.end();
    const progress = new WorkProgress(sheet, runtime);
    progress.look(scenarios);
    const say = (): void => {
      const now = progress.look(scenarios);
      if (now !== undefined) this.say(workText(now));
      this.timer = setTimeout(say, everyMs).unref();
    };
    this.timer = setTimeout(say, Math.max(0, patienceMs - goneMs)).unref();
  }

  /** Wipes the line; it comes back at its next turn. */
  wipe(): void {
    if (this.isSaid) this.write?.("\r\u001b[K");
    this.isSaid = false;
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.wipe();
  }

  private say(text: string): void {
    const room = Math.max(20, (process.stderr.columns || 80) - 1);
    this.write?.(`\r${`reckon: ${text}`.slice(0, room)}\u001b[K`);
    this.isSaid = true;
  }
}
