/** The examples of the help pages: a command line and what it does. The end-to-end tests run each of them. */
import type { CommandName } from "./command-names.ts";

type Example = readonly [line: string, meaning: string];

export const examples: Readonly<Record<CommandName | "reckon", readonly Example[]>> = {
  reckon: [
    ["reckon open saas.reckon", "open the model as a live sheet"],
    ["reckon run saas.reckon -s downside", "calculate it under a scenario"],
    ["reckon eval '=PMT(5%/12, 360, 200000)'", "use it as a calculator"],
  ],
  run: [
    ["reckon run saas.reckon", "a table a block, folded to the width of the window"],
    ["reckon run saas.reckon -s base downside", "two scenarios side by side"],
    ["reckon run saas.reckon --set debt.rate=9% --only debt.closing", "one attribute at another rate"],
    ["reckon run saas.reckon --json", "everything, for another program"],
    ["reckon run saas.reckon --stats --threads 2", "what was computed and reused, with two threads"],
  ],
  check: [
    ["reckon check saas.reckon", "the model and every scenario beside it"],
    ["reckon check saas.reckon --json", "the same as data, with lines and columns"],
  ],
  fmt: [
    ["reckon fmt --write saas.reckon downside.reckon", "format both files in place"],
    ["reckon fmt --check saas.reckon", "exit code 1 when it is not formatted"],
    ["reckon fmt - < saas.reckon", "from standard input to standard output"],
  ],
  eval: [
    ["reckon eval '=PMT(5%/12, 360, 200000)'", "one formula"],
    ["reckon eval '=price * (1 + vat)' --set price=100 vat=20%", "with names"],
    ["reckon eval --jsonl < cases.jsonl", 'a case a line: {"formula": "=A1+1", "inputs": {"A1": 2}}'],
  ],
  watch: [
    ["reckon watch saas.reckon downside.reckon", "print what changes at every save"],
    ["reckon watch saas.reckon --json", "the same as JSON lines"],
  ],
  open: [
    ["reckon open saas.reckon", "with every scenario beside it to switch to"],
    ["reckon open saas.reckon | cat", "without a terminal it prints the results and ends"],
  ],
  why: [
    ["reckon why saas.reckon 'debt.closing[2026-03]'", "one cell of the model"],
    ["reckon why saas.reckon 'revenue.seats[Ent, 2026-03]' -s downside", "under a scenario"],
  ],
  diff: [
    ["reckon diff saas.reckon base downside", "what the scenario changes"],
    ["reckon diff saas.reckon base downside --only debt.closing", "in one attribute"],
  ],
  loops: [
    ["reckon loops saas.reckon", "how each loop was solved, the worst of its periods first"],
    ["reckon loops saas.reckon downside --all", "every period, under a scenario"],
    ["reckon loops saas.reckon --from 0,1000000", "whether other first guesses find other solutions"],
  ],
  plan: [
    ["reckon plan saas.reckon", "what the plan costs, what was done to it, what would help"],
    ["reckon plan saas.reckon --only debt.closing", "the plan of one result: the rest is left out"],
    ["reckon plan saas.reckon --without merge", "as if equal work were done twice"],
    ["reckon plan saas.reckon --ab all none --repeat 3", "two strategies in turn, and their ratio"],
  ],
  profile: [
    ["reckon profile saas.reckon", "where opening and calculating it spends time and memory"],
    ["reckon profile saas.reckon downside --top 5", "with a scenario; the five longest attributes"],
    ["reckon profile saas.reckon --set debt.rate=9% --repeat 5", "an edit as well, the middle one of five"],
    ["reckon profile saas.reckon --out saas.speedscope.json", "for the viewer at speedscope.app"],
  ],
  cache: [
    ["reckon cache stats", "what is kept, and how often it was used"],
    ["reckon cache why-miss debt.closing", "why it was computed and not reused"],
    ["reckon cache verify --share 10%", "read a tenth of it and look for damage"],
    ["reckon cache clear --yes", "forget everything"],
  ],
  batch: [
    ["reckon batch points.reckon --over player --plan", "measure, predict, and record nothing"],
    [
      "reckon batch points.reckon --over player --out points.csv",
      "run it; the same line goes on after Ctrl-C",
    ],
    ["reckon batch points.reckon --over player --skip-unchanged --text", "only what has changed since"],
    ["reckon batch points.reckon --over player --verify 5% --json", "compare a sample; events as JSON lines"],
  ],
  runs: [
    ["reckon runs", "the last runs"],
    ["reckon runs show", "the last one: times, failures, workers"],
    ["reckon runs failures --since 7d", "which entities fail, and why"],
    ["reckon runs export --what entities", "a line an entity, as CSV"],
  ],
  advise: [["reckon advise points.reckon --over player", "what to change, with figures"]],
  worker: [
    ["reckon worker --new-key signing.pem", "a pair of keys for bundles"],
    ["reckon worker --queue redis://queue:6379 --keys trusted", "compute until Ctrl-C"],
    ["reckon worker --queue redis://queue:6379 --dead", "what was given up"],
  ],
};
