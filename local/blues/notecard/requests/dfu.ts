import * as v from "valibot";
import { jsonObject } from "../../note/json-object.ts";
import { CardError } from "../card-error.ts";
import type { SettingStore } from "../flash/setting-store.ts";
import { defineRequest, flag, integer, text } from "../request.ts";

const stateSchema = v.object({ off: v.boolean(), error: v.optional(v.string()) });

/** There is never an image: `idle`, or the error that a host has set. */
export const dfuStatus = defineRequest(
  {
    name: v.optional(v.picklist(["user", "card"]), "user"),
    ...{ on: flag, off: flag, stop: flag, err: text, status: text, vvalue: text },
    version: v.optional(v.union([v.string(), jsonObject])),
  },
  ({ name, on, off, stop, err }, { flash: { settings } }) => {
    const before = readState(settings);
    const state = {
      off: (before.off || off) && !on,
      ...(stop ? { error: err } : { error: before.error }),
    };
    settings.set("dfu", state);
    const enabled = state.off ? { on: false, off: true } : { on: true };
    if (name === "user" && state.error !== undefined) {
      return { json: { mode: "error", status: state.error, ...enabled } };
    }
    return { json: { mode: "idle", status: "no download in progress", ...enabled } };
  },
);

/** Without a length it only tells whether the Notecard is in the mode `dfu`. */
export const dfuGet = defineRequest({ offset: integer, length: integer, binary: flag }, (fields, { hub }) => {
  if (hub.read().mode !== "dfu") throw new CardError("the Notecard is not in DFU mode (hub.set) {hub-mode}");
  if ((fields.length ?? 0) > 0) throw new CardError("no firmware image is available {dfu-not-ready}");
  return { json: {} };
});

function readState(settings: SettingStore): v.InferOutput<typeof stateSchema> {
  const stored = v.safeParse(stateSchema, settings.get("dfu"));
  return stored.success ? stored.output : { off: false };
}
