import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import { bodyOf, deviceOf, type Handler } from "./call.ts";

const input = v.object({ body: jsonObject });

/** SignalDevice: reaches a connected device only, and is not kept for another. */
export const signalDevice: Handler = (call) => {
  const { signals } = deviceOf(call);
  const { body } = bodyOf(call, input);
  const taken = [...signals].map((deliver) => deliver(body));
  return { json: { connected: taken.includes(true) } };
};
