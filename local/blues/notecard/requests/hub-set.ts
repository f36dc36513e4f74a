import * as v from "valibot";
import { CardError } from "../card-error.ts";
import { DEFAULT_HOST, type HubSettings, MODES } from "../hub-settings.ts";
import { countOrNone, defineRequest, flag, text } from "../request.ts";

/** Seconds that `on` lasts. */
const ON_SECONDS = 300;

const minutes = v.optional(v.pipe(v.number(), v.integer(), v.minValue(-1)));

export const hubSet = defineRequest(
  {
    mode: v.optional(v.picklist([...MODES, "dfu-completed", "-"])),
    product: text,
    host: text,
    sn: text,
    inbound: minutes,
    outbound: minutes,
    sync: v.optional(v.boolean()),
    vinbound: text,
    voutbound: text,
    on: flag,
    off: flag,
    seconds: countOrNone,
  },
  (fields, { hub, connection, session }) => {
    const { mode, on, off, seconds = ON_SECONDS, ...values } = fields;
    if (fields.product !== undefined && fields.product !== session.productUid) {
      throw new CardError(`product ${fields.product} does not exist {product-noexist}`);
    }
    const changes = { ...modeChange(mode, hub.read()), ...withDefaults(values) };
    if (Object.keys(changes).length > 0) {
      hub.write(changes);
      connection.configure();
    }
    if (off) connection.stayConnected(0);
    else if (on) connection.stayConnected(seconds);
    return { json: {} };
  },
);

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

type Mode = HubSettings["mode"];

function modeChange(
  mode: Mode | "dfu-completed" | "-" | undefined,
  current: HubSettings,
): Partial<HubSettings> {
  if (mode === undefined) return {};
  if (mode === "-") return { mode: "periodic" };
  if (mode === "dfu-completed") return { mode: current.modeBeforeDfu };
  return mode === "dfu" ? { mode, modeBeforeDfu: current.mode } : { mode, modeBeforeDfu: mode };
}

/** `-1` and `-` bring a value back to its default. */
function withDefaults(
  values: { [Key in keyof HubSettings]?: HubSettings[Key] | undefined },
): Partial<HubSettings> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  const real = given.map(([key, value]) => {
    if (value === -1) return [key, 0];
    if (value === "-") return [key, key === "host" ? DEFAULT_HOST : ""];
    return [key, value];
  });
  return Object.fromEntries(real);
}
