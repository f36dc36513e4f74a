import type { Logger } from "@aws-lambda-powertools/logger";
import { type Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { DeliveryState } from "../../protocol/delivery-state.ts";
import { countExceptions } from "../../protocol/device-manifest.ts";
import type { DeviceState } from "../../protocol/known-device.ts";
import type { Report } from "./event/report.ts";

/** What became of a request, for the log. */
export type RecorderEvent =
  | {
      message: "recorded";
      report: Report;
      states: readonly (DeliveryState | DeviceState)[];
      troubles: number;
    }
  | { message: "unreadable"; reason: string }
  | { message: "refused"; reason: string }
  | { message: "put-off"; reason: string; device?: string; cause?: unknown };

export type Tell = (event: RecorderEvent) => void;

/** Tells the log, and the metric `DeliveriesFailed` of what is news and somebody should look at. */
export function createReporter(logger: Logger, metrics: Metrics): Tell {
  return (event) => {
    if (event.message === "recorded") {
      const { report, states, troubles } = event;
      logger.info(event.message, {
        device: report.device,
        kind: report.kind,
        ...whatIn(report),
        deliveryState: states[0],
      });
      if (troubles === 0) return;
      metrics.addMetric("DeliveriesFailed", MetricUnit.Count, troubles);
      metrics.publishStoredMetrics();
      return;
    }
    const { message, ...more } = event;
    logger.warn(message, more);
  };
}

/** Of a list that may be long its length. */
function whatIn(report: Report): object {
  if (report.kind === "receipt") return { ...report.receipt, name: undefined, key: report.receipt.name };
  if (report.kind === "inventory") return {};
  return {
    ...report.manifest,
    not: undefined,
    alike: undefined,
    exceptions: countExceptions(report.manifest),
  };
}
