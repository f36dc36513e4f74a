import type { NotehubOptions } from "./options.ts";
import type { HubEvent } from "./store/event-store.ts";

/** An event as Notehub shows it, and as it goes out by a route: `Event` of its OpenAPI document. */
export function eventJson({ projectUid, productUid }: NotehubOptions, event: HubEvent) {
  return { ...event, app: projectUid, product: productUid, req: "note.add" };
}
