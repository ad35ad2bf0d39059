import { it } from "vitest";
import { play } from "./graph-pair.ts";

it("x", () => {
  const from = Number(process.env.FROM ?? 0),
    n = Number(process.env.N ?? 300);
  let best: number[] | null = null;
  let msg: unknown;
  for (let seed = from; seed < from + n && best === null; seed++) {
    let x = seed * 2654435761 + 12345;
    const numbers = Array.from({ length: 60 + (seed % 8) * 40 }, () => {
      x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
      return x >> 8;
    });
    try {
      play(numbers, Number(process.env.E ?? 12));
    } catch (e) {
      best = numbers;
      msg = e;
      console.log("seed", seed);
    }
  }
  if (best) {
    const t0 = Date.now();
    const fails = (a: number[]) => {
      try {
        play(a, 12);
        return false;
      } catch (e) {
        msg = e;
        return true;
      }
    };
    let cur: number[] = best;
    for (let k = cur.length; k >= 0 && Date.now() - t0 < 20000; k--) {
      const c = cur.slice(0, k);
      if (fails(c)) cur = c;
      else break;
    }
    for (let pass = 0; pass < 2; pass++)
      for (let i = 0; i < cur.length && Date.now() - t0 < 40000; i++)
        for (const v of [0, 1, 2]) {
          if (cur[i]! <= v) break;
          const c = [...cur];
          c[i] = v;
          if (fails(c)) {
            cur = c;
            break;
          }
        }
    process.env.LOG = "1";
    fails(cur);
    console.log(JSON.stringify(cur));
    console.log((msg as Error).message, (msg as Error).stack?.split("\n").slice(0, 12).join("\n"));
    throw msg;
  }
}, 120000);
