import type { Change } from "../../../agent/trial/put-in-place.ts";
import { announcementOf } from "./fake-card.ts";

/** A file of a unit; undefined for one that is to go. */
export function changeOf(name: string, content: string | undefined): Change {
  const bytes = Buffer.from(content ?? "");
  const whole = async function* () {
    yield bytes;
  };
  return {
    path: name,
    announcement: announcementOf(name, bytes),
    content: content === undefined ? undefined : whole,
  };
}
