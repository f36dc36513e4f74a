/**
 * What crossed the link, in bytes. `up` and `down` are what is being carried: names, bodies, payloads, Notes.
 * `overhead` is an estimate of what the platform wraps around it, which nothing here could make smaller.
 */
export type LinkCount = { messages: number; up: number; down: number; overhead: number };

export type LinkCounters = {
  total: LinkCount;
  /** Since the last `mark`: the caller marks where a delivery begins. */
  delivery: LinkCount;
  /** The total by request, `sync` being what the Notecard does by itself. */
  byRequest: Record<string, LinkCount>;
};

/** TLS record and protocol message around what is carried: estimated, since Blues publishes none. */
const OVERHEAD_BYTES = 60;

export function createCounters() {
  const zero = (): LinkCount => ({ messages: 0, up: 0, down: 0, overhead: 0 });
  const total = zero();
  const byRequest: Record<string, LinkCount> = {};
  let delivery = zero();
  return {
    /** Counts a message, and returns its bytes with the overhead. */
    count(request: string, direction: "up" | "down", bytes: number): number {
      byRequest[request] ??= zero();
      for (const count of [total, delivery, byRequest[request]]) {
        count.messages += 1;
        count[direction] += bytes;
        count.overhead += OVERHEAD_BYTES;
      }
      return bytes + OVERHEAD_BYTES;
    },
    mark: () => {
      delivery = zero();
    },
    read: (): LinkCounters => structuredClone({ total, delivery, byRequest }),
  };
}
