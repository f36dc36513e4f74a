import { createDeliveryRecorder } from "./main.ts";

/** The Lambda's entry: function URL event in, reply out. */
export const handler = createDeliveryRecorder(process.env);
