/**
 * How many wrong entities a sample would hardly have missed.
 *
 * Of `of` entities, w wrong, `sampled` are drawn without putting back: none of them is wrong with the probability
 * (of − w)/of × (of − w − 1)/(of − 1) × …, a factor for each drawn. The least w for which that is below 5 % is found by
 * halving. Drawing from very many comes to 1 − 0.05^(1/sampled): 9.5 % for 30; of 300 it is 28 of them, 9.3 %. What was not drawn at random (the slowest, the
 * retried) is counted as if: it is where faults are likelier. Cost: the sample, some 30 times.
 */

const missMax = 0.05;

/** From 0 to 1; 1 where nothing was drawn, 0 where there is nothing. */
export function detectableShare(sampled: number, of: number): number {
  if (of <= 0) return 0;
  if (sampled <= 0) return 1;
  let low = 0;
  let high = of;
  while (high - low > 1) {
    const wrong = Math.floor((low + high) / 2);
    if (missProbability(sampled, of, wrong) < missMax) high = wrong;
    else low = wrong;
  }
  return high / of;
}

function missProbability(sampled: number, of: number, wrong: number): number {
  // Drawing the sample, or drawing the wrong ones: the same, so the shorter product.
  const draws = Math.min(sampled, wrong);
  const others = Math.max(sampled, wrong);
  let miss = 1;
  for (let i = 0; i < draws && miss > 0; i++) miss *= Math.max(0, of - others - i) / (of - i);
  return miss;
}
