/** Tells each kind of trouble of a tier once. */
import type { CacheNotice } from "./api.ts";

export class Notices {
  private readonly told = new Set<string>();
  private readonly onNotice: ((notice: CacheNotice) => void) | undefined;

  constructor(onNotice: ((notice: CacheNotice) => void) | undefined) {
    this.onNotice = onNotice;
  }

  tell(notice: CacheNotice): void {
    const kind = `${notice.tier} ${notice.code}`;
    if (this.told.has(kind)) return;
    this.told.add(kind);
    try {
      this.onNotice?.(notice);
    } catch {
      // A host that cannot show it is no reason to stop calculating.
      this.told.add(kind);
    }
  }
}
