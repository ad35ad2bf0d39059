export type { Executor } from "@reckon/engine";
