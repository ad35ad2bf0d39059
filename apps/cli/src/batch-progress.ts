/**
 * How far a batch is, on one line of a terminal:
 *
 *   reckon: ███████░░░░░  58 %  5,800 of 10,000 · 1,240/s · 4 s left · 3 failed
 *
 * The line is drawn where standard error is a terminal, at most ten times a second, cut to the width that the window
 * has at that moment, and wiped before anything else is said.
 */
import type { BatchProgress } from "@reckon/batch";
import { durationText } from "@reckon/host";
import { countText } from "./figure-texts.ts";
import { isPlain, plainText } from "./plain-output.ts";
import { cutTo } from "./text-table.ts";

const barWidthMax = 24;
const barWidthMin = 6;
const everyMs = 100;

export interface ProgressBarOptions {
  /** Writes to the terminal; absent, and standard error is no terminal: nothing is ever drawn. */
  readonly write?: (text: string) => void;
  readonly width?: () => number;
  readonly now?: () => number;
}

export class ProgressBar {
  readonly #write: ((text: string) => void) | undefined;
  readonly #width: () => number;
  readonly #now: () => number;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #isDrawn = false;

  constructor({ write, width, now = () => performance.now() }: ProgressBarOptions = {}) {
    const { stderr } = process;
    const shown = isPlain(process.env) ? plainText : (text: string) => text;
    this.#write = write ?? (stderr.isTTY ? (text) => void stderr.write(shown(text)) : undefined);
    this.#width = width ?? (() => stderr.columns || 80);
    this.#now = now;
  }

  draw(progress: BatchProgress): void {
    if (this.#write === undefined || this.#now() - this.#drawnAt < everyMs) return;
    this.#drawnAt = this.#now();
    // The cursor waits at the line's beginning: a window that becomes narrower breaks the line in two, and from there both parts are
    // wiped. Without wrapping, one that has just become narrower shows one line all the same.
    this.#write(`\r\u001b[?7l${barText(progress, this.#width() - 1)}\u001b[J\u001b[?7h\r`);
    this.#isDrawn = true;
  }

  /** Wipes the line; the next `draw` brings it back. */
  wipe(): void {
    if (this.#isDrawn) this.#write?.("\r\u001b[J");
    this.#isDrawn = false;
  }
}

/** The line within so many cells; what says least goes first. */
export function barText(progress: BatchProgress, width: number): string {
  const { ofEntities, entitiesPerSecond, etaMs, failed, invalid, active } = progress;
  const ended = endedOf(progress);
  const share = ofEntities === undefined ? undefined : ofEntities === 0 ? 1 : Math.min(1, ended / ofEntities);
  const parts = [
    ofEntities === undefined ? countText(ended) : `${countText(ended)} of ${countText(ofEntities)}`,
    ...(entitiesPerSecond > 0 ? [`${rateText(entitiesPerSecond)}/s`] : []),
    ...(etaMs === undefined ? [] : [`${durationText(etaMs)} left`]),
    ...(failed > 0 ? [`${countText(failed)} failed`] : []),
    ...(invalid > 0 ? [`${countText(invalid)} invalid`] : []),
    ...(ended === 0 && active > 0 ? [`${countText(active)} under way`] : []),
  ];
  const text = parts.join(" · ");
  if (share === undefined) return cutTo(`reckon: ${text}`, width);
  const percent = `${Math.floor(share * 100 + 1e-9)} %`.padStart(5);
  const room = Math.min(barWidthMax, width - "reckon: ".length - percent.length - text.length - 3);
  if (room < barWidthMin) return cutTo(`reckon: ${percent.trim()}  ${text}`, width);
  const full = Math.round(share * room);
  return `reckon: ${"█".repeat(full)}${"░".repeat(room - full)} ${percent}  ${text}`;
}

function endedOf({ succeeded, failed, invalid, skipped }: BatchProgress): number {
  return succeeded + failed + invalid + skipped;
}

function rateText(perSecond: number): string {
  return perSecond >= 10 ? countText(Math.round(perSecond)) : perSecond.toPrecision(2);
}
