import { createNotifier } from "./main.ts";

/** The Lambda's entry: a batch of queue messages in, those that failed out. */
export const handler = createNotifier(process.env);
