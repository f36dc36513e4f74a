import type { Logger } from "@aws-lambda-powertools/logger";
import type { Metrics } from "@aws-lambda-powertools/metrics";
import type { Report } from "../ports.ts";
import type { NotifierEvent } from "./notifier-event.ts";
import { UNAUTHORIZED } from "./retry-later.ts";

const LEVEL = {
  announced: "info",
  gone: "info",
  "fanned-out": "info",
  "manifest-announced": "info",
  "not-for-others": "warn",
  "job-not-cancelled": "warn",
  swept: "info",
  "variable-removed": "info",
  packed: "info",
  "packing-failed": "warn",
  "payload-refused": "warn",
  superseded: "info",
  duplicate: "info",
  ignored: "info",
  "no-target": "warn",
  refused: "warn",
  retrying: "warn",
  "postpone-failed": "warn",
  "not-shown": "warn",
  "dead-lettered": "error",
} as const satisfies Record<NotifierEvent["message"], "info" | "warn" | "error">;

/** What is counted; alarms in `lib/` go by these names. */
function metricOf(event: NotifierEvent): string | undefined {
  switch (event.message) {
    case "announced":
      return "FilesAnnounced";
    case "manifest-announced":
      return "ManifestsAnnounced";
    case "refused":
      return "FilesRefused";
    case "superseded":
      return "EventsSuperseded";
    case "no-target":
      return "FilesWithoutTarget";
    case "dead-lettered":
      return "MessagesDeadLettered";
    case "packing-failed":
      return "PackingsFailed";
    case "payload-refused":
      return "PayloadsRefused";
    case "retrying":
      return event.reason === UNAUTHORIZED ? "NotehubUnauthorized" : undefined;
    default:
      return undefined;
  }
}

/** Writes events to Powertools' log, and counts them there in CloudWatch's embedded metric format. */
export function createReporter(logger: Logger, metrics: Metrics): Report {
  return (event) => {
    const { message, ...fields } = event;
    logger[LEVEL[message]](message, fields);
    const name = metricOf(event);
    if (name === undefined) return;
    const metric = metrics.singleMetric(); // written at once: a batch holds several, each with its own reason
    if ("reason" in event) metric.addMetadata("reason", event.reason);
    metric.addMetric(name, "Count", 1);
  };
}
