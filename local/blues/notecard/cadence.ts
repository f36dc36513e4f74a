/** Minutes between syncs of either kind; 0 for none. */
export type CadenceMinutes = { inbound: number; outbound: number };

/** Syncs every so many minutes. It runs on real time: a virtual clock that jumps would sync without end. */
export function createCadence(sync: (direction: keyof CadenceMinutes) => void) {
  let timers: NodeJS.Timeout[] = [];
  const every = (minutes: number, direction: keyof CadenceMinutes) =>
    minutes > 0 ? [setInterval(() => sync(direction), minutes * 60_000).unref()] : [];
  const stop = () => {
    for (const timer of timers) clearInterval(timer);
    timers = [];
  };
  return {
    set({ inbound, outbound }: CadenceMinutes) {
      stop();
      timers = [...every(inbound, "inbound"), ...every(outbound, "outbound")];
    },
    stop,
  };
}
