export type { MemoStore } from "@reckon/engine";
