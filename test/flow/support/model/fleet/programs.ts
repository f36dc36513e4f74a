import type { Programs } from "../../../../../agent/trial/programs.ts";

/** A program that ends at once, well if its files are good. @param runs looks at what is in its folder */
export function createModelPrograms(runs: () => Promise<boolean>): Programs {
  return {
    async run(_rule, _path, signal, starting) {
      signal.throwIfAborted();
      starting();
      return (await runs()) ? { ok: true } : { ok: false, reason: "exit 1", detail: "it does not run" };
    },
    start: async (_rule, _path, starting) => starting(),
    hold: () => undefined,
    release: () => undefined,
    missing: () => undefined,
    end: async () => undefined,
    stop: async () => undefined,
  };
}
