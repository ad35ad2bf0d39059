/**
 * Random loops over members and periods. Each cell's solution follows from values that no loop of its own period
 * computes, so the truth of a cell is a closed form of its neighbours.
 */
import fc from "fast-check";
import { Choices } from "./choices.ts";

export type TableSeed = readonly number[];

export const tableSeed: fc.Arbitrary<TableSeed> = fc.array(fc.nat(999), { minLength: 60, maxLength: 60 });

export interface TableLoop {
  readonly text: string;
  readonly members: readonly string[];
  readonly periods: readonly string[];
  /** Attributes that lie in a loop. */
  readonly unknowns: readonly string[];
  /**
   * What the cut must be at a member and period, from the values of other attributes; `at` reads an attribute at a
   * member and a period, by their positions.
   */
  readonly cut: string;
  readonly truth: (
    at: (attribute: string, member: number, period: number) => number,
    m: number,
    t: number,
  ) => number;
}

const members = ["north", "south", "west"];

interface Axes {
  readonly members: readonly string[];
  readonly periods: readonly string[];
  readonly head: string;
}

function axesOf(choices: Choices): Axes {
  const used = members.slice(0, 1 + choices.below(3));
  const count = 1 + choices.below(7);
  const periods = Array.from({ length: count }, (_, t) => String(t));
  return {
    members: used,
    periods,
    head: `model table\n\ntime step 0..${count - 1}\naxis region = ${used.join(", ")}\n\n`,
  };
}

/** A value for each member, in 64ths. */
function byMember(axes: Axes, draw: () => number): string {
  return `{ ${axes.members.map((member) => `${member}: ${draw()}`).join(", ")} }`;
}

/** Debt that pays interest on its average and never falls below a floor; each member and period is a loop of its own. */
function debt(choices: Choices): TableLoop {
  const axes = axesOf(choices);
  // The loop's slope is half the rate: contracting, or falling steeply.
  const slope = (): number => choices.pick([1, 1, 1, -1, -4]) * (choices.below(56) / 64);
  const amount = (): number => (choices.below(400) - 200) / 4;
  const text = `${axes.head}block debt by region, step
  input rate = ${byMember(axes, () => 2 * slope())}
  input draw = ${byMember(axes, amount)}
  input floor = ${byMember(axes, () => -choices.below(300))}
  input ok = 1
  opening = closing[t-1]  start ${amount()}
  interest = rate * (opening + closing) / 2
  paid = interest - draw / ok
  closing = MAX(floor, opening + paid)
  after = closing * 2 + interest
  loop closing  start ${choices.pick(["0", "opening", "draw"])}
`;
  return {
    ...axes,
    text,
    unknowns: ["interest", "paid", "closing"],
    cut: "closing",
    truth(at, m, t) {
      const [half, opening] = [at("rate", m, t) / 2, at("opening", m, t)];
      const free = (opening * (1 + half) - at("draw", m, t) / at("ok", m, t)) / (1 - half);
      const floor = at("floor", m, t);
      // Below its floor the free solution gives way to the floor, for a slope below one.
      return Math.max(free, floor);
    },
  };
}

/** Members that share a total: one loop a period, through all of them. */
function shared(choices: Choices): TableLoop {
  const axes = axesOf(choices);
  const total = choices.pick([0.5, -0.75, 0.875, -2.5, 3]);
  const shares = axes.members.map(() => (1 + choices.below(60)) / 64);
  const sum = shares.reduce((a, b) => a + b, 0);
  const gains = new Map(axes.members.map((member, i) => [member, ((shares[i] ?? 0) / sum) * total]));
  let next = 0;
  const text = `${axes.head}block pool by region, step
  input own = ${byMember(axes, () => (choices.below(400) - 200) / 4)}
  input gain = ${byMember(axes, () => gains.get(axes.members[next++] as string) ?? 0)}
  input ok = 1
  kept = share[t-1] * 0.5  start 1
  base = own / ok + kept
  share = base + gain * pool_total.all
  loop share  start 0

block pool_total by step
  all = sum(pool.share over region)
`;
  return {
    ...axes,
    text: text.replaceAll("pool_total.all", "together.all").replaceAll("block pool_total", "block together"),
    unknowns: ["share"],
    cut: "share",
    truth(at, m, t) {
      const list = axes.members.map((_, i) => i);
      const base = list.reduce((s, i) => s + at("base", i, t), 0);
      const gain = list.reduce((s, i) => s + at("gain", i, t), 0);
      return at("base", m, t) + (at("gain", m, t) * base) / (1 - gain);
    },
  };
}

/** A member that reads another one, the first one nobody: loops of different sizes in one attribute. */
function chained(choices: Choices): TableLoop {
  const axes = axesOf(choices);
  const slope = (): number => choices.pick([1, -1, 2]) * ((1 + 2 * choices.below(28)) / 64);
  const first = axes.members[0] as string;
  const text = `${axes.head}block chain by region, step
  input gain = ${byMember(axes, slope)}
  input own = ${byMember(axes, () => (choices.below(400) - 200) / 4)}
  input ok = 1
  lead = IF(MEMBER(region) = "${first}", 0, back[${first}] / 4)
  level = gain * back + own / ok + lead
  back = level
  loop back  start 0
`;
  return {
    ...axes,
    text,
    unknowns: ["level", "back"],
    cut: "back",
    truth: (at, m, t) => (at("own", m, t) / at("ok", m, t) + at("lead", m, t)) / (1 - at("gain", m, t)),
  };
}

const tableFamilies: Readonly<Record<string, (choices: Choices) => TableLoop>> = {
  debt,
  shared,
  chained,
};

export function tableLoop(seed: TableSeed, family?: string): TableLoop {
  const choices = new Choices(seed);
  const picked = choices.pick(Object.values(tableFamilies));
  return (family === undefined ? picked : (tableFamilies[family] as typeof picked))(choices);
}
