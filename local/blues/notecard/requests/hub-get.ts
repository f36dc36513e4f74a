import { defineRequest } from "../request.ts";

export const hubGet = defineRequest({}, (_fields, { hub, session }) => {
  const { mode, product, host, sn, inbound, outbound, sync, vinbound, voutbound } = hub.read();
  return {
    json: {
      ...{ device: session.deviceUid, product, mode, outbound, inbound, host },
      ...(sn === "" ? {} : { sn }),
      ...(sync ? { sync } : {}),
      ...(vinbound === "" ? {} : { vinbound }),
      ...(voutbound === "" ? {} : { voutbound }),
    },
  };
});
