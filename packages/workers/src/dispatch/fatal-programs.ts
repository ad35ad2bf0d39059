/**
 * Programs and modules that end the thread that imports them. Each such end costs every task in hand a thread, so after the
 * second the rest of their tasks are answered at once. One that was ever imported is beyond suspicion.
 */
const endsMax = 2;
const addressesMax = 10_000;
const proven = -1;

export class FatalPrograms {
  private readonly ends = new Map<string, number>();

  /** A thread ended while it imported the address. */
  blame(address: string): void {
    const ends = this.ends.get(address) ?? 0;
    if (ends !== proven) this.ends.set(address, ends + 1);
  }

  /** Something that it made ran. */
  prove(address: string): void {
    if (this.ends.get(address) === proven) return;
    if (this.ends.size >= addressesMax) this.ends.clear();
    this.ends.set(address, proven);
  }

  has(address: string): boolean {
    return (this.ends.get(address) ?? 0) >= endsMax;
  }
}
