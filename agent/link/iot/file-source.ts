import { setTimeout as sleep } from "node:timers/promises";
import { formatCondition } from "../../../protocol/chunk-request.ts";
import { formatPacked } from "../../../protocol/packed.ts";
import { encodeKey } from "../../../protocol/query.ts";
import { formatPass } from "../../../protocol/signed-link.ts";
import { FetchFailed } from "../fetch-failed.ts";
import type { Fetchable } from "../link.ts";
import type { HttpReply, HttpsConnection } from "./https-connection.ts";
import { NoReply } from "./https-connection.ts";
import { troubleOf } from "./network-failure.ts";
import type { Pass, Passes } from "./passes.ts";
import { type AskedRange, lostTheRange, readRange } from "./read-range.ts";

/** Bytes beside those asked for that a body may have: an error has fewer, a page is read no further. */
const BODY_MARGIN_BYTES = 16 * 1024;

/** Milliseconds between two attempts to connect, doubling, with jitter. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Fetches by ranges over one kept connection, by passes. [NF-12.7] */
export type FileSource = {
  /** @throws {FetchFailed} or the signal's reason */
  fetch(what: Fetchable, offset: number, signal: AbortSignal): Promise<Buffer>;
  /** Connects, for as long as `connectMs`. @throws {FetchFailed} or the signal's reason */
  connect(signal: AbortSignal, waiting: (detail: string) => void): Promise<void>;
};

export function createFileSource(
  connection: HttpsConnection,
  passes: Passes,
  { rangeBytes, connectMs }: { rangeBytes: number; connectMs: number },
): FileSource {
  let lastOrigin: string | undefined;
  /** Where something on the way drops the header, the query says the same. [NF-5.4] */
  let asksByQuery = false;

  function ask({ at }: Pass, path: string, range: AskedRange, signal: AbortSignal): Promise<HttpReply> {
    const last = range.first + range.length - 1;
    const [target, headers] = asksByQuery
      ? [`${path}&offset=${range.first}&max=${range.length}`, {}]
      : [path, { Range: `bytes=${range.first}-${last}` }];
    return connection.get(at, target, headers, range.length + BODY_MARGIN_BYTES, signal);
  }

  async function fetchBy(
    pass: Pass,
    what: Fetchable,
    range: AskedRange,
    signal: AbortSignal,
  ): Promise<Buffer> {
    lastOrigin = pass.at;
    const path = pathOf(what, pass);
    try {
      let reply = await ask(pass, path, range, signal);
      if (lostTheRange(reply) && !asksByQuery) {
        asksByQuery = true;
        reply = await ask(pass, path, range, signal);
        asksByQuery = reply.status === 206;
      }
      return readRange(reply, range);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof FetchFailed ? error : failureOf(error, pass.at);
    }
  }

  return {
    async fetch(what, offset, signal) {
      const range = { first: offset, length: Math.min(rangeBytes, what.size - offset), size: what.size };
      let pass = passes.for(what);
      if (pass === undefined)
        throw new FetchFailed("unauthorized", "no job has told yet where its target's files are");
      for (const tried = new Set<string>(); ; ) {
        tried.add(pass.for);
        try {
          return await fetchBy(pass, what, range, signal);
        } catch (error) {
          if (!(error instanceof FetchFailed && error.reason === "unauthorized")) throw error;
          passes.refuse(pass);
          const other = passes.for(what);
          if (other === undefined || tried.has(other.for)) throw error;
          pass = other;
        }
      }
    },
    async connect(signal, waiting) {
      signal.throwIfAborted();
      const origin = lastOrigin ?? passes.last()?.at;
      if (origin === undefined) return;
      const end = performance.now() + connectMs;
      for (let failures = 0; ; failures += 1) {
        try {
          return await connection.connect(origin, signal);
        } catch (error) {
          signal.throwIfAborted();
          const failure = failureOf(error, origin);
          const pause =
            Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + Math.random() / 2);
          if (failure.reason !== "offline" || performance.now() + pause > end) throw failure;
          if (failures === 0) waiting(failure.message);
          await sleep(pause, undefined, { signal }).catch(() => signal.throwIfAborted());
        }
      }
    },
  };
}

function pathOf(what: Fetchable, pass: Pass): string {
  if ("packed" in what) return `/packed/${formatPacked(what.packed)}?${formatPass(pass)}`;
  // A version is for ever that version: its etag would say nothing more.
  const { key, etag, version } = what;
  const condition = formatCondition(version === undefined ? { etag } : { version });
  return `/files/${encodeKey(key)}?${condition}&${formatPass(pass)}`;
}

/** What a connection that cannot be made, or broke without a byte, means. */
function failureOf(error: unknown, origin: string): FetchFailed {
  const cause = error instanceof NoReply ? error.cause : error;
  const { kind, sentence } = troubleOf(cause, new URL(origin).host);
  const isSilence = error instanceof NoReply && Object(cause).code === "ETIMEDOUT";
  const reason = isSilence ? "timeout" : kind === "network" || kind === "clock" ? "offline" : "route";
  return new FetchFailed(reason, sentence, { cause });
}
