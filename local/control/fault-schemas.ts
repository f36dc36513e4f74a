import * as v from "valibot";

/** An hour: longer than any time-out that a fault is meant to reach. */
const MILLISECONDS_MAX = 3_600_000;

const milliseconds = whole(0, MILLISECONDS_MAX);
const status = whole(200, 599);
const share = v.pipe(
  v.number("must be a number"),
  v.check((value) => value >= 0 && value < 1, "must be from 0 to below 1"),
);
const text = v.string("must be a string");

/** Which calls, or web requests, a fault meets; all of them unless told otherwise. */
const scope = {
  calls: v.exactOptional(whole(1, 1_000_000)),
  method: v.exactOptional(v.picklist(["GET", "POST", "PUT", "DELETE"], "must be GET, POST, PUT or DELETE")),
  path: v.exactOptional(v.pipe(text, v.nonEmpty("must not be empty"), v.maxLength(500, "is too long"))),
};

/** A device, by its UID or its number among those of the stack. */
const device = { device: v.exactOptional(v.pipe(text, v.maxLength(100, "is too long"))) };

/** How many of a Notecard's next requests a fault meets, one unless told otherwise; the first device's. */
const requests = { requests: v.exactOptional(whole(1, 1000)), ...device };

/** An `ApiFault` with its scope. */
export const NotehubFault = v.variant("kind", [
  v.strictObject({ kind: v.literal("slow"), milliseconds, ...scope }),
  v.strictObject({ kind: v.literal("late-reply"), milliseconds, ...scope }),
  v.strictObject({ kind: v.literal("refuse"), ...scope }),
  v.strictObject({ kind: v.literal("reset"), ...scope }),
  v.strictObject({ kind: v.literal("rate-limit"), retryAfterSeconds: whole(0, 86_400), ...scope }),
  v.strictObject({ kind: v.literal("status"), status, ...scope }),
  v.strictObject({ kind: v.literal("garbage"), ...scope }),
  v.strictObject({ kind: v.literal("hang"), ...scope }),
  v.strictObject({ kind: v.literal("refuse-payload"), ...scope }),
  v.strictObject({ kind: v.literal("lose-reply"), ...scope }),
]);

/** A `SerialFault` with the number of requests that it meets. */
export const SerialFaultBody = v.variant("kind", [
  v.strictObject({ kind: v.literal("lose-request"), ...requests }),
  v.strictObject({ kind: v.literal("lose-reply"), ...requests }),
  v.strictObject({ kind: v.literal("repeat-reply"), ...requests }),
  v.strictObject({ kind: v.literal("late-reply"), milliseconds, ...requests }),
  v.strictObject({ kind: v.literal("truncate-reply"), share, ...requests }),
  v.strictObject({ kind: v.literal("corrupt-reply"), share, ...requests }),
  v.strictObject({ kind: v.literal("heartbeat"), ...requests }),
  v.strictObject({ kind: v.literal("restart"), ...requests }),
]);

/** A `RouteFault` with its scope. */
export const RouteFaultBody = v.variant("kind", [
  v.strictObject({ kind: v.literal("status"), status, body: v.exactOptional(text), ...scope, ...device }),
  v.strictObject({ kind: v.literal("html"), ...scope, ...device }),
  v.strictObject({ kind: v.literal("delay"), milliseconds, ...scope, ...device }),
  v.strictObject({ kind: v.literal("cut"), ...scope, ...device }),
]);

function whole(min: number, max: number) {
  const sentence = `must be a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(sentence),
    v.integer(sentence),
    v.minValue(min, sentence),
    v.maxValue(max, sentence),
  );
}
