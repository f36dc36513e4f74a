import * as v from "valibot";
import { ANNOUNCEMENT_NOTEFILE } from "../../../../protocol/notefiles.ts";
import { withoutPayload } from "../../../../protocol/representation.ts";
import { parseTarget } from "../../../../protocol/target.ts";
import { formatPayload, type Notice } from "../../announce/notice.ts";
import { RetryLater } from "../../outcome/retry-later.ts";
import { Undeliverable } from "../../outcome/undeliverable.ts";
import type { Carrier, Report } from "../../ports.ts";
import { type CallNotehub, pathSegment } from "./call-notehub.ts";
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

/** Reaches devices by Notes, over the Notehub API. */
export function createNotehubCarrier({
  call,
  report,
  pageSize = PAGE_SIZE,
}: {
  call: CallNotehub;
  report: Report;
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
}

function read<T extends v.GenericSchema>(schema: T, reply: unknown): v.InferOutput<T> {
  const parsed = v.safeParse(schema, reply);
  if (parsed.success) return parsed.output;
  throw unreadable("Notehub's reply lacks a member");
}

function unreadable(sentence: string): RetryLater {
  return new RetryLater("notehub-unreadable", sentence, { fate: "unsent" });
}
