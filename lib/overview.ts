import { Duration } from "aws-cdk-lib";
import { Dashboard, GraphWidget, type IMetric, Stats } from "aws-cdk-lib/aws-cloudwatch";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { type FunctionName, ownMetric } from "./own-metric.ts";

export type OverviewProps = {
  queue: Queue;
  deadLetters: Queue;
  notifier: LambdaFunction;
  server: LambdaFunction;
  recorder: LambdaFunction;
};

const PERIOD = Duration.minutes(5);

/** The numbers that matter, in the order in which files pass them: what comes, what waits, what is served, what arrived. */
export class Overview extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { queue, deadLetters, notifier, server, recorder }: OverviewProps,
  ) {
    super(scope, id);
    const own = (service: FunctionName, name: string) => ownMetric(this, service, name, PERIOD);
    const url = (of: LambdaFunction, name: string, statistic: string) =>
      of.metric(name, { statistic, period: PERIOD });
    const faults = (of: LambdaFunction) => [
      of.metricErrors({ period: PERIOD }),
      of.metricThrottles({ period: PERIOD }),
    ];
    const dashboard = new Dashboard(this, "Dashboard", { defaultInterval: Duration.days(1) });
    dashboard.addWidgets(
      graph("Announced", [
        own("file-notifier", "FilesAnnounced"),
        own("file-notifier", "ManifestsAnnounced"),
      ]),
      graph("Not announced", [
        own("file-notifier", "FilesRefused"),
        own("file-notifier", "FilesWithoutTarget"),
        own("file-notifier", "NotehubUnauthorized"),
        deadLetters.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: PERIOD }),
      ]),
      graph("Waiting", [
        queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: PERIOD }),
        queue.metricApproximateNumberOfMessagesNotVisible({ statistic: Stats.MAXIMUM, period: PERIOD }),
      ]),
    );
    dashboard.addWidgets(
      graph("Requests of devices", [
        url(server, "UrlRequestCount", Stats.SUM),
        url(server, "Url4xxCount", Stats.SUM),
        url(server, "Url5xxCount", Stats.SUM),
        own("file-server", "UnknownTokens"),
      ]),
      graph("Time to serve them, ms", [
        url(server, "UrlRequestLatency", "p50"),
        url(server, "UrlRequestLatency", "p99"),
      ]),
      graph("Servers at a time", [
        server.metric("ConcurrentExecutions", { statistic: Stats.MAXIMUM, period: PERIOD }),
      ]),
    );
    dashboard.addWidgets(
      graph("What devices say", [
        url(recorder, "UrlRequestCount", Stats.SUM),
        own("delivery-recorder", "DeliveriesFailed"),
      ]),
      graph("Faults and throttles", [notifier, server, recorder].flatMap(faults)),
    );
  }
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8, height: 6, leftYAxis: { min: 0 } });
}
