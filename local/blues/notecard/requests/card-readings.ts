import * as v from "valibot";
import { defineRequest, flag, integer, number, text } from "../request.ts";

/** A Notecard on a desk: powered by USB, and its GPS off. */
const VOLTS = 5.1;

/** `minutes` and `sync` are taken and nothing is logged: there is nothing to measure. */
export const cardTemp = defineRequest({ minutes: integer, status: text, stop: flag, sync: flag }, () => ({
  json: { value: 25, calibration: -3, usb: true, voltage: VOLTS },
}));

const MODE =
  /^(?:default|lipo|l91|alkaline|tad|lic|\?|(?:usb|high|normal|low|dead):\d+(?:\.\d+)?(?:;(?:usb|high|normal|low|dead):\d+(?:\.\d+)?)*)$/;

/** Thresholds are taken and change nothing: with USB power the mode is `usb`, whatever they are. */
export const cardVoltage = defineRequest(
  {
    mode: v.optional(v.pipe(v.string(), v.regex(MODE, "is no list of thresholds"))),
    hours: v.optional(v.pipe(v.number(), v.integer(), v.maxValue(720)), 720),
    ...{ offset: integer, vmax: number, vmin: number, calibration: number, name: text },
    ...{ now: flag, set: flag, usb: flag, alert: flag, sync: flag, on: flag, off: flag },
  },
  ({ on, hours, usb, alert, sync }) => ({
    json: {
      ...{ usb: true, mode: "usb", value: VOLTS, calibration: 0.35 },
      ...(on ? { on, hours, vmin: VOLTS, vmax: VOLTS, vavg: VOLTS } : {}),
      ...(usb && alert ? { alert } : {}),
      ...(usb && sync ? { sync } : {}),
    },
  }),
);

export const cardLocation = defineRequest({}, () => ({
  json: { status: "GPS inactive {gps-inactive}", mode: "off" },
}));
