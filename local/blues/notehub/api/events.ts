import { eventJson } from "../event-json.ts";
import type { EventFilter } from "../store/event-store.ts";
import { ApiError } from "./api-error.ts";
import { type Call, datesOf, fleetOf, type Handler, integer, membersOf, page, pageOf } from "./call.ts";

/** GetEvents: the Notes that devices sent. Sorted by arrival, whatever `sortBy` says. */
export const listEvents: Handler = (call) => paged(call, filterOf(call));

/** GetFleetEvents: those of the devices that are in the fleet now. */
export const listFleetEvents: Handler = (call) => paged(call, fleetFilterOf(call, fleetOf(call).uid));

/** GetEventsByCursor. */
export const listEventsByCursor: Handler = (call) => {
  const fleet = call.query.get("fleetUID");
  return byCursor(call, fleet === null ? filterOf(call) : fleetFilterOf(call, fleet));
};

/** GetFleetEventsByCursor. */
export const listFleetEventsByCursor: Handler = (call) =>
  byCursor(call, fleetFilterOf(call, fleetOf(call).uid));

function paged(call: Call, filter: EventFilter) {
  const { offset, limit } = pageOf(call);
  const found = call.hub.events.list({ offset, limit, descending: descending(call) }, filter);
  const { items, has_more } = page(found, { offset: 0, limit });
  return {
    json: {
      events: items.map((event) => eventJson(call.hub.options, event)),
      has_more,
      ...(items.length === 0 ? {} : { through: items.at(-1)?.event }),
    },
  };
}

/** The cursor is the UID of the event that a page begins with; after the last page it is empty. */
function byCursor(call: Call, filter: EventFilter) {
  const limit = integer(call.query, "limit", 50, 10_000);
  const start = call.query.get("cursor") ?? "";
  if (start !== "" && !call.hub.events.has(start)) throw new ApiError(400, "cursor is of no event {syntax}");
  const found = call.hub.events.list({ offset: 0, limit, descending: descending(call), start }, filter);
  const { items, has_more } = page(found, { offset: 0, limit });
  const events = items.map((event) => eventJson(call.hub.options, event));
  return { json: { events, has_more, next_cursor: found[limit]?.event ?? "" } };
}

const descending = ({ query }: Call) => query.get("sortOrder") === "desc";

function filterOf(call: Call): EventFilter {
  const devices = [...call.query.getAll("deviceUID"), ...call.query.getAll("deviceUIDs")];
  const notefiles = (call.query.get("files") ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return {
    devices: devices.length === 0 ? undefined : devices,
    notefiles: notefiles.length === 0 ? undefined : notefiles,
    ...datesOf(call),
  };
}

function fleetFilterOf(call: Call, fleetUid: string): EventFilter {
  const filter = filterOf(call);
  const members = membersOf(call, fleetUid).map(({ deviceUid }) => deviceUid);
  return { ...filter, devices: members.filter((uid) => filter.devices?.includes(uid) ?? true) };
}
