import { createLocalJobEngine, createSimulatedClock } from "@reckon/batch";
import { jobEngineContract } from "./job-engine-contract.ts";

jobEngineContract(
  "[BA28] the one in this process",
  async () => {
    const clock = createSimulatedClock();
    const jobs = createLocalJobEngine({ clock, lostMax: 3 });
    return {
      connect: async () => jobs,
      wait: (ms) => clock.advance(ms),
      now: () => clock.now(),
      lostMax: 3,
      close: () => jobs.close(),
    };
  },
  {
    capabilities: {
      priority: true,
      delay: true,
      deduplicate: true,
      rateLimit: true,
      cancelActive: true,
      survivesRestart: false,
      isRemote: false,
    },
  },
);
