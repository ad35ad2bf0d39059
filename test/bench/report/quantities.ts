/** Numbers as people read them: three digits, and the unit that fits. */

export function timeText(ms: number): string {
  // A difference may be below nothing.
  if (ms < 0) return `−${timeText(-ms)}`;
  if (ms < 0.001) return `${digits(ms * 1e6)} ns`;
  if (ms < 1) return `${digits(ms * 1000)} µs`;
  if (ms < 1000) return `${digits(ms)} ms`;
  return `${digits(ms / 1000)} s`;
}

export function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? "" : `${digits(ratio)}×`;
}

export function memoryText(mb: number | undefined): string {
  return mb === undefined ? "" : `${digits(Math.max(0, mb))} MB`;
}

export function countText(count: number): string {
  return count.toLocaleString("en");
}

export function percentText(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function digits(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  if (value >= 10) return value.toFixed(1);
  return value.toFixed(2);
}
