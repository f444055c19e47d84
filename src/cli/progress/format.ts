const COUNT_UNITS = ['', ' k', ' M', ' G', ' T'];
const BYTE_UNITS = [' B', ' KiB', ' MiB', ' GiB', ' TiB', ' PiB'];

/** A count in at most seven characters: `999`, `12.3 k`, `1.23 M`. */
export function formatCount(count: number): string {
  return scaled(Math.round(count), 1000, COUNT_UNITS);
}

/** A number of bytes: `512 B`, `1.50 MiB`. */
export function formatBytes(bytes: number): string {
  return scaled(Math.round(bytes), 1024, BYTE_UNITS);
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let rest = value;
  let unit = 0;
  // 999.6 would be printed as 1000.
  while (rest >= base - 0.5 && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  const digits = unit === 0 ? 0 : rest < 9.995 ? 2 : rest < 99.95 ? 1 : 0;
  return `${rest.toFixed(digits)}${units[unit]}`;
}

/** A span of time on a clock: `0:07`, `12:34`, `1:02:03`. */
export function formatClock(millis: number): string {
  const seconds = Math.floor(millis / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A span of time in words: `340 ms`, `2.5 s`, `3 min 12 s`. */
export function formatMillis(millis: number): string {
  if (millis < 999.5) return `${Math.round(millis)} ms`;
  if (millis < 59_950) return `${(millis / 1000).toFixed(1)} s`;
  const seconds = Math.round(millis / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}
