/** What the process says when it ends: see the rules CL1 to CL3. */
export const exitGood = 0;
/** What was written has errors, or a check of the model failed. */
export const exitModel = 1;
/** The arguments are wrong, a file cannot be read, or the program failed. */
export const exitFailure = 2;

/** Ctrl-C ended the calculation; what was there was printed. */
export const exitInterrupted = 130;

export type ExitCode = typeof exitGood | typeof exitModel | typeof exitFailure | typeof exitInterrupted;
