export type {
  CacheNotice,
  CacheStats,
  CacheStore,
  CacheSurvey,
  DiskOptions,
  LifetimeCounts,
  MemoryOptions,
  MemoStoreOptions,
  MissReason,
  MissRecord,
  NoticeCode,
  NotKeptReason,
  PlainSettings,
  SharedOptions,
  TierName,
  TierStats,
  VerifyCount,
} from "./api.ts";
export { CacheMisuse } from "./cache-misuse.ts";
export { createMemoStore } from "./memo-store.ts";
