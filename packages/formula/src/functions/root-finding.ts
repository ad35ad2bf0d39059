/**
 * One zero of a smooth function, for rates of return.
 *
 *   1. Newton's method from the guess, with a slope from two near values.
 *   2. If it leaves the domain or does not settle: look outwards from the guess for a change of sign and halve the interval.
 *
 * A step below 1e-13 relative ends either. Cost: at most some 400 evaluations.
 */

const stepsMax = 60;
const halvingsMax = 200;
const precision = 1e-13;

/** A zero of `f` near `guess` and above `lowest`, or undefined when none is found. `f` is about 1 in size. */
export function findRoot(f: (x: number) => number, guess: number, lowest: number): number | undefined {
  return newton(f, guess, lowest) ?? bisect(f, guess, lowest);
}

function newton(f: (x: number) => number, guess: number, lowest: number): number | undefined {
  let x = guess;
  for (let i = 0; i < stepsMax; i++) {
    const y = f(x);
    if (y === 0) return x;
    const h = Math.max(1e-7, Math.abs(x) * 1e-7);
    const slope = (f(x + h) - f(x - h)) / (2 * h);
    const following = x - y / slope;
    if (!Number.isFinite(following) || following <= lowest) return undefined;
    if (Math.abs(following - x) <= precision * Math.max(1, Math.abs(following))) {
      return Math.abs(f(following)) < 1e-7 ? following : undefined;
    }
    x = following;
  }
  return undefined;
}

function bisect(f: (x: number) => number, guess: number, lowest: number): number | undefined {
  const candidates = [guess];
  for (let i = 1; i <= 60; i++) {
    const reach = 0.01 * 1.25 ** i;
    candidates.push(guess + reach, Math.max(lowest, guess - reach));
  }
  const points = [...new Set([lowest, ...candidates])].sort((a, b) => a - b).map((x) => ({ x, y: f(x) }));
  const usable = points.filter((point) => Number.isFinite(point.y));
  const brackets = usable
    .slice(1)
    .map((right, i) => ({ left: usable[i] as { x: number; y: number }, right }))
    .filter(({ left, right }) => Math.sign(left.y) !== Math.sign(right.y))
    .sort((a, b) => Math.abs(a.left.x - guess) - Math.abs(b.left.x - guess));
  const bracket = brackets[0];
  if (bracket === undefined) return undefined;
  let [low, high] = [bracket.left.x, bracket.right.x];
  const sign = Math.sign(bracket.left.y);
  for (let i = 0; i < halvingsMax && high - low > precision * Math.max(1, Math.abs(low)); i++) {
    const middle = (low + high) / 2;
    if (Math.sign(f(middle)) === sign) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
