import { createDeliveryRecorder } from "./main.ts";

/** The Lambda's entry: function URL event in, reply out; or a batch of the queue in, and what of it failed out. */
export const handler = createDeliveryRecorder(process.env);
