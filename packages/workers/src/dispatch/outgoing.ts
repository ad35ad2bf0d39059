/** Writes a job into the next frame of a thread, with the kernel if the thread does not have it. */

import { type Lanes, laneCellsMin } from "../codec/lanes.ts";
import type { Thread } from "../pool/thread.ts";
import { thrownMessage } from "../program/thrown-message.ts";
import type { Job } from "./job.ts";
import type { WorkRecord } from "./work-records.ts";

/** How many kernels a thread keeps. */
const kernelsMax = 4096;

/** Answers of short tasks wait for each other; those that are there do not wait for longer ones. */
const shortMsMax = 1;

/** Throws what cannot be sent; then the job is not in the frame. */
export function outgoingOf(thread: Thread, job: Job, lanes: Lanes): void {
  const { task, request, record } = job;
  const item = { number: job.number, takesLong: job.estimateMs > shortMsMax };
  if (task !== null) {
    introduce(thread, record);
    const { outerFrom, outerTo, from, to } = task.box;
    const cells = (outerTo - outerFrom) * (to - from);
    job.result = cells < laneCellsMin ? null : lanes.blank(cells);
    job.lanes = thread.outgoing.putTask(item, record.number, task, job.result);
  } else if (request !== null) {
    const { name, args } = request;
    thread.outgoing.putCall(item, { module: record.address, name, args });
  }
}

function introduce(thread: Thread, record: WorkRecord): void {
  const { kernels } = thread;
  const { number, remote } = record;
  if (kernels.has(number)) {
    // The order matters only once something has to go.
    if (kernels.size * 2 <= kernelsMax) return;
    kernels.delete(number);
    kernels.set(number, true);
    return;
  }
  if (remote === null) return;
  const notice = { number, program: remote.program, payload: remote.payload };
  for (const [oldest] of kernels) {
    if (kernels.size < kernelsMax) break;
    kernels.delete(oldest);
    thread.outgoing.putForgotten(oldest);
  }
  kernels.set(number, true);
  thread.outgoing.putKernel(notice);
}

/** Whether structured cloning refuses what the job sends. */
export function unsendable({ request, record }: Job): boolean {
  try {
    structuredClone(request === null ? record.remote?.payload : request.args);
    return false;
  } catch (error) {
    return thrownMessage(error) !== undefined;
  }
}
