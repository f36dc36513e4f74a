import { createJobs } from "../carrier/iot/create-jobs.ts";
import { createNotifier } from "../main.ts";

/** The Lambda's entry where things are reached too: its bundle has AWS IoT's client, which no other has to load. */
export const handler = createNotifier(process.env, createJobs);
