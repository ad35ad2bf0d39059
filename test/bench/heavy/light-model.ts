/** A light model through the host, over a runtime with a cache or without. */
import { dirname, join } from "node:path";
import { createRuntime, type LoadedSheet, loadSheet } from "@reckon/host";
import type { LightModel } from "../engine.ts";

export async function openLight(model: string, hasCache: boolean): Promise<LightModel> {
  const cacheFolder = join(dirname(model), hasCache ? "with" : "without");
  const runtime = createRuntime({ cacheFolder, ...(hasCache ? {} : { cache: "off" }) });
  const opened = async (): Promise<LoadedSheet> => {
    const loaded = await loadSheet({ model, runtime });
    if (!loaded.ok) throw new Error(loaded.problem ?? "the model was refused");
    await loaded.sheet.settled();
    return loaded;
  };
  const kept = await opened();
  return {
    open: async () => (await opened()).dispose(),
    edit(block, value) {
      const set = kept.sheet.set(`${block}.x0`, String(value));
      if (!set.ok) throw new Error("the edit was refused");
      return kept.sheet.get(`${block}.f99`) as number;
    },
    async close() {
      kept.dispose();
      await runtime.close();
    },
  };
}
