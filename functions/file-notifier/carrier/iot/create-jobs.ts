import { IoTClient } from "@aws-sdk/client-iot";
import { REQUEST_LIMITS } from "../../aws/request-limits.ts";
import type { FileNotifierEnv } from "../../env.ts";
import { createIotJobs } from "./iot-jobs.ts";
import { readJobSettings } from "./job-settings.ts";
import type { Jobs } from "./jobs.ts";

/** AWS IoT's jobs, as the environment says. */
export function createJobs({ IOT_ARN_PREFIX, IOT_JOB_SETTINGS }: FileNotifierEnv): Jobs {
  if (IOT_ARN_PREFIX === undefined || IOT_JOB_SETTINGS === undefined)
    throw new Error("things are reached with IOT_ARN_PREFIX and IOT_JOB_SETTINGS alone");
  return createIotJobs(new IoTClient({ requestHandler: REQUEST_LIMITS }), {
    arnPrefix: IOT_ARN_PREFIX,
    settings: readJobSettings(IOT_JOB_SETTINGS),
  });
}
