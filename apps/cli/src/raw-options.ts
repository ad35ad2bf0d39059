/**
 * First stage of the arguments: what was typed. `commander` splits them, knows the names, suggests near ones and
 * prints help; nothing is judged here. `request.ts` is the second stage: what it means.
 */
import { Command, CommanderError } from "commander";
import { batchOptionTexts, type RawBatchOptions } from "./batch-options.ts";
import { type CommandName, commandNames } from "./command-names.ts";
import { examples } from "./examples.ts";
import { missingValue } from "./missing-value.ts";

/** Options as typed; which of them a command has is fixed by its declaration below. */
export interface RawOptions extends RawBatchOptions {
  readonly scenario?: readonly string[];
  readonly set?: readonly string[];
  readonly only?: readonly string[];
  readonly allowModules?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly jsonl?: boolean;
  readonly full?: boolean;
  readonly check?: boolean;
  readonly write?: boolean;
  readonly top?: string;
  readonly repeat?: string;
  readonly out?: string;
  readonly format?: string;
  readonly without?: readonly string[] | true;
  readonly ab?: readonly string[] | true;
  readonly all?: boolean;
  readonly from?: string;
  readonly threads?: string;
  readonly threadMemory?: string;
  readonly cache?: string;
  readonly verifyCache?: string;
  readonly stats?: boolean;
  readonly share?: string;
  readonly tier?: string;
  readonly yes?: boolean;
  readonly lazy?: string;
}

export interface RawCommand {
  readonly kind: "command";
  readonly command: CommandName;
  readonly operands: readonly string[];
  readonly options: RawOptions;
}

/** Help or the version was asked for, or (a refusal) the arguments cannot be read; `text` is what to print. */
export interface RawText {
  readonly kind: "text";
  readonly text: string;
}
export interface RawRefusal {
  readonly kind: "refused";
  readonly text: string;
  readonly isOperandMissing?: boolean;
}

interface CommandShape {
  readonly operands: string;
  readonly summary: string;
  readonly options: readonly OptionName[];
}

const optionTexts = {
  scenario: [
    "-s, --scenario <names...>",
    "scenario files, or names of scenarios beside the model (base: none)",
  ],
  set: ["--set <assignments...>", "give inputs a value, for this run only: block.attribute=value"],
  assign: ["--set <assignments...>", "bind names: name=value (a number, 5%, TRUE, {1,2;3,4}, or a text)"],
  only: ["--only <attributes...>", "only these: block.attribute, block, or a pattern with *"],
  allowModules: ["--allow-modules", "run the model's formula modules without asking, this time"],
  json: ["--json", "print JSON"],
  csv: ["--csv", "print CSV, one line a cell"],
  full: ["--full", "leave nothing out, however long the axes"],
  jsonl: ["--jsonl", "read cases from standard input, one JSON object a line, and answer each with a line"],
  check: ["--check", "only say which files are not formatted; exit code 1 if any"],
  write: ["--write", "write the files in place"],
  without: ["--without [rewrites...]", "leave out: prune, fold, merge, share, hoist"],
  ab: [
    "--ab [strategies...]",
    "run two strategies in turn (all none): all, none, names of rewrites (merge,share), or no-hoist",
  ],
  turns: ["--repeat <times>", "how often --ab runs each (5 to 25 without it, by what it takes)"],
  edit: ["--set <assignments...>", "profile this edit as well: block.attribute=value"],
  top: ["--top <number>", "how many attributes, loops and levels are shown (20, 5 and 5 without it)"],
  repeat: ["--repeat <times>", "do it so many times, and show the one in the middle"],
  all: ["--all", "every solve a line: each period, each member that is solved by itself"],
  from: ["--from <numbers>", "solve again from these first guesses (0,1000), and tell the solutions found"],
  out: ["--out <file>", "write a profile for a viewer: *.speedscope.json or *.trace.json (Chrome)"],
  format: ["--format <name>", "of the file: speedscope or chrome, where its name does not say"],
  threads: ["--threads <number>", "threads for heavy formulas, or off (as many as the machine has cores)"],
  threadMemory: [
    "--thread-memory <size>",
    "how much memory a thread may use: 2GB, 512MB (half of the machine's, shared between them)",
  ],
  cache: [
    "--cache <place>",
    "where results of heavy formulas are kept: a file or folder, redis://…, postgres://…, or off (a file of the user's cache folder)",
  ],
  verifyCache: ["--verify-cache <share>", "compute this share of what is kept all the same, and compare: 5%"],
  stats: ["--stats", "say what was computed, reused and sent to threads, and the time it took"],
  share: ["--share <share>", "how much of it verify reads (100%)"],
  tier: ["--tier <name>", "clear only this one: disk or shared"],
  yes: ["--yes", "clear without asking"],
  lazy: ["--lazy <ms>", "leave stale what takes longer, until r refreshes it; or off (2000)"],
  ...batchOptionTexts,
} as const satisfies Record<string, readonly [flags: string, text: string]>;
type OptionName = keyof typeof optionTexts;

/** Of all commands that calculate, but for those that measure: these compute everything on one thread. */
const heavyOptions = ["threads", "threadMemory", "cache", "verifyCache"] as const;

const shapes: Readonly<Record<CommandName, CommandShape>> = {
  run: {
    operands: "<model> [scenarios...]",
    summary: "calculate a model and print the results",
    options: ["scenario", "set", "only", "json", "csv", "full", "stats", ...heavyOptions, "allowModules"],
  },
  check: {
    operands: "<files...>",
    summary: "report everything that is wrong with models and their scenarios",
    options: ["json"],
  },
  fmt: {
    operands: "<files...>",
    summary: "format models and scenarios; `-` is standard input",
    options: ["check", "write"],
  },
  eval: {
    operands: "[formula] [assignments...]",
    summary: "evaluate one formula, or many with --jsonl",
    options: ["assign", "jsonl", "json"],
  },
  watch: {
    operands: "<model> [scenarios...]",
    summary: "calculate again whenever a file changes, and print what changed",
    options: ["scenario", "set", "only", "json", ...heavyOptions, "allowModules"],
  },
  open: {
    operands: "<model> [scenarios...]",
    summary: "open a model as a live sheet in the terminal",
    options: ["scenario", "set", "lazy", ...heavyOptions, "allowModules"],
  },
  why: {
    operands: "<model> <cell>",
    summary: "explain a value: its formula, what it reads, where an error began",
    options: ["scenario", "set", "json", ...heavyOptions, "allowModules"],
  },
  diff: {
    operands: "<model> <left> <right>",
    summary: "compare two scenarios cell by cell (base: the model alone)",
    options: ["set", "only", "json", "full", ...heavyOptions, "allowModules"],
  },
  loops: {
    operands: "<model> [scenarios...]",
    summary: "say how each feedback loop was solved, and what would help where it was not",
    options: ["scenario", "set", "all", "from", "json", ...heavyOptions, "allowModules"],
  },
  profile: {
    operands: "<model> [scenarios...]",
    summary: "say where opening and calculating a model spend time and memory",
    options: ["scenario", "edit", "top", "repeat", "json", "out", "format", "allowModules"],
  },
  plan: {
    operands: "<model> [scenarios...]",
    summary: "show the execution plan: costs, the critical path, what the optimiser did, what would help",
    options: ["scenario", "set", "only", "without", "ab", "turns", "json", "allowModules"],
  },
  cache: {
    operands: "<action> [attribute]",
    summary: "look at kept results: stats, why-miss <attribute>, verify, clear",
    options: ["cache", "share", "tier", "yes", "json"],
  },
  batch: {
    operands: "<model> [scenario...]",
    summary: "run a model over many entities: plan, run, resume, remember",
    options: [
      ...(["over", "rows", "scenario", "set", "only", "planOnly", "strategy", "chunk", "queue"] as const),
      ...(["batchOut", "retries", "timeout", "priority", "rate", "delay", "halt", "errorsFail"] as const),
      ...([
        "skipUnchanged",
        "noDeduplicate",
        "retryFailed",
        "resume",
        "noResume",
        "verify",
        "price",
        "ledger",
        "seed",
      ] as const),
      ...(["batchJson", "text", ...heavyOptions, "allowModules"] as const),
    ],
  },
  runs: {
    operands: "[action] [runs...]",
    summary: "what the ledger has of batches: list, show, compare, failures, export, forget",
    options: [
      ...(["ofModel", "ofAxis", "since", "limit", "what", "exportOut", "before", "forgetYes"] as const),
      ...(["ledger", "json"] as const),
    ],
  },
  advise: {
    operands: "<model>",
    summary: "say from the ledger's history what to change about a model's batches",
    options: ["over", "ledger", "json"],
  },
  worker: {
    operands: "",
    summary: "compute chunks of batches from a queue, on this machine",
    options: [
      ...([
        "workerQueue",
        "keys",
        "allowUnsigned",
        "workerThreads",
        "threadMemory",
        "cache",
        "grace",
      ] as const),
      ...(["dead", "requeue", "workerLimit", "newKey", "json"] as const),
    ],
  },
};

/** Splits the arguments behind the program's name. Never throws and never exits. */
export function readArguments(typed: readonly string[], version: string): RawCommand | RawText | RawRefusal {
  const argv = withoutPaths(typed);
  const read = split(argv, version);
  if (!lacksOperand(read)) return read;
  // `run -s downside saas.reckon`: an option that takes several values has taken the model as well.
  for (const other of regroupings(argv)) {
    const better = split(other, version);
    if (better.kind === "command" && !lacksOperand(better)) return better;
  }
  return read;
}

/** The arguments with operands behind names of rewrites moved behind `--`: no rewrite has a dot or a slash in its name. */
function withoutPaths(argv: readonly string[]): readonly string[] {
  if (argv.includes("--")) return argv;
  for (let at = 1; at < argv.length; at++) {
    if (!rewriteNames.has(argv[at] as string)) continue;
    const end = endOfValues(argv, at);
    const from = argv.findIndex((value, i) => i > at && i < end && /[./\\]/.test(value));
    if (from > 0) return [...argv.slice(0, from), ...argv.slice(end), "--", ...argv.slice(from, end)];
  }
  return argv;
}

function endOfValues(argv: readonly string[], option: number): number {
  let end = option + 1;
  while (end < argv.length && !(argv[end] as string).startsWith("-")) end += 1;
  return end;
}

function lacksOperand(read: RawCommand | RawText | RawRefusal): boolean {
  if (read.kind === "refused") return read.isOperandMissing === true;
  if (read.kind === "text" || read.command !== "eval" || read.options.jsonl) return false;
  // Behind `--set x=1 y=2 '=x+y'` there is no formula left, or an assignment stands in its place.
  return read.operands.length === 0;
}

/** The arguments with the last values of one option made operands, fewest first; each option keeps one value. */
function* regroupings(argv: readonly string[]): Generator<string[]> {
  if (argv.includes("--")) return;
  for (let at = 1; at < argv.length; at++) {
    if (!severalValues.has(argv[at] as string)) continue;
    const end = endOfValues(argv, at);
    for (let from = end - 1; from > at + 1; from--) {
      yield [...argv.slice(0, from), ...argv.slice(end), "--", ...argv.slice(from, end)];
    }
  }
}

/** Options whose values are names of rewrites and strategies. */
const rewriteNames = new Set(["--without", "--ab"]);
const severalValues = new Set(["-s", "--scenario", "--set", "--only", ...rewriteNames]);

function split(argv: readonly string[], version: string): RawCommand | RawText | RawRefusal {
  let out = "";
  let refused = "";
  let command: RawCommand | undefined;
  const program = declare(version, (name, operands, options) => {
    command = { kind: "command", command: name, operands, options };
  });
  const write = { writeOut: (text: string) => (out += text), writeErr: (text: string) => (refused += text) };
  for (const each of [program, ...program.commands]) each.configureOutput(write).exitOverride();
  const asked = program.commands.find((each) => each.name() === argv[0]);
  const missing = asked === undefined ? undefined : missingValue(asked, argv.slice(1));
  if (missing !== undefined)
    return { kind: "refused", text: `reckon: ${missing}\nTry: reckon ${argv[0]} --help\n` };
  const opposites = oppositesIn(argv);
  if (opposites !== undefined)
    return {
      kind: "refused",
      text: `reckon: ${opposites} exclude each other\nTry: reckon ${argv[0]} --help\n`,
    };
  try {
    program.parse([...argv], { from: "user" });
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    if (cause.exitCode === 0) return { kind: "text", text: out };
    const text = refused.replace(/^error: /, "reckon: ") + hintFor(cause, argv);
    return { kind: "refused", text, isOperandMissing: cause.code === "commander.missingArgument" };
  }
  if (command !== undefined) return command;
  return { kind: "refused", text: program.helpInformation() };
}

/** An option and its opposite are one value: of both nobody knows which was meant. */
function oppositesIn(argv: readonly string[]): string | undefined {
  const end = argv.indexOf("--");
  const typed = new Set(end === -1 ? argv : argv.slice(0, end));
  return typed.has("--resume") && typed.has("--no-resume") ? "--resume and --no-resume" : undefined;
}

/** What was most likely meant: a model in a command's place was to be opened. */
function hintFor(error: CommanderError, argv: readonly string[]): string {
  const [first = ""] = argv;
  const isCommand = Object.hasOwn(shapes, first);
  switch (error.code) {
    case "commander.unknownCommand":
      return first.endsWith(".reckon") ? `To open the model: reckon open ${first}\n` : "";
    case "commander.unknownOption": {
      const formula = first === "eval" ? argv.find((argument) => /^-[^a-z-]/i.test(argument)) : undefined;
      return formula === undefined
        ? ""
        : `For a formula that begins with a minus: reckon eval '=${formula}'\n`;
    }
    case "commander.missingArgument":
    case "commander.excessArguments":
      return isCommand ? `Try: reckon ${first} --help\n` : "";
    default:
      return "";
  }
}

type Found = (name: CommandName, operands: readonly string[], options: RawOptions) => void;

function declare(version: string, found: Found): Command {
  const program = new Command("reckon")
    .description("Models as text that recalculate live.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .addHelpText("after", `\n${exampleText("reckon")}`)
    .addHelpText(
      "after",
      "\nExit codes: 0 good · 1 the model has errors, or a check failed · 2 usage or failure\n  of batch: 3 some failed · 4 a mismatch · 5 halted · 130 interrupted",
    );
  for (const name of commandNames) {
    const shape = shapes[name];
    const command = program
      .command(`${name} ${shape.operands}`.trimEnd())
      .summary(shape.summary)
      .description(`${shape.summary[0]?.toUpperCase()}${shape.summary.slice(1)}.`)
      .helpOption("-h, --help", "print help")
      .addHelpText("after", `\n${exampleText(name)}`);
    for (const option of shape.options) {
      const [flags, text] = optionTexts[option];
      command.option(flags, text);
    }
    command.action(() => found(name, command.args, command.opts<RawOptions>()));
  }
  return program;
}

function exampleText(name: CommandName | "reckon"): string {
  const lines = examples[name].map(([line, meaning]) => `  $ ${line}\n      ${meaning}`);
  return `Examples:\n${lines.join("\n")}`;
}
