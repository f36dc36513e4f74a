import { setTimeout as sleep } from "node:timers/promises";
import type { Port } from "../host/loopback/listen-on-loopback.ts";
import { PortTaken } from "../host/loopback/port-taken.ts";

type Service = { readonly port: number; close(): Promise<void> };

/** A service that can be ended without a word, and started again where it was. */
export type Restartable<Running extends Service> = {
  readonly port: number;
  /** Undefined while it does not run. */
  current(): Running | undefined;
  /**
   * Two at once are one. Where it had ended and could not be started again, it is only started.
   *
   * @throws {PortTaken} if somebody else has its port by now and keeps it; or what else `start` throws. It does not run then.
   */
  restart(): Promise<void>;
  /** Ends it for good, and fails for no restart that failed. */
  close(): Promise<void>;
};

/** Milliseconds between two tries to have the port back. */
const TRY_AGAIN_MS = 100;

/**
 * @param patienceMs for which the port of one that was ended is waited for
 * @param log told why it does not run any more
 */
export async function restartable<Running extends Service>(options: {
  start(port: Port): Promise<Running>;
  port: Port;
  patienceMs: number;
  log: (line: string) => void;
}): Promise<Restartable<Running>> {
  const { start, patienceMs, log } = options;
  let running: Running | undefined = await start(options.port);
  const { port } = running;
  let restarting: Promise<void> | undefined;
  let closed = false;

  async function startAgain(): Promise<Running> {
    for (const until = performance.now() + patienceMs; ; await sleep(TRY_AGAIN_MS)) {
      try {
        return await start(port);
      } catch (error) {
        if (!(error instanceof PortTaken) || closed || performance.now() >= until) throw error;
      }
    }
  }

  async function restart(): Promise<void> {
    const before = running;
    running = undefined;
    await before?.close();
    try {
      running = await startAgain();
    } catch (error) {
      log(`it was ended, and does not start again: ${error instanceof Error ? error.message : error}`);
      throw error;
    }
  }

  return {
    port,
    current: () => running,
    restart() {
      restarting ??= restart().finally(() => {
        restarting = undefined;
      });
      return restarting;
    },
    async close() {
      closed = true;
      await restarting?.catch(() => undefined); // told to whoever asked for it
      await running?.close();
    },
  };
}
