/**
 * A process that conducts a batch over a cluster, started by tests: `node cluster-conductor.ts '{ "model": "…", … }'`. It prints how
 * many entities have ended, a line each time that is told, and ends by itself.
 */
import { type ClusterBatch, startClusterBatch } from "./batch-over-cluster.ts";

const request = JSON.parse(process.argv[2] ?? "{}") as ClusterBatch;
const batch = await startClusterBatch(request, (event) => {
  if (event.kind === "progress") process.stdout.write(`${event.progress.succeeded}\n`);
});
await batch.summary;
await batch.close();
