/** What an executor has done so far, as numbers. */
import type { WorkerCounts, WorkerHistograms } from "../api.ts";
import { Histogram } from "./histogram.ts";

type OutcomeKind = "done" | "failed" | "lost" | "timed-out" | "cancelled" | "refused";
type Counted = Omit<WorkerCounts, "running" | "queued" | "spawned" | "respawned" | "recycled" | "threads">;

export class Tally {
  inPlace = 0;
  movedOn = 0;
  frames = 0;
  recycled = 0;
  readonly run: Histogram = new Histogram();
  readonly wait: Histogram = new Histogram();
  private readonly outcomes: Record<OutcomeKind, number> = {
    done: 0,
    failed: 0,
    lost: 0,
    "timed-out": 0,
    cancelled: 0,
    refused: 0,
  };

  add(kind: OutcomeKind): void {
    this.outcomes[kind]++;
  }

  counts(): Counted {
    const { done, failed, lost, cancelled, refused } = this.outcomes;
    const { inPlace, movedOn, frames } = this;
    const timedOut = this.outcomes["timed-out"];
    return { done, failed, lost, timedOut, cancelled, refused, inPlace, movedOn, frames };
  }

  histograms(): WorkerHistograms {
    return { run: this.run.percentiles(), wait: this.wait.percentiles() };
  }
}
