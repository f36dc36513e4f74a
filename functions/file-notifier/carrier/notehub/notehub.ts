import * as v from "valibot";
import { ANNOUNCEMENT_NOTEFILE } from "../../../../protocol/notefiles.ts";
import { withoutPayload } from "../../../../protocol/representation.ts";
import { parseTarget } from "../../../../protocol/target.ts";
import { formatPayload, type Notice } from "../../announce/notice.ts";
import { RetryLater } from "../../outcome/retry-later.ts";
import { Undeliverable } from "../../outcome/undeliverable.ts";
import type { Carrier, Report } from "../../ports.ts";
import type { HttpExchange } from "./http-exchange.ts";
import { isUnauthorized, readReply } from "./notehub-reply.ts";
import type { NotehubTokens } from "./notehub-tokens.ts";
import { isAmong } from "./pending-notes.ts";

/** Half of Notehub's largest page, so that one stays below what is read of a reply. Each page is a request, and Notehub allows a few in a minute. */
const PAGE_SIZE = 5_000;

/** More than Notehub lets a project have, and what a notifier of 1 GB holds with ease; beyond, it is no list of devices. */
const MAX_MEMBERS = 100_000;
const MAX_PAGES = 200;

const QueuedNotes = v.object({
  notes: v.nullish(v.record(v.string(), v.object({ body: v.unknown() })), {}),
});
const DevicesPage = v.object({
  devices: v.nullish(v.array(v.object({ uid: v.string() })), []),
  has_more: v.optional(v.boolean(), false),
});

/** Here a list that is lacking is no empty one. */
const FoundDevices = v.object({ ...DevicesPage.entries, devices: v.nullable(v.array(v.unknown())) });

/** Reaches devices by Notes, over the Notehub API, version 1. https://dev.blues.io/api-reference/notehub-api/ */
export function createNotehubCarrier({
  exchange,
  url,
  projectUid,
  tokens,
  report,
  now,
  pageSize = PAGE_SIZE,
}: {
  exchange: HttpExchange;
  /** Origin, without a trailing slash. */
  url: string;
  projectUid: string;
  tokens: NotehubTokens;
  report: Report;
  now: () => number;
  pageSize?: number | undefined;
}): Carrier {
  let refusalTold = false;
  return {
    async announce(deviceUid, notice, signal) {
      const { announcement, payload } = notice;
      try {
        await post(deviceUid, notice, signal);
      } catch (error) {
        if (payload === undefined || "gone" in announcement || !(error instanceof Undeliverable)) throw error;
        // Nobody documents what Notehub takes as the payload of such a Note. [NF-10.4]
        await post(deviceUid, withoutPayload({ announcement, payload }), signal);
        if (!refusalTold)
          report({ message: "payload-refused", key: announcement.name, detail: error.message });
        refusalTold = true;
      }
    },

    async isPending(deviceUid, announcement, signal) {
      const reply = await call("GET", `${notesPath(deviceUid)}?max=1000`, signal).catch((error: unknown) => {
        if (error instanceof Undeliverable) return {}; // no such notefile yet; if there is no such device, the POST will say so
        throw error;
      });
      const { notes } = read(QueuedNotes, reply);
      return isAmong(
        Object.values(notes ?? {}).map(({ body }) => body),
        announcement,
      );
    },

    async isKnown(deviceUid, signal) {
      // A 404 may be of the project, or of a path: no document says what it means. An empty list does.
      const query = `devices?deviceUID=${encodeURIComponent(deviceUid)}`;
      const { devices, has_more } = read(FoundDevices, await call("GET", query, signal));
      return has_more || (devices ?? []).length > 0;
    },

    async members(fleetUid, signal) {
      const uids = new Set<string>();
      for (let pageNum = 1; ; pageNum += 1) {
        const path = `fleets/${pathSegment(fleetUid)}/devices?pageSize=${pageSize}&pageNum=${pageNum}`;
        const page = read(DevicesPage, await call("GET", path, signal));
        const known = uids.size;
        for (const { uid } of page.devices ?? []) if (parseTarget(uid)?.kind === "device") uids.add(uid);
        if (uids.size > MAX_MEMBERS || (page.has_more && pageNum >= MAX_PAGES)) {
          throw new Undeliverable(
            `Notehub lists more devices of ${fleetUid} than are believed (${uids.size} after ${pageNum} pages)`,
          );
        }
        if (!page.has_more) return [...uids];
        if (uids.size === known) throw unreadable("Notehub's list of devices does not end"); // would loop for ever
      }
    },
  };

  async function post(deviceUid: string, { announcement, payload }: Notice, signal: AbortSignal) {
    const note = { body: announcement, payload: formatPayload(payload) };
    await call("POST", notesPath(deviceUid), signal, note);
  }

  function notesPath(deviceUid: string): string {
    return `devices/${pathSegment(deviceUid)}/notes/${ANNOUNCEMENT_NOTEFILE}`;
  }

  /** A refused token is replaced once: the secret may have been rotated since it was read. [NF-8.5] */
  async function call(method: string, path: string, signal: AbortSignal, body?: unknown) {
    const refused = await tokens.current(signal);
    const reply = await send(refused, method, path, signal, body);
    if (!isUnauthorized(reply)) return readReply(reply, now());
    tokens.refuse(refused);
    const token = await tokens.current(signal);
    const second = await send(token, method, path, signal, body);
    if (isUnauthorized(second)) tokens.refuse(token);
    return readReply(second, now());
  }

  async function send(token: string, method: string, path: string, signal: AbortSignal, body: unknown) {
    const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
    const init =
      body === undefined
        ? { method, headers }
        : {
            method,
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify(body),
          };
    const reply = await exchange(`${url}/v1/projects/${pathSegment(projectUid)}/${path}`, init, signal);
    return { ...reply, text: reply.text.replaceAll(token, "…") }; // an echo of it would end up in the log
  }
}

/** A path may hold a colon (RFC 3986 §3.3), and UIDs are easier to find in a log with theirs. */
function pathSegment(uid: string): string {
  return encodeURIComponent(uid).replaceAll("%3A", ":");
}

function read<T extends v.GenericSchema>(schema: T, reply: unknown): v.InferOutput<T> {
  const parsed = v.safeParse(schema, reply);
  if (parsed.success) return parsed.output;
  throw unreadable("Notehub's reply lacks a member");
}

function unreadable(sentence: string): RetryLater {
  return new RetryLater("notehub-unreadable", sentence, { fate: "unsent" });
}
