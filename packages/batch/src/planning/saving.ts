/** When another strategy is worth it: what starting threads and a wrong prediction can cost has to be saved. */

/** With less left nothing else is looked at. */
export const entitiesMin = 2;
export const workMsMinDefault = 100;
const savedMsMin = 50;
const savedShareMin = 0.2;

/** What has to be saved of a time. */
export function neededMs(wallMs: number): number {
  return Math.max(savedMsMin, savedShareMin * wallMs);
}

export function isPaying(wallMs: number, sequentialMs: number): boolean {
  return sequentialMs - wallMs > neededMs(sequentialMs);
}
