/**
 * What is known of each kernel and each module function: its number, what it costs, whether its address is good.
 *
 * Kernels of equal program and key are one. Numbers are never given twice, so a record may be forgotten at any time and
 * made again under another number.
 */
import type { Kernel, RemoteWork } from "@reckon/engine";
import type { CallRequest } from "../api.ts";
import { addressProblem } from "../pool/program-address.ts";

const recordsMax = 65_536;
const movedShare = 0.25;

export interface WorkRecord {
  readonly number: number;
  /** The program of a kernel, the module of a call. */
  readonly address: string;
  readonly remote: RemoteWork | null;
  readonly problem: string | undefined;
  /** A moving estimate of what one task takes, in ms; below 0: not known. */
  costMs: number;
}

export class WorkRecords {
  /** A moving estimate over all tasks, in ms; below 0: not known. */
  meanMs = -1;
  private readonly byKernel = new WeakMap<Kernel, WorkRecord>();
  private readonly byKey = new Map<string, Map<string, WorkRecord>>();
  private size = 0;
  private numbers = 0;

  /** The record of a kernel with `remote`. */
  ofKernel(kernel: Kernel): WorkRecord {
    const known = this.byKernel.get(kernel);
    if (known !== undefined) return known;
    const remote = kernel.remote as RemoteWork;
    const record = this.find(remote.program, `kernel ${remote.key}`, remote);
    this.byKernel.set(kernel, record);
    return record;
  }

  /** One function may stand for many: what its label tells apart has estimates of its own. */
  ofCall({ module, name, label }: CallRequest): WorkRecord {
    return this.find(module.href, `call ${name} ${label ?? ""}`, null);
  }

  /** A task of this work took so long. */
  measured(record: WorkRecord, ms: number): void {
    record.costMs = record.costMs < 0 ? ms : record.costMs + (ms - record.costMs) * movedShare;
    this.meanMs = this.meanMs < 0 ? ms : this.meanMs + (ms - this.meanMs) / 16;
  }

  private find(address: string, key: string, remote: RemoteWork | null): WorkRecord {
    let ofAddress = this.byKey.get(address);
    const known = ofAddress?.get(key);
    if (known !== undefined) return known;
    if (this.size >= recordsMax) {
      this.byKey.clear();
      this.size = 0;
      ofAddress = undefined;
    }
    if (ofAddress === undefined) {
      ofAddress = new Map();
      this.byKey.set(address, ofAddress);
    }
    const record = { number: ++this.numbers, address, remote, problem: addressProblem(address), costMs: -1 };
    ofAddress.set(key, record);
    this.size++;
    return record;
  }
}
