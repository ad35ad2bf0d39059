/** Options of the commands about many entities: `batch`, `runs`, `advise`, `worker`. See raw-options.ts. */

/** As typed. */
export interface RawBatchOptions {
  readonly over?: string;
  readonly rows?: string;
  readonly plan?: boolean;
  readonly strategy?: string;
  readonly chunk?: string;
  readonly queue?: string;
  readonly retries?: string;
  readonly timeout?: string;
  readonly priority?: string;
  readonly rate?: string;
  readonly delay?: string;
  readonly halt?: string;
  readonly errorsFail?: boolean;
  readonly skipUnchanged?: boolean;
  /** `false` behind `--no-deduplicate`. */
  readonly deduplicate?: boolean;
  readonly retryFailed?: boolean;
  /** `false` behind `--no-resume`. */
  readonly resume?: boolean;
  readonly verify?: string;
  readonly price?: string;
  readonly ledger?: string;
  readonly seed?: string;
  readonly text?: boolean;
  readonly model?: string;
  readonly axis?: string;
  readonly since?: string;
  readonly limit?: string;
  readonly what?: string;
  readonly before?: string;
  readonly keys?: string;
  readonly allowUnsigned?: boolean;
  readonly grace?: string;
  readonly dead?: boolean;
  readonly requeue?: boolean;
  readonly newKey?: string;
}

export type BatchOptionName =
  | "over"
  | "rows"
  | "planOnly"
  | "strategy"
  | "chunk"
  | "queue"
  | "workerQueue"
  | "batchOut"
  | "retries"
  | "timeout"
  | "priority"
  | "rate"
  | "delay"
  | "halt"
  | "errorsFail"
  | "skipUnchanged"
  | "noDeduplicate"
  | "retryFailed"
  | "resume"
  | "noResume"
  | "verify"
  | "price"
  | "ledger"
  | "seed"
  | "batchJson"
  | "text"
  | "ofModel"
  | "ofAxis"
  | "since"
  | "limit"
  | "what"
  | "exportOut"
  | "before"
  | "forgetYes"
  | "keys"
  | "allowUnsigned"
  | "grace"
  | "dead"
  | "requeue"
  | "newKey"
  | "workerLimit"
  | "workerThreads";

export const batchOptionTexts: Readonly<Record<BatchOptionName, readonly [flags: string, text: string]>> = {
  over: ["--over <axis>", "the axis whose members are the entities: one that comes from a table"],
  rows: [
    "--rows <file>",
    "in the place of the axis's table: .csv, .tsv, .json, .jsonl, .parquet, or file.sqlite#table",
  ],
  planOnly: ["--plan", "measure and predict only: nothing is recorded"],
  strategy: ["--strategy <name>", "sequential, inside, threads or cluster (what the plan chooses)"],
  chunk: ["--chunk <entities>", "how many entities are computed together (as the plan says)"],
  queue: ["--queue <url>", "send work to the workers of this queue: redis://… or postgres://…"],
  workerQueue: ["--queue <url>", "take work from this queue: redis://… or postgres://…"],
  batchOut: ["--out <file>", "write the values as they come: .csv, .jsonl or .parquet"],
  retries: ["--retries <times>", "how often a failed entity is tried again (2)"],
  timeout: ["--timeout <time>", "how long one entity may take: 500ms, 5s, 10m"],
  priority: ["--priority <column>", "begin with the entities that have the lowest number in this column"],
  rate: ["--rate <limit>", "begin no more entities than this: 100/s, 6000/min"],
  delay: ["--delay <time>", "begin so much later: 10m"],
  halt: ["--halt <policy>", "end early when many fail: soon,fail=5% or now,fail=3"],
  errorsFail: ["--errors-fail", "an error value in a wanted attribute is a failure"],
  skipUnchanged: ["--skip-unchanged", "take over what an earlier run computed from the same values"],
  noDeduplicate: ["--no-deduplicate", "compute entities that read the same each for itself"],
  retryFailed: [
    "--retry-failed",
    "run the failed entities of the last run again, and invalid ones that were corrected",
  ],
  resume: ["--resume", "go on with an unfinished run; this is the default"],
  noResume: ["--no-resume", "begin another run, even if one is unfinished"],
  verify: ["--verify <sample>", "compute some again one by one, and compare bit for bit: 10 or 5%"],
  price: ["--price <amount>", "what a vCPU-second of the chunks costs, to tell the cost of the run"],
  ledger: [
    "--ledger <place>",
    "where runs are remembered: a file, postgres://…, or off (a file of the user's data folder)",
  ],
  seed: ["--seed <number>", "for jitter and samples, so that a run can be repeated"],
  batchJson: ["--json", "print events as JSON lines, the summary last (the default without a terminal)"],
  text: ["--text", "print text even where there is no terminal"],
  ofModel: ["--model <name>", "only runs of this model: its name or its file"],
  ofAxis: ["--axis <name>", "only runs over this axis"],
  since: ["--since <time>", "only runs since then: 2026-11-01, 24h, 7d"],
  limit: ["--limit <number>", "at most so many (20)"],
  what: ["--what <rows>", "of export: values, entities, attempts or runs (values)"],
  exportOut: ["--out <file>", "of export: .csv, .json, .jsonl or .parquet (CSV to standard output)"],
  forgetYes: ["--yes", "of forget: without asking"],
  before: ["--before <time>", "of forget: all runs that began before then: 2026-01-01, 90d"],
  keys: ["--keys <folder>", "public keys (*.pem) whose bundles are taken"],
  allowUnsigned: ["--allow-unsigned", "take unsigned bundles: whoever reaches the queue can run code here"],
  grace: ["--grace <time>", "what is active may take so long after Ctrl-C (30s)"],
  dead: ["--dead", "list the dead letters of the queue, and end"],
  requeue: ["--requeue", "put the dead letters back, and end"],
  newKey: [
    "--new-key <file>",
    "make a pair of keys: the private one in this file, the public one beside it as .pub.pem",
  ],
  workerLimit: [
    "--limit <rate>",
    "have the queue give out no more chunks than this, to all runs together, and end: 100/s, 6000/min, or off",
  ],
  workerThreads: ["--threads <number>", "how many threads compute (as many as the machine has cores)"],
};
