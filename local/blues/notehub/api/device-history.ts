import { eventJson } from "../event-json.ts";
import { type Call, datesOf, deviceOf, type Handler, page, pageOf } from "./call.ts";

/** GetDeviceSessions, newest first. `firstSync` changes nothing: every session here is one that synced. */
export const listSessions: Handler = (call) => {
  const { deviceUid, fleetUids } = deviceOf(call);
  const { offset, limit } = pageOf(call);
  const found = call.hub.sessions.list(deviceUid, { offset, limit, ...datesOf(call) });
  const { items, has_more } = page(found, { offset: 0, limit });
  const sessions = items.map(({ uid, began, ended, events }) => ({
    session: uid,
    device: deviceUid,
    product: call.hub.options.productUid,
    fleets: fleetUids(),
    session_began: Math.floor(began),
    session_ended: Math.floor(ended),
    when: Math.floor(ended),
    events,
  }));
  return { json: { sessions, has_more } };
};

/** GetDeviceLatestEvents: of each notefile, and of the session. */
export const listLatestEvents: Handler = (call) => {
  const { deviceUid } = deviceOf(call);
  const latest = call.hub.events.latest(deviceUid).map((event) => eventJson(call.hub.options, event));
  return { json: { latest_events: [...sessionBegin(call, deviceUid), ...latest] } };
};

function sessionBegin({ hub }: Call, deviceUid: string) {
  const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const [session] = hub.sessions.list(deviceUid, { offset: 0, limit: 1, ...all });
  if (session === undefined) return [];
  const { projectUid, productUid } = hub.options;
  return [
    {
      ...{
        event: session.uid,
        session: session.uid,
        device: deviceUid,
        app: projectUid,
        product: productUid,
      },
      ...{
        req: "session.begin",
        file: "_session.qo",
        when: Math.floor(session.began),
        received: session.began,
      },
    },
  ];
}

/** GetDeviceHealthLog: nothing happens to a Notecard that is a stand-in. */
export const listHealthLog: Handler = (call) => {
  deviceOf(call);
  datesOf(call);
  return { json: { health_log: [] } };
};
