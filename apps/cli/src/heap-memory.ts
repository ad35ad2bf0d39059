/** What this process keeps in memory: objects and typed arrays, garbage collected first. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Measures bytes in use; a call takes some milliseconds, more where much is kept. In a hurry garbage counts, too. */
export function heapMemory(): (isHurried: boolean) => number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return (isHurried) => {
    if (!isHurried) collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
