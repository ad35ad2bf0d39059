/**
 * Plain code: a formula over single values as JavaScript source that computes one number from a table of numbers. It is
 * what fused code (fused-code.ts) does in its loop, with slot i at `n[p[a + i]]` and lifted number i at `c[k + i]`.
 * Where the fused loop would give a cell up, it answers NaN.
 *
 *   price * 1.2 + fee     const v0 = n[p[a]], v1 = v0 * c[k], v2 = n[p[a + 1]], v3 = v1 + v2; return v3;
 */
import type { BoundFormula } from "./bound.ts";
import { fuseCall } from "./fused-calls.ts";
import { type Atom, FusedWriter, statementsMax } from "./fused-writer.ts";

export interface PlainCode {
  /** Body of a function of `(n, p, a, c, k)`; what it calls `env` stands around it. */
  readonly source: string;
  readonly environment: readonly unknown[];
}

/** The code of a formula whose numbers are lifted (`withLiftedNumbers`); nothing when its value is not surely a number. */
export function plainCode(formula: BoundFormula): PlainCode | undefined {
  const writer = new PlainWriter(formula, fuseCall, { share: true, hoist: false });
  const root = writer.compile(formula.root);
  if (root === undefined || root.type !== "number" || writer.count > statementsMax) return undefined;
  return { source: [...writer.lines, `return ${root.code};`].join("\n"), environment: writer.environment };
}

class PlainWriter extends FusedWriter {
  private readonly atoms = new Map<number, Atom>();

  protected override read(index: number): Atom {
    const known = this.atoms.get(index);
    if (known !== undefined) return known;
    const constant = index - this.formula.references.length;
    const atom = this.let(constant < 0 ? `n[p[a + ${index}]]` : `c[k + ${constant}]`, true);
    this.atoms.set(index, atom);
    return atom;
  }

  override giveUp(): string {
    return "return NaN;";
  }
}
