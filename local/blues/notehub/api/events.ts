import { type Handler, page, pageOf } from "./call.ts";

/** GetEvents: the Notes that devices sent. Sorted by arrival, whatever `sortBy` says. */
export const listEvents: Handler = (call) => {
  const { hub, query } = call;
  const { offset, limit } = pageOf(call);
  const descending = query.get("sortOrder") === "desc";
  const notefiles = (query.get("files") ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const found = hub.events.list(
    { offset, limit, descending },
    { devices: query.getAll("deviceUID"), notefiles },
  );
  const { items, has_more } = page(found, { offset: 0, limit });
  const { projectUid, productUid } = hub.options;
  return {
    json: {
      events: items.map((event) => ({ ...event, app: projectUid, product: productUid, req: "note.add" })),
      has_more,
      ...(items.length === 0 ? {} : { through: items.at(-1)?.event }),
    },
  };
};
