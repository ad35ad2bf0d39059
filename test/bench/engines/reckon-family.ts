/**
 * Our engine with families as columns: thousands of like formulas are one node, computed by one loop.
 *
 * Each workload is laid out by hand here, as `plan` lays out a model; the loops are what `formula` makes of its formulas,
 * for columns that hold numbers only. Cells are read and written through the engine like any column's.
 */
import type { NodeId, TimeReach } from "@reckon/engine";
import { Column, rowSumsOf, type Shape, sumBlockCells } from "@reckon/value";
import type { BenchEngine, Graph, RangeSums } from "../engine.ts";
import type { Description } from "../graph/description.ts";
import { operations } from "../graph/operations.ts";
import { sharedInputs, sheetAttributes, sheetPeriods } from "../workloads/entity-sheet.ts";
import {
  before,
  type Compute,
  everything,
  Families,
  reading,
  readingScalar,
  readingWhole,
  scalar,
} from "./families.ts";
import { debts, loops } from "./family-loops.ts";

function multiplyAdds({ inputs, batches }: Description): Graph {
  const families = new Families();
  const { count, reads } = batches[0]!;
  const shape = { outer: 1, periods: count };
  const columns = [0, 1, 2].map((slot) => {
    const column = new Column(shape);
    for (let i = 0; i < count; i++) column.numbers[i] = inputs[reads[3 * i + slot]!]!;
    return families.engine.addInput({ name: "input", shape, column });
  });
  const result = families.formula(
    shape,
    columns.map((column) => reading(column)),
    ([a, b, c], out, box) => {
      const [x, y, z, to] = [a!.numbers, b!.numbers, c!.numbers, out.numbers];
      for (let t = box.from; t < box.to; t++) to[t] = x[t]! * y[t]! + z[t]!;
    },
  );
  return {
    set: () => undefined,
    read: (node) => families.engine.readCell(result, node - inputs.length) as number,
    readRange: (first, out) => {
      const at = first - inputs.length;
      out.set(families.engine.view(result).numbers.subarray(at, at + out.length));
    },
    dispose: () => families.engine.dispose(),
  };
}

function chain({ batches }: Description): Graph {
  const families = new Families();
  const shape = { outer: 1, periods: batches[0]!.count };
  const head = families.input(scalar, [1]);
  families.place(head, scalar);
  const { engine } = families;
  // A node can read only nodes that there are: it is an input until it gets its formula.
  const links = engine.transaction(() => {
    const id = engine.addInput({ name: "links", shape, column: new Column(shape) });
    engine.replace(id, {
      name: "links",
      shape,
      precedents: [readingScalar(head), reading(id, before)],
      kernel: {
        compute([first], out, box) {
          const x = out.numbers;
          let value = box.from === 0 ? first!.numbers[0]! : x[box.from - 1]!;
          for (let t = box.from; t < box.to; t++) {
            value += 1;
            x[t] = value;
          }
        },
      },
    });
    return id;
  });
  families.place(links, shape);
  return readingWhole(families, families.graph(), (first, count) =>
    first === 1 && count === shape.periods ? 1 : -1,
  );
}

function fan({ batches }: Description): Graph {
  const families = new Families();
  const { count, constants } = batches[0]!;
  const shape = { outer: 1, periods: count };
  const factors = Float64Array.from({ length: count }, (_, i) => constants[2 * i]!);
  const offsets = Float64Array.from({ length: count }, (_, i) => constants[2 * i + 1]!);
  const x = families.input(scalar, [1]);
  families.place(x, scalar);
  const result = families.formula(
    shape,
    [readingScalar(x), reading(families.input(shape, factors)), reading(families.input(shape, offsets))],
    ([value, factor, offset], out, box) => {
      const [k, d, to] = [factor!.numbers, offset!.numbers, out.numbers];
      const v = value!.numbers[0]!;
      for (let t = box.from; t < box.to; t++) to[t] = v * k[t]! + d[t]!;
    },
  );
  families.place(result, shape);
  return readingWhole(families, families.graph(), (first, size) => (first === 1 && size === count ? 1 : -1));
}

/** A column a layer; each cell reads any cells of the column before. */
function layers({ inputs, batches }: Description): Graph {
  const families = new Families();
  const width = inputs.length;
  const shape = { outer: 1, periods: width };
  let previous = families.input(shape, inputs);
  families.place(previous, shape);
  families.engine.transaction(() => {
    for (let layer = 0; layer * 3 < batches.length; layer++) {
      const compute = gathering(batches.slice(3 * layer, 3 * layer + 3), layer * width);
      previous = families.formula(shape, [reading(previous, everything)], compute, false);
      families.place(previous, shape);
    }
  });
  return readingWhole(families, families.graph(), (first, count) =>
    first % width === 0 && count === width ? first / width : -1,
  );
}

function gathering(batches: Description["batches"], firstRead: number): Compute {
  const parts = batches.map(({ operation, count, reads }) => ({
    arity: operations[operation].arity,
    count,
    reads: reads.map((read) => read - firstRead),
  }));
  return ([read], out) => {
    const [v, to] = [read!.numbers, out.numbers];
    let cell = 0;
    for (const { arity, count, reads } of parts) {
      if (arity === 2) gather2(v, to, cell, count, reads);
      else if (arity === 3) gather3(v, to, cell, count, reads);
      else gather4(v, to, cell, count, reads);
      cell += count;
    }
  };
}

function gather2(v: Float64Array, to: Float64Array, from: number, count: number, r: Int32Array): void {
  for (let i = 0, at = 0; i < count; i++, at += 2) to[from + i] = (v[r[at]!]! + v[r[at + 1]!]!) / 2;
}

function gather3(v: Float64Array, to: Float64Array, from: number, count: number, r: Int32Array): void {
  for (let i = 0, at = 0; i < count; i++, at += 3) {
    to[from + i] = (v[r[at]!]! + v[r[at + 1]!]! + v[r[at + 2]!]!) / 3;
  }
}

function gather4(v: Float64Array, to: Float64Array, from: number, count: number, r: Int32Array): void {
  for (let i = 0, at = 0; i < count; i++, at += 4) {
    to[from + i] = (v[r[at]!]! + v[r[at + 1]!]! + v[r[at + 2]!]! + v[r[at + 3]!]!) / 4;
  }
}

function series({ inputs }: Description): Graph {
  const families = new Families();
  const shape = { outer: 1, periods: inputs.length };
  const x = families.input(shape, inputs);
  const y = families.formula(shape, [reading(x)], ([read], out, box) => {
    const [from, to] = [read!.numbers, out.numbers];
    for (let t = box.from; t < box.to; t++) to[t] = from[t]! * 2 + 1;
  });
  const z = families.formula(shape, [reading(y, { kind: "window", from: -1, to: 0 })], ([read], out, box) => {
    const [from, to] = [read!.numbers, out.numbers];
    for (let t = box.from; t < box.to; t++) to[t] = t === 0 ? from[0]! : from[t - 1]! + from[t]!;
  });
  for (const column of [x, y, z]) families.place(column, shape);
  return families.graph();
}

/** A column an attribute: entities × periods. Nodes of the description go period by period, cells member by member. */
function sheet({ inputs }: Description): Graph {
  const families = new Families();
  const entities = inputs.length - sharedInputs;
  const shape = { outer: entities, periods: sheetPeriods };
  const byEntity = { outer: entities, periods: 1 };
  const [growth, drift, zero] = [...inputs.subarray(0, sharedInputs)].map((value) => {
    const id = families.input(scalar, [value]);
    families.place(id, scalar);
    return id;
  }) as [NodeId, NodeId, NodeId];
  const start = families.input(byEntity, inputs.subarray(sharedInputs));
  families.place(start, byEntity);
  families.engine.transaction(() => {
    const columns = [growing(families, shape, [growth, drift, start])];
    for (let k = 1; k < sheetAttributes; k++) columns.push(sheetAttribute(families, shape, columns, k, zero));
    for (const column of columns) families.place(column, shape);
  });
  const cellOf = (place: number, offset: number) =>
    place <= sharedInputs ? offset : (offset % entities) * sheetPeriods + Math.floor(offset / entities);
  return families.graph(cellOf);
}

function growing(families: Families, shape: Shape, [growth, drift, start]: [NodeId, NodeId, NodeId]): NodeId {
  const { engine } = families;
  const id = engine.addInput({ name: "a0", shape, column: new Column(shape) });
  const compute: Compute = ([g, d, s], out, box) => {
    const [rate, add, first, x] = [g!.numbers[0]!, d!.numbers[0]!, s!.numbers, out.numbers];
    for (let m = box.outerFrom; m < box.outerTo; m++) {
      const row = m * shape.periods;
      for (let t = box.from; t < box.to; t++) {
        x[row + t] = (t === 0 ? first[m]! : x[row + t - 1]!) * rate + add;
      }
    }
  };
  const precedents = [
    readingScalar(growth),
    readingScalar(drift),
    reading(start, everything),
    reading(id, before),
  ];
  engine.replace(id, { name: "a0", shape, precedents, kernel: { compute } });
  return id;
}

function sheetAttribute(
  families: Families,
  shape: Shape,
  columns: readonly NodeId[],
  k: number,
  zero: NodeId,
): NodeId {
  const { periods } = shape;
  const last = columns[k - 1]!;
  if (k % 3 === 1) {
    return families.formula(shape, [reading(last)], ([a], out, box) => {
      const [x, to] = [a!.numbers, out.numbers];
      for (let m = box.outerFrom; m < box.outerTo; m++) {
        for (let i = m * periods + box.from; i < m * periods + box.to; i++) to[i] = x[i]! * 0.5 + k;
      }
    });
  }
  if (k % 3 === 2) {
    return families.formula(shape, [reading(last), reading(columns[k - 2]!)], ([a, b], out, box) => {
      const [x, y, to] = [a!.numbers, b!.numbers, out.numbers];
      for (let m = box.outerFrom; m < box.outerTo; m++) {
        for (let i = m * periods + box.from; i < m * periods + box.to; i++) to[i] = x[i]! + y[i]!;
      }
    });
  }
  const precedents = [reading(last, before), reading(columns[k - 3]!), readingScalar(zero)];
  return families.formula(shape, precedents, ([a, b, z], out, box) => {
    const [x, y, first, to] = [a!.numbers, b!.numbers, z!.numbers[0]!, out.numbers];
    for (let m = box.outerFrom; m < box.outerTo; m++) {
      const row = m * periods;
      for (let t = box.from; t < box.to; t++) to[row + t] = (t === 0 ? first : x[row + t - 1]!) + y[row + t]!;
    }
  });
}

/**
 * One column of cells and one of sums: sum t reads the cells up to `step × (t + 1)`. Sums at every cell are carried
 * along in the order that sums have (blocks of 256), as the compiled formula does; the others are taken from partial
 * sums.
 */
function rangeSums(cells: Float64Array, ends: Int32Array): RangeSums {
  const families = new Families();
  const step = cells.length / ends.length;
  if (ends.some((end, t) => end + 1 !== step * (t + 1)))
    throw new RangeError("the sums are not evenly spread");
  const shape = { outer: 1, periods: cells.length };
  const column = families.input(shape, cells);
  families.place(column, shape);
  const reach: TimeReach = {
    kind: "span",
    from: { scale: 0, offset: 0 },
    to: { scale: step, offset: step },
  };
  const compute: Compute = ([read], out, box) => {
    if (step === 1) carryAlong(read!, out, box.from, box.to);
    else {
      const row = rowSumsOf(read!, 0);
      for (let t = box.from; t < box.to; t++) out.set(t, row.sum(0, step * (t + 1)));
    }
  };
  const sums = families.formula({ outer: 1, periods: ends.length }, [reading(column, reach)], compute, false);
  return {
    setCell: (cell, value) => families.setCell(0, cell, value),
    readSum: (sum) => families.engine.readCell(sums, sum) as number,
    readSums: (out) => out.set(families.engine.view(sums).numbers),
  };
}

function carryAlong(read: Column, out: Column, from: number, to: number): void {
  const [x, sums] = [read.numbers, out.numbers];
  const blockStart = from - (from % sumBlockCells);
  let blocks = blockStart === 0 ? 0 : (rowSumsOf(read, 0).sum(0, blockStart) as number);
  let part = 0;
  for (let t = blockStart; t < from; t++) part += x[t]!;
  for (let t = from; t < to; t++) {
    if (t % sumBlockCells === 0 && t > blockStart) {
      blocks += part;
      part = 0;
    }
    part += x[t]!;
    sums[t] = blocks + part;
  }
}

/** One loop over a thousand members. */
const layouts: Readonly<Record<string, (description: Description) => Graph>> = {
  W1: multiplyAdds,
  W2: chain,
  "W2-long": chain,
  W3: fan,
  W4: layers,
  series,
  sheet,
};

const asGraph = "the same as the graph: see reckon";

export const reckonFamily: BenchEngine = {
  name: "reckon-family",
  role: "reckon",
  form: "family",
  packageName: "@reckon/engine",
  refuses: {
    "W1-text": "see reckon",
    W5: asGraph,
    W6: asGraph,
    scenario: asGraph,
    formula: "a member of a family has no formula of its own",
    memory: "see W1",
    text: "see reckon-language",
    "text-million": "see reckon-language",
    "text-periods": "see reckon-language",
  },
  graph(description, workload) {
    const layout = layouts[workload];
    if (layout === undefined) throw new TypeError(`no columns for ${workload}`);
    return layout(description);
  },
  rangeSums,
  loops,
  debts,
};
