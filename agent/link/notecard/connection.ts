import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import type { Notecard } from "../../notecard/notecard.ts";
import { NotecardError } from "../../notecard/notecard-error.ts";
import { FetchFailed } from "../fetch-failed.ts";

/**
 * Seconds for which a periodic Notecard is asked to stay connected, and seconds after which it is asked again. If the agent dies,
 * the radio stays on for the former; the difference is time for one slow fetch.
 */
const RAISE_SECONDS = 300;
const RENEW_SECONDS = 60;

/**
 * Seconds for which a Notecard that did not connect in time may go on trying: the delivery is begun again before they are over,
 * and a device out of coverage does not pay for long each time.
 */
const AFTERMATH_SECONDS = 300;

const HubGet = v.looseObject({ mode: v.optional(v.string(), "") });
const HubStatus = v.looseObject({
  connected: v.optional(v.boolean(), false),
  status: v.optional(v.string(), ""),
});

export type ConnectionOptions = {
  /** Milliseconds between two looks at the connection. */
  pollMs: number;
  /** Milliseconds that a Notecard may take to connect: on cellular often one minute, now and then several. */
  connectMs: number;
};

export type Connection = {
  /**
   * Returns once a web request can be made, or at once where the user's sync mode never allows one.
   *
   * @param waiting told once if there is no connection yet, with what the Notecard says about it
   * @throws {FetchFailed} `offline` if it does not connect in time; the signal's reason.
   */
  raise(signal: AbortSignal, waiting: (detail: string) => void): Promise<void>;
  /** To be called during a delivery that lasts. */
  stayRaised(): Promise<void>;
  lower(): Promise<void>;
  /** True if the Notecard has a session anyway, so that a Note can leave at once without costing a new one. */
  hasSession(): Promise<boolean>;
};

/**
 * Lets a Notecard make web requests whatever its user's sync mode is, without changing that mode: a periodic one is
 * switched to continuous for a while.
 * https://dev.blues.io/notecard/notecard-walkthrough/web-transactions/
 *
 * @param now milliseconds, monotonic
 */
export function createConnection(
  notecard: Notecard,
  { pollMs, connectMs }: ConnectionOptions,
  now: () => number = () => performance.now(),
): Connection {
  let raisedAt: number | undefined;

  async function mode(): Promise<string> {
    const parsed = v.safeParse(HubGet, await notecard.request({ req: "hub.get" }));
    return parsed.success ? parsed.output.mode : "";
  }

  async function switchOn(): Promise<void> {
    await notecard.request({ req: "hub.set", on: true, seconds: RAISE_SECONDS });
    raisedAt = now();
  }

  async function stayRaised(): Promise<void> {
    if (raisedAt !== undefined && now() - raisedAt > RENEW_SECONDS * 1000) await switchOn();
  }

  /** Not `off`, which would end an attempt that may yet succeed. */
  async function leaveOn(): Promise<void> {
    if (raisedAt === undefined) return;
    raisedAt = undefined;
    await notecard.request({ req: "hub.set", on: true, seconds: AFTERMATH_SECONDS });
  }

  async function untilConnected(signal: AbortSignal, waiting: (detail: string) => void): Promise<void> {
    const deadline = now() + connectMs;
    for (let told = false; ; told = true) {
      const { connected, detail } = await readHubStatus(notecard);
      if (connected) return;
      if (!told) waiting(detail);
      if (now() >= deadline) {
        await leaveOn();
        throw new FetchFailed("offline", `no connection within ${connectMs / 1000} s: ${detail}`);
      }
      await stayRaised();
      await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }

  return {
    async raise(signal, waiting) {
      signal.throwIfAborted();
      const current = await mode();
      if (current === "periodic") await switchOn();
      if (current === "periodic" || current === "continuous") await untilConnected(signal, waiting);
    },
    stayRaised,
    async lower() {
      if (raisedAt === undefined) return;
      raisedAt = undefined;
      await notecard.request({ req: "hub.set", off: true });
    },
    async hasSession() {
      return raisedAt !== undefined || (await mode()) === "continuous";
    },
  };
}

/** Whether the Notecard has a session with Notehub, and what it says about it. */
export async function readHubStatus(notecard: Notecard): Promise<{ connected: boolean; detail: string }> {
  try {
    return readStatus(await notecard.request({ req: "hub.status" }));
  } catch (error) {
    if (!(error instanceof NotecardError)) throw error;
    // A Notecard that cannot tell is asked for the file all the same.
    if (error.has("not-supported")) return { connected: true, detail: "" };
    // A Notecard tells trouble on the way to a connection as `err`, beside the members of an answer.
    return { ...readStatus(error.reply), detail: error.message };
  }
}

function readStatus(reply: unknown): { connected: boolean; detail: string } {
  const parsed = v.safeParse(HubStatus, reply);
  if (!parsed.success) return { connected: false, detail: "an answer without sense" };
  const { connected, status } = parsed.output;
  return { connected, detail: status === "" ? "not connected" : status };
}
