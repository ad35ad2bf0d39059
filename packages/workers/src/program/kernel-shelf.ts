/**
 * The kernels that a thread has, by the numbers that the executor gave them. The executor says what to keep and what to
 * forget, so both sides agree on what is there.
 *
 * A program is imported once, and a kernel made when a task needs it. A kernel whose program does not load, or that it
 * cannot make, is remembered as such: every task of it fails with the same words.
 */
import type { Kernel } from "@reckon/engine";
import type { KernelNotice } from "../protocol.ts";
import { thrownMessage } from "./thrown-message.ts";

type KernelMaker = (payload: unknown) => unknown;

interface Place {
  notice: KernelNotice | undefined;
  made: Kernel | Promise<Kernel> | undefined;
  problem: string | undefined;
}

export class KernelShelf {
  private readonly places = new Map<number, Place>();
  private readonly makers = new Map<string, KernelMaker | Promise<KernelMaker>>();

  put(notice: KernelNotice): void {
    this.places.set(notice.number, { notice, made: undefined, problem: undefined });
  }

  forget(number: number): void {
    this.places.delete(number);
  }

  /** The kernel, a promise while it is on its way, `undefined` if it has to be made. Throws if it cannot be made. */
  find(number: number): Kernel | Promise<Kernel> | undefined {
    const place = this.places.get(number);
    if (place?.problem !== undefined) throw new Error(place.problem);
    return place?.made;
  }

  /** Makes a kernel; a promise where it takes its time, which rejects if it cannot be made. */
  make(number: number): Kernel | Promise<Kernel> {
    const place = this.places.get(number);
    if (place?.notice === undefined) throw new Error(`there is no kernel ${number} on this thread`);
    const { program, payload } = place.notice;
    place.notice = undefined;
    try {
      const maker = this.makers.get(program) ?? this.load(program);
      const made = typeof maker === "function" ? maker(payload) : maker.then((loaded) => loaded(payload));
      place.made = isThenable(made) ? this.awaited(place, made, program) : checkedKernel(made, program);
      return place.made;
    } catch (error) {
      place.problem = thrownMessage(error);
      throw error;
    }
  }

  private awaited(place: Place, making: PromiseLike<unknown>, program: string): Promise<Kernel> {
    const kernel = Promise.resolve(making).then((made) => {
      const checked = checkedKernel(made, program);
      place.made = checked;
      return checked;
    });
    kernel.catch((error: unknown) => {
      place.problem = thrownMessage(error);
    });
    return kernel;
  }

  private load(program: string): Promise<KernelMaker> {
    const loading = import(program).then((loaded: { readonly kernelOf?: unknown }) => {
      if (typeof loaded.kernelOf !== "function")
        throw new Error(`${program} exports no function \`kernelOf\``);
      const maker = loaded.kernelOf as KernelMaker;
      this.makers.set(program, maker);
      return maker;
    });
    this.makers.set(program, loading);
    return loading;
  }
}

function checkedKernel(made: unknown, program: string): Kernel {
  if (typeof (made as Kernel | undefined)?.compute === "function") return made as Kernel;
  throw new Error(`${program} made something that is no kernel`);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
