import type { SecretPair } from "../../../protocol/secret-pair.ts";
import { SecretRevoked } from "./secret-revoked.ts";

const CACHE_MS = 5 * 60 * 1000;
/** Between two reads that something unknown causes, so that guessing costs us nothing. [NF-7.3] */
const REREAD_MS = 30 * 1000;
/** Before the next read while none has succeeded: doubled each time up to `REREAD_MS`, so that one hiccup costs a device little. */
const FIRST_PAUSE_MS = 250;
/** How long a secret is good that cannot be read again: a leaked one must not outlive its owner's change by more. [NF-7.4] */
const STALE_MAX_MS = 60 * 60 * 1000;

export type ReadSecret = () => Promise<SecretPair>;

/** A secret as it was read last. */
export type KeptSecret = {
  /**
   * Whether it meets a test: what was read last, or what is read now where that does not and there was no read just now.
   *
   * @throws {Error} what the read threw, if no secret is known at all.
   */
  meets(test: (secret: SecretPair) => boolean): Promise<boolean>;
  /** Whether its current half could be read and is empty: nobody can present it. */
  isUnusable(): boolean;
};

/**
 * Keeps a secret for five minutes; concurrent requests share one read.
 * A read that fails leaves what is known so far in force for an hour: a fault of the secret store must not cut devices off at
 * once. One that says that there is no secret any more ends it at once.
 *
 * @param now A clock in milliseconds.
 */
export function createKeptSecret(options: {
  read: ReadSecret;
  now: () => number;
  onStale: (cause: unknown) => void;
}): KeptSecret {
  let known: { secret: SecretPair; readAt: number } | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let failed: unknown;
  let reading: Promise<SecretPair> | undefined;

  function refresh(): Promise<SecretPair> {
    reading ??= readOnce().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readOnce(): Promise<SecretPair> {
    const pause = Math.min(REREAD_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
    if (known === undefined && failures > 0 && options.now() - triedAt < pause) throw failed;
    triedAt = options.now();
    try {
      const secret = await options.read();
      known = { secret, readAt: options.now() };
      freshUntil = options.now() + CACHE_MS;
      failures = 0;
      return secret;
    } catch (cause) {
      failures += 1;
      failed = cause;
      const tooOld = known !== undefined && options.now() - known.readAt > STALE_MAX_MS;
      if (known === undefined || tooOld || cause instanceof SecretRevoked) {
        known = undefined;
        throw cause;
      }
      options.onStale(cause);
      freshUntil = options.now() + REREAD_MS;
      return known.secret;
    }
  }

  return {
    async meets(test) {
      const secret = known !== undefined && options.now() < freshUntil ? known.secret : await refresh();
      if (test(secret)) return true;
      const mayReread = reading !== undefined || options.now() - triedAt >= REREAD_MS;
      return mayReread && test(await refresh());
    },
    isUnusable: () => known?.secret.current === "",
  };
}
