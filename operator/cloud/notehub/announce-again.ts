import type { Announcement } from "../../../protocol/announcement.ts";
import { ANNOUNCEMENT_MAX_BYTES } from "../../../protocol/limits.ts";
import { ANNOUNCEMENT_NOTEFILE } from "../../../protocol/notefiles.ts";
import { OperatorError } from "../operator-error.ts";
import { ofThe } from "./not-there.ts";
import type { NotehubApi } from "./notehub-api.ts";

/**
 * The announcement that asks a device to do a version once more, with what there is of it compressed while that fits. [NF-2.7] [NF-10.4]
 *
 * @param now seconds since the epoch: higher than in any request before
 * @throws {OperatorError} `usage` if a Note cannot carry it.
 */
export function askAgain({ name, size, sha256, etag, seq, z }: Announcement, now: number): Announcement {
  const again = Math.floor(now);
  const forms = [
    ...(seq === undefined || z === undefined ? [] : [{ name, size, sha256, etag, seq, again, z }]),
    { name, size, sha256, etag, seq, again },
    { name, size, sha256, etag, again },
  ];
  const fits = forms.find((form) => Buffer.byteLength(JSON.stringify(form)) <= ANNOUNCEMENT_MAX_BYTES);
  if (fits !== undefined) return fits;
  throw new OperatorError("usage", `${name} is too long a key to be asked for again: upload it once more`);
}

/** Queues a Note for a device. @throws {OperatorError} `not-found` if the project has no such device */
export async function announceTo(api: NotehubApi, device: string, announcement: Announcement): Promise<void> {
  const path = `/devices/${encodeURIComponent(device)}/notes/${ANNOUNCEMENT_NOTEFILE}`;
  await ofThe("device", device, api, () => api.call("POST", path, { body: announcement }));
}
