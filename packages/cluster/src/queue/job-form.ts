/** What a job may be: a check for those who write conductors, as a job that is not so would fail far away. */
import { BatchError, type JobRequest } from "@reckon/batch";

const bodyBytesMax = 65_536;
const priorityMax = 2_000_000;
const idForm = /^(?=.*[^0-9])[A-Za-z0-9_-]{1,200}$/;

/** Throws `BatchError` at the first that is not so. */
export function checkRequests(jobs: readonly JobRequest[]): void {
  for (const { id, body, priority } of jobs) {
    if (!idForm.test(id)) {
      throw new BatchError(
        "misuse",
        `a job's id is made of letters, digits, - and _, not of digits alone: "${id}"`,
      );
    }
    if (body.byteLength > bodyBytesMax) {
      throw new BatchError(
        "misuse",
        `the body of job ${id} has ${body.byteLength} bytes, of at most ${bodyBytesMax}`,
      );
    }
    if (!Number.isInteger(priority) || priority < 0 || priority > priorityMax) {
      throw new BatchError(
        "misuse",
        `the priority of job ${id} is ${priority}, not from 0 to ${priorityMax}`,
      );
    }
  }
}
