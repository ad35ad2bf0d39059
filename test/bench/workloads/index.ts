import type { Workload } from "../workload.ts";
import { batchHeavy } from "./batch-heavy.ts";
import { batchLight } from "./batch-light.ts";
import { batchQueue } from "./batch-queue.ts";
import { bulkBuild } from "./bulk-build.ts";
import { chain, longChain } from "./chain.ts";
import { cutoff } from "./cutoff.ts";
import { debts } from "./debts.ts";
import { dispatch } from "./dispatch.ts";
import { entitySheet } from "./entity-sheet.ts";
import { fanOut } from "./fan-out.ts";
import { formulaEdit } from "./formula-edit.ts";
import { heavy, sweep } from "./heavy.ts";
import { kept, light } from "./kept-results.ts";
import { layers } from "./layers.ts";
import { loops } from "./loops.ts";
import { manyAttributes, manyPeriods, millionAttributes } from "./model-text.ts";
import { rangeSums, runningSums } from "./range-sums.ts";
import { retained } from "./retained.ts";
import { scenario } from "./scenario.ts";
import { seriesEdit } from "./series-edit.ts";
import { smallEdit } from "./small-edit.ts";
import { textBuild } from "./text-build.ts";

/** In the order of the table. */
export const workloads: readonly Workload[] = [
  textBuild,
  bulkBuild,
  chain,
  longChain,
  fanOut,
  layers,
  smallEdit,
  cutoff,
  rangeSums,
  runningSums,
  loops,
  debts,
  heavy,
  sweep,
  dispatch,
  kept,
  light,
  batchLight,
  batchHeavy,
  batchQueue,
  scenario,
  seriesEdit,
  formulaEdit,
  entitySheet,
  retained,
  manyAttributes,
  millionAttributes,
  manyPeriods,
];
