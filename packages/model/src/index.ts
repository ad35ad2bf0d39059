export type * from "./api.ts";
export type * from "./declarations.ts";
