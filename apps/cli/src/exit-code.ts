/** What the process says when it ends: see the rules CL1 to CL3. */
export const exitGood = 0;
/** What was written has errors, or a check of the model failed. */
export const exitModel = 1;
/** The arguments are wrong, a file cannot be read, or the program failed. */
export const exitFailure = 2;
/** Of a batch: some entities have failed, or their rows do not fit. */
export const exitSomeFailed = 3;
/** Of a batch: computing some again gave other values. */
export const exitMismatch = 4;
/** Of a batch: it was halted because too many had failed. */
export const exitHalted = 5;
/** Of a batch: another process has taken the run over, because this one stood still. */
export const exitTakenOver = 6;

/** Ctrl-C ended the calculation; what was there was printed. */
export const exitInterrupted = 130;

export type ExitCode =
  | typeof exitGood
  | typeof exitModel
  | typeof exitFailure
  | typeof exitSomeFailed
  | typeof exitMismatch
  | typeof exitHalted
  | typeof exitTakenOver
  | typeof exitInterrupted;
