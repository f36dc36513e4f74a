import { defineRequest } from "../request.ts";

export const cardStatus = defineRequest({}, (_fields, { connection, hub, started }) => {
  const { inbound, outbound } = hub.read();
  const connected = connection.connected();
  const synced = connection.state().completed !== undefined;
  return {
    json: {
      status: "{normal}",
      usb: true,
      storage: 1,
      time: started,
      cell: true,
      ...(connected ? { connected } : {}),
      ...(synced ? { sync: true } : {}),
      ...{ inbound, outbound },
    },
  };
});
