/**
 * Sums over consecutive periods in fused code.
 *
 *   SUM(x[t-99999..t clip]) over at most 100,000 periods   a running sum: carried from period to period, in blocks as the
 *                                                         order of a sum wants them; where the loop begins late, it begins
 *                                                         with what the column's partial sums say
 *   SUM(x[t-999..t clip]), SUM(x[*]) over many periods      asked of the column's partial sums
 *   shorter spans                                          an inner loop (fused-calls.ts)
 *
 * The column read may be the one that is written: a running sum takes up each cell once it is there, and partial sums hear
 * of every cell written.
 */
import { rowSumsOf, sumBlockCells } from "@reckon/value";
import { type Atom, asNumber, type FusedWriter } from "./fused-writer.ts";
import { timeSpanOf } from "./read-slot.ts";
import type { AxisPlan, SlotPlan } from "./slot-plan.ts";

/** Spans up to this long are added cell by cell. */
const loopCellsMax = 2 * sumBlockCells;

/** SUM or AVERAGE of one slot; undefined when its span is short, or not along time. */
export function fuseSum(writer: FusedWriter, name: "SUM" | "AVERAGE", index: number): Atom | undefined {
  const slot = writer.plan.slots[index] as SlotPlan;
  const axis = timeSpanOf(slot);
  if (axis === undefined || slot.hasKey || axis.stride !== 1) return undefined;
  if (writer.spanKey(slot) === undefined || spanCells(axis) <= loopCellsMax) return undefined;
  const { access } = axis;
  const isRunning =
    access.kind === "window" && access.clip && writer.plan.shape.periods - 1 + access.from <= 0;
  const { from, to } = writer.spanBounds(index);
  if (!isRunning) writer.reach(slot);
  const sum = isRunning ? running(writer, index, access.to, axis.size) : asked(writer, index);
  if (name === "SUM") return sum;
  const count = writer.let(`${to} - (${from})`, true);
  writer.guardThat(`${count.code} > 0`);
  return writer.let(`${asNumber(sum)} / ${count.code}`, false);
}

function spanCells({ access, size }: AxisPlan): number {
  if (access.kind === "range") return access.to - access.from;
  return access.kind === "window" ? Math.min(size, access.to - access.from + 1) : 1;
}

/** The sum of periods 0 … t + `ahead`, carried along. */
function running(writer: FusedWriter, index: number, ahead: number, size: number): Atom {
  const [total, part] = [`a${index}`, `q${index}`];
  if (!writer.summed.has(index)) {
    writer.summed.add(index);
    writer.addChanging(total);
    writer.addChanging(part);
    const base = writer.base(index, writer.plan.slots[index] as SlotPlan);
    const end = `Math.min(${size}, u + ${ahead})`;
    writer.startLines.push(
      `let ${total} = 0, ${part} = 0;`,
      `if (${end} > 0) {`,
      `const s = ${writer.constant(rowSumsOf)}(N[${index}], ${base});`,
      `${total} = s.blocksBefore(${end}); ${part} = s.tailBefore(${end});`,
      "}",
    );
    const position = ahead === 0 ? "t" : `(t + ${ahead})`;
    const take = [
      `${part} += n${index}[${base} + ${position}];`,
      `if (${position} % ${sumBlockCells} === ${sumBlockCells - 1}) { ${total} += ${part}; ${part} = 0; }`,
    ];
    const isInside = [ahead < 0 ? `${position} >= 0` : "", ahead > 0 ? `${position} < ${size}` : ""].join("");
    writer.firstLines.push(...(isInside === "" ? take : [`if (${isInside}) {`, ...take, "}"]));
  }
  return writer.let(`${total} + ${part}`, false);
}

/** The sum of a span, asked of the partial sums of its row. */
function asked(writer: FusedWriter, index: number): Atom {
  const sums = `s${index}`;
  if (!writer.summed.has(index)) {
    writer.summed.add(index);
    const base = writer.base(index, writer.plan.slots[index] as SlotPlan);
    if (writer.own.has(index)) writer.addChanging(sums);
    writer.startLines.push(`const ${sums} = ${writer.constant(rowSumsOf)}(N[${index}], ${base});`);
  }
  const { from, to } = writer.spanBounds(index);
  return writer.let(`${sums}.sum(${from}, ${to})`, false);
}
