/** A worker of the cluster in a process of its own: `node batch-worker.ts <queue> <threads>`. Says `ready` once, and ends with its input. */
import { systemClock } from "@reckon/batch";
import { startWorker } from "@reckon/cluster";

const [url = "", threads = "1"] = process.argv.slice(2);
const worker = await startWorker({
  url,
  trustedKeys: [],
  allowUnsigned: true,
  threads: Number(threads),
  cache: "off",
  clock: systemClock,
});
process.stdout.write("ready\n");
process.stdin.resume().on("end", () => {
  void worker.stop(0).then(() => process.exit(0));
});
