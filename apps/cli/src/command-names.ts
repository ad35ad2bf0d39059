/** Every command, in the order of the help page. */
export const commandNames = [
  "run",
  "check",
  "fmt",
  "eval",
  "watch",
  "open",
  "why",
  "diff",
  "loops",
  "profile",
  "plan",
  "cache",
  "batch",
  "runs",
  "advise",
  "worker",
] as const;

export type CommandName = (typeof commandNames)[number];
