import * as v from "valibot";
import { IotError } from "../iot-error.ts";
import { bodyOf, type Operation } from "./operation.ts";

const EventConfigurations = v.object({
  eventConfigurations: v.optional(
    v.record(v.string(), v.object({ Enabled: v.optional(v.boolean(), false) })),
    {},
  ),
});

export const describeEndpointOperation: Operation = {
  action: "iot:DescribeEndpoint",
  resources: () => ["*"],
  run({ query, services }) {
    switch (query.get("endpointType") ?? "iot:Data") {
      case "iot:Data":
      case "iot:Data-ATS":
        return { endpointAddress: services.endpoints.data };
      case "iot:Jobs":
        return { endpointAddress: services.endpoints.api };
      default:
        throw new IotError("InvalidRequest", `there is no endpoint ${query.get("endpointType")} here`);
    }
  },
};

export const describeEventsOperation: Operation = {
  action: "iot:DescribeEventConfigurations",
  resources: () => ["*"],
  run: ({ services }) => ({
    eventConfigurations: { JOB_EXECUTION: { Enabled: services.settings.jobExecutionEvents() } },
  }),
};

/** Of the kinds of events only JOB_EXECUTION is published here: another may not be put on. */
export const updateEventsOperation: Operation = {
  action: "iot:UpdateEventConfigurations",
  resources: () => ["*"],
  run(call) {
    const { eventConfigurations } = bodyOf(call, EventConfigurations);
    const other = Object.entries(eventConfigurations).find(
      ([kind, { Enabled }]) => Enabled && kind !== "JOB_EXECUTION",
    );
    if (other !== undefined)
      throw new IotError("InvalidRequest", `events of ${other[0]} are not published here`);
    const wanted = eventConfigurations.JOB_EXECUTION?.Enabled;
    if (wanted !== undefined) call.services.settings.setJobExecutionEvents(wanted);
  },
};
