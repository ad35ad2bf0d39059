/** What a sheet tells a profiler: its phases, and the engine behind it. Without one a phase costs a comparison. */
import type { Engine, Profiler, State } from "@reckon/engine";
import { onGeneration } from "@reckon/formula";

export class Phases {
  #profiler: Profiler | undefined;

  constructor(profiler?: Profiler) {
    if (profiler !== undefined) this.listen(profiler);
  }

  /** Runs a phase: `phases.in("parse", () => …, "saas.reckon")`. */
  in<R>(phase: string, run: () => R, subject = ""): R {
    const profiler = this.#profiler;
    if (profiler === undefined) return run();
    profiler.begin(phase, subject);
    try {
      return run();
    } finally {
      profiler.end();
    }
  }

  /** Tells this profiler of everything from now on, until it stops. */
  listen(profiler: Profiler): void {
    this.#profiler = profiler;
    profiler.whenStopped(onGeneration({ began: profiler.beginCode, ended: profiler.endCode }));
    profiler.whenStopped(() => {
      if (this.#profiler === profiler) this.#profiler = undefined;
    });
  }

  follow(engine: Engine, stateOf: (id: number) => State | undefined): void {
    this.#profiler?.follow(engine, stateOf);
  }
}
