import { IoTClient } from "@aws-sdk/client-iot";
import { createIotJobs } from "./carrier/iot/iot-jobs.ts";
import { readJobSettings } from "./carrier/iot/job-settings.ts";
import { createNotifier, REQUEST_LIMITS } from "./main.ts";

/** The Lambda's entry where things are reached too: its bundle has AWS IoT's client, which no other has to load. */
export const handler = createNotifier(process.env, ({ IOT_ARN_PREFIX, IOT_JOB_SETTINGS }) => {
  if (IOT_ARN_PREFIX === undefined || IOT_JOB_SETTINGS === undefined)
    throw new Error("things are reached with IOT_ARN_PREFIX and IOT_JOB_SETTINGS alone");
  return createIotJobs(new IoTClient({ requestHandler: REQUEST_LIMITS }), {
    arnPrefix: IOT_ARN_PREFIX,
    settings: readJobSettings(IOT_JOB_SETTINGS),
  });
});
