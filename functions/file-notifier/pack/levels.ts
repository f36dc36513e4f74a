import { PACKED_WINDOW_LOG_MAX } from "../../../protocol/limits.ts";

const MIB = 1024 * 1024;

/** The least window that zstd knows. */
const WINDOW_LOG_MIN = 10;

/**
 * How hard to try for contents of up to so many bytes: what one device saves on the link costs more than all of the time, so that only
 * the time-out bounds it, which the slowest content must meet. Measured by `npm run bench:pack`, docs/adr/0010-what-is-packed-and-how-hard.md
 */
const LEVELS: readonly [maxBytes: number, level: number][] = [
  [8 * MIB, 19],
  [32 * MIB, 15],
];
const LEVEL_OF_THE_REST = 12;

/** For patches from other bases than the newest: nearly as short, in a tenth of the time. They never ride in a Note. */
export const OLDER_BASE_LEVEL = 12;

/** For a look. With a base, levels 1 and 2 find next to nothing of it. */
export const LOOK_LEVEL = 3;

export function levelOf(size: number): number {
  return LEVELS.find(([maxBytes]) => size <= maxBytes)?.[1] ?? LEVEL_OF_THE_REST;
}

/** Without a base: 8 MiB gained nothing over 4 MiB on 64 MiB of log lines, and take 4 MB more of the device. */
const PLAIN_WINDOW_LOG_MAX = 22;

/** The window in which all of a base can be referred to from all of a content, as far as readers hold one. [NF-10.3] */
export function windowLogOf(size: number, baseBytes: number): number {
  const most = baseBytes > 0 ? PACKED_WINDOW_LOG_MAX : PLAIN_WINDOW_LOG_MAX;
  const needed = Math.ceil(Math.log2(Math.max(1, size + baseBytes)));
  return Math.min(most, Math.max(WINDOW_LOG_MIN, needed));
}
