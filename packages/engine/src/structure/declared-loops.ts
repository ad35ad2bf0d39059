/** The declared loops by name, and by the nodes that they cut. */
import type { LoopDeclaration } from "../formula-node.ts";

const none: readonly LoopDeclaration[] = [];

export class DeclaredLoops {
  private readonly byName = new Map<string, LoopDeclaration>();
  private readonly byCut = new Map<number, LoopDeclaration[]>();

  get(name: string): LoopDeclaration | undefined {
    return this.byName.get(name);
  }

  /** By name, in the order of their first declaration. */
  entries(): Iterable<[string, LoopDeclaration]> {
    return this.byName.entries();
  }

  set(declaration: LoopDeclaration): void {
    const { name, cuts } = declaration;
    const before = this.byName.get(name);
    if (before !== undefined) this.takeCuts(before);
    this.byName.set(name, declaration);
    for (const node of new Set(cuts.map((cut) => cut.node))) {
      const loops = this.byCut.get(node);
      if (loops === undefined) this.byCut.set(node, [declaration]);
      else loops.push(declaration);
    }
  }

  delete(name: string): void {
    const before = this.byName.get(name);
    if (before === undefined) return;
    this.takeCuts(before);
    this.byName.delete(name);
  }

  /** The loops that are cut at a node. */
  cutAt(node: number): readonly LoopDeclaration[] {
    return this.byCut.get(node) ?? none;
  }

  /** The loops that are cut at any of the nodes, by name. */
  among(nodes: Iterable<number>): LoopDeclaration[] {
    const found = new Set<LoopDeclaration>();
    if (this.byCut.size > 0) for (const node of nodes) for (const loop of this.cutAt(node)) found.add(loop);
    const loops = [...found];
    return loops.length < 2 ? loops : loops.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private takeCuts(declaration: LoopDeclaration): void {
    for (const { node } of declaration.cuts) {
      const left = (this.byCut.get(node) ?? []).filter((one) => one !== declaration);
      if (left.length === 0) this.byCut.delete(node);
      else this.byCut.set(node, left);
    }
  }
}

/**
 * Several declarations that meet in one loop act as one: all cuts, the tightest tolerance, the highest limit; method,
 * damping and start of the first that says one.
 */
export function joinLoops(loops: readonly LoopDeclaration[]): LoopDeclaration | null {
  const first = loops[0];
  if (first === undefined || loops.length === 1) return first ?? null;
  const method = loops.find((loop) => loop.method !== undefined && loop.method !== "auto")?.method;
  const damping = loops.find((loop) => loop.damping !== undefined)?.damping;
  const start = loops.find((loop) => loop.start !== undefined)?.start;
  return {
    ...first,
    name: loops.map((loop) => loop.name).join(" + "),
    cuts: loops.flatMap((loop) => loop.cuts),
    toleranceAbsolute: Math.min(...loops.map((loop) => loop.toleranceAbsolute)),
    toleranceRelative: Math.min(...loops.map((loop) => loop.toleranceRelative)),
    iterationsMax: Math.max(...loops.map((loop) => loop.iterationsMax)),
    ...(method === undefined ? {} : { method }),
    ...(damping === undefined ? {} : { damping }),
    ...(start === undefined ? {} : { start }),
  };
}
