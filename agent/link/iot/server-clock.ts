/** The time by the other side's word, counted on from there. */
export type ServerClock = {
  /** @param seconds since the epoch, as it just said */
  hear(seconds: number | undefined): void;
  now(): number | undefined;
};

export function createServerClock(monotonic: () => number = () => performance.now()): ServerClock {
  let said: { seconds: number; at: number } | undefined;
  return {
    hear(seconds) {
      if (seconds !== undefined && seconds >= (said?.seconds ?? 0)) said = { seconds, at: monotonic() };
    },
    now: () => said && Math.floor(said.seconds + (monotonic() - said.at) / 1000),
  };
}
