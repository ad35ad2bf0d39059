/**
 * Loops in LibreOffice Calc and in Reckon, side by side: the same models, each with its cells in several orders.
 *
 *     npm run calc -w @reckon/test -- [--count 20] [--write]
 *
 * Needs `soffice` (Debian and Ubuntu: the package libreoffice-calc). `--write` puts the table into docs/loops.md.
 *
 *   1. Every model, order and setting becomes a file; soffice turns them into CSV.
 *   2. A model is solved when every unknown has nine digits of one and the same solution; without a solution, when
 *      no number is shown for one (Calc: an error; Reckon: an error, or a verdict other than converged).
 *   3. It depends on the order when the results of two orders differ in their first nine digits.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openSheet } from "@reckon/sheet";
import { type LoopCase, loopText } from "../arbitraries/loop-case.ts";
import type { Values } from "../spec/circular-models.ts";
import { type CalcSettings, calcSheet, calcValues } from "./calc-sheet.ts";
import { type LoopGroup, loopGroups } from "./loop-models.ts";

const page = fileURLToPath(new URL("../../docs/loops.md", import.meta.url));
const digitsWanted = 9;
/** After some hundred files soffice stops without a word. */
const filesMax = 100;

/** Of one model in one order: its values, and whether the program says that they are a solution. */
interface Answer {
  readonly values: Values;
  readonly isClaimed: boolean;
}

interface Tally {
  models: number;
  solved: number;
  /** Shown as a result, and not one. */
  wrong: number;
  /** No result is shown though there is one. */
  missed: number;
  ordered: number;
}

const settings: readonly (readonly [name: string, settings: CalcSettings])[] = [
  ["Calc as installed", { steps: 100, change: 0.001 }],
  ["Calc at its best", { steps: 1000, change: 1e-12 }],
];

function versionOfOffice(): string | undefined {
  try {
    return execFileSync("soffice", ["--version"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
      .trim()
      .split(" ")
      .slice(0, 2)
      .join(" ");
  } catch {
    return undefined;
  }
}

/** As written, backwards, and twice mixed. */
function ordersOf({ formulas }: LoopCase): string[][] {
  const names = Object.keys(formulas);
  const mixed = (step: number): string[] =>
    names.map((_, i) => names[(i * step + 1) % names.length] as string);
  const coprime = [3, 5, 7, 11].filter((step) => names.length % step !== 0).slice(0, 2);
  return [names, names.toReversed(), ...coprime.map(mixed)];
}

function askReckon(of: LoopCase, order: readonly string[]): Answer {
  const opened = openSheet({
    model: { source: "loop.reckon", text: loopText(of, order) },
    scenarios: [],
    host: {
      table: (path) => ({ problem: `no table ${path}` }),
      module: (path) => ({ problem: `no module ${path}` }),
    },
  });
  if (!opened.ok) throw new Error(opened.diagnostics.map(({ message }) => message).join("\n"));
  const sheet = opened.value;
  const values = Object.fromEntries(
    order.map((name) => {
      const value = sheet.get(`${sheet.loops()[0]?.attributes[0]?.split(".")[0]}.${name}`);
      return [name, typeof value === "number" ? value : Number.NaN];
    }),
  );
  const isClaimed = sheet.loops().every(({ verdict }) => verdict === "converged");
  sheet.dispose();
  return { values, isClaimed };
}

/** Every model in every order, through soffice; keyed by the file's name. */
function askCalc(groups: readonly LoopGroup[], calc: CalcSettings): Map<string, Answer> {
  const folder = mkdtempSync(join(tmpdir(), "reckon-calc-"));
  const orders = new Map<string, readonly string[]>();
  for (const [g, { models }] of groups.entries()) {
    for (const [m, of] of models.entries()) {
      for (const [o, order] of ordersOf(of).entries()) {
        orders.set(`${g}-${m}-${o}`, order);
        writeFileSync(join(folder, `${g}-${m}-${o}.fods`), calcSheet(of, order, calc));
      }
    }
  }
  const out = join(folder, "csv");
  mkdirSync(out);
  // The last but one of the numbers: cells as they are, not as they are shown.
  const format = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false";
  const profile = `-env:UserInstallation=file://${join(folder, "profile")}`;
  const files = [...orders.keys()].map((key) => join(folder, `${key}.fods`));
  for (let at = 0; at < files.length; at += filesMax) {
    const some = files.slice(at, at + filesMax);
    execFileSync("soffice", [profile, "--headless", "--convert-to", format, "--outdir", out, ...some], {
      stdio: "ignore",
      timeout: 600_000,
    });
  }
  const read = new Set(readdirSync(out));
  const answers = new Map<string, Answer>();
  for (const [key, order] of orders) {
    if (!read.has(`${key}.csv`)) throw new Error(`soffice made no ${key}.csv`);
    const values = calcValues(readFileSync(join(out, `${key}.csv`), "utf8"), order);
    answers.set(key, { values, isClaimed: Object.values(values).every(Number.isFinite) });
  }
  rmSync(folder, { recursive: true });
  return answers;
}

function agree(left: number, right: number): boolean {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) && Number.isNaN(right);
  return Math.abs(left - right) <= 10 ** -digitsWanted * Math.max(Math.abs(left), Math.abs(right), 1e-6);
}

function tallyOf(group: LoopGroup, answersOf: (of: LoopCase, m: number) => readonly Answer[]): Tally {
  const tally: Tally = { models: group.models.length, solved: 0, wrong: 0, missed: 0, ordered: 0 };
  for (const [m, of] of group.models.entries()) {
    const answers = answersOf(of, m);
    const isSolution = ({ values }: Answer): boolean =>
      of.truth.solutions.some((solution) =>
        Object.entries(solution).every(([name, x]) => agree(values[name] ?? Number.NaN, x)),
      );
    const isSolvable = of.truth.solutions.length > 0;
    const isRight = (answer: Answer): boolean =>
      isSolvable ? answer.isClaimed && isSolution(answer) : !answer.isClaimed;
    if (answers.every(isRight)) tally.solved++;
    else if (answers.some((answer) => answer.isClaimed && !isRight(answer))) tally.wrong++;
    else tally.missed++;
    const [first, ...others] = answers as [Answer, ...Answer[]];
    const isSame = (other: Answer): boolean =>
      other.isClaimed === first.isClaimed &&
      Object.entries(first.values).every(([name, x]) => agree(x, other.values[name] ?? Number.NaN));
    if (!others.every(isSame)) tally.ordered++;
  }
  return tally;
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(" | ")} |`;
}

function tableOf(groups: readonly LoopGroup[]): string {
  const asked = settings.map(([name, calc]) => [name, askCalc(groups, calc)] as const);
  const programs = [
    ...asked.map(
      ([name, answers]) =>
        [
          name,
          (g: number) => (of: LoopCase, m: number) =>
            ordersOf(of).map((_, o) => answers.get(`${g}-${m}-${o}`) as Answer),
        ] as const,
    ),
    ["Reckon", () => (of: LoopCase) => ordersOf(of).map((order) => askReckon(of, order))] as const,
  ];
  const rows = groups.map((group, g) => ({
    group,
    tallies: programs.map(([, answersOf]) => tallyOf(group, answersOf(g))),
  }));
  const cellsOf = (tally: Tally): string[] => [
    `${tally.solved} of ${tally.models}`,
    String(tally.wrong),
    String(tally.missed),
    String(tally.ordered),
  ];
  const total = programs.map((_, p) =>
    rows.reduce<Tally>(
      (sum, { tallies }) => {
        const tally = tallies[p] as Tally;
        for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += tally[key];
        return sum;
      },
      { models: 0, solved: 0, wrong: 0, missed: 0, ordered: 0 },
    ),
  );
  return programs
    .map(([name], p) =>
      [
        `**${name}**`,
        "",
        line(["models", "solved", "wrong number", "no number", "depends on the order"]),
        line(["---", "---:", "---:", "---:", "---:"]),
        ...rows.map(({ group, tallies }) => line([group.name, ...cellsOf(tallies[p] as Tally)])),
        line(["all", ...cellsOf(total[p] as Tally)]),
      ].join("\n"),
    )
    .join("\n\n");
}

const { values: options } = parseArgs({
  options: { count: { type: "string", default: "20" }, write: { type: "boolean", default: false } },
});
const office = versionOfOffice();
if (office === undefined) {
  process.stderr.write(
    "soffice is not here: install LibreOffice Calc (apt install libreoffice-calc) and try again\n",
  );
  process.exitCode = 2;
} else {
  const table = tableOf(loopGroups(Number(options.count)));
  const dated = `${new Date().toISOString().slice(0, 10)}, ${office}\n\n${table}`;
  if (options.write) {
    const text = readFileSync(page, "utf8");
    const [start, end] = ["<!-- calc -->", "<!-- end of calc -->"];
    const at = text.indexOf(start) + start.length;
    writeFileSync(page, `${text.slice(0, at)}\n\n${dated}\n\n${text.slice(text.indexOf(end))}`);
  } else process.stdout.write(`${dated}\n`);
}
