import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { ownMetric } from "./own-metric.ts";
import type { ReceiptQueue } from "./receipt-queue.ts";
import type { Settings } from "./settings.ts";

export type AlarmsProps = {
  queue: Queue;
  deadLetters: Queue;
  notifier: LambdaFunction;
  server: LambdaFunction;
  recorder: LambdaFunction;
  /** Of things; undefined where the deployment reaches none. */
  receipts: ReceiptQueue | undefined;
  /** Whom they notify. */
  topics: readonly ITopic[];
  settings: Pick<Settings, "fileServerConcurrency">;
};

const FIVE_MINUTES = { period: Duration.minutes(5) };

/** What a person must look at. Each description says what has happened, and what to do. */
export class Alarms extends Construct {
  private readonly actions: readonly SnsAction[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.actions = props.topics.map((topic) => new SnsAction(topic));
    this.watchQueues(props);
    this.watchNotifier(props.notifier);
    this.watchServer(props.server);
    this.watchConcurrency(props);
    this.watchRecorder(props.recorder);
    if (props.receipts !== undefined) this.watchReceipts(props.receipts);
  }

  private watchQueues({ queue, deadLetters }: AlarmsProps): void {
    this.raise(
      "DeadLetters",
      deadLetters.metricApproximateNumberOfMessagesVisible({ ...FIVE_MINUTES, statistic: "Maximum" }),
      "A file could not be announced: Notehub refused it for good, or was away for ten days. The notifier's log says why. When that is mended, noteferry redrive has them tried again.",
    );
    this.raise(
      "OldestMessage",
      queue.metricApproximateAgeOfOldestMessage({ ...FIVE_MINUTES, statistic: "Maximum" }),
      "A file has waited over an hour for the notifier: see its other alarms, and whether its event source mapping is enabled.",
      { above: Duration.hours(1).toSeconds() },
    );
    // SQS leaves a message that was received three times out of its oldest age, so retries need this one.
    this.raise(
      "Backlog",
      leastIn(queue, "Events not yet announced"),
      "For six hours there was always a file that is not announced: Notehub is away or limits the rate. The notifier's log says which; after ten days they become dead letters.",
      { periods: 72 },
    );
  }

  private watchNotifier(notifier: LambdaFunction): void {
    this.raise(
      "NotehubUnauthorized",
      ownMetric(this, "file-notifier", "NotehubUnauthorized", FIVE_MINUTES.period),
      "Notehub refuses the notifier's token. Store a valid one: see the output StoreNotehubTokenCommand. Files wait meanwhile.",
    );
    this.raise(
      "FilesRefused",
      ownMetric(this, "file-notifier", "FilesRefused", FIVE_MINUTES.period),
      "A file can never be delivered under its key or size. The notifier's log names it: rename or shrink it, and upload it again.",
    );
    this.raise(
      "NotifierErrors",
      notifier.metricErrors(FIVE_MINUTES),
      "The notifier crashed or ran out of time. Its log says why; the files are retried.",
    );
    this.raise(
      "NotifierThrottles",
      notifier.metricThrottles(FIVE_MINUTES),
      "Lambda held the notifier back: the account's concurrency is used up. Files wait meanwhile.",
    );
  }

  private watchServer(server: LambdaFunction): void {
    this.raise(
      "TokensUnusable",
      ownMetric(this, "file-server", "TokensUnusable", FIVE_MINUTES.period),
      "A token in the token secret has a blank or another character that no HTTP header carries. The server's log says which token: store another one there, and in Notehub's route.",
    );
    this.raise(
      "UnknownTokens",
      ownMetric(this, "file-server", "UnknownTokens", FIVE_MINUTES.period),
      "For a quarter of an hour requests came with a bearer token that is none of ours: a route of Notehub has an old one, or somebody guesses. Compare the route's header with what RouteAuthorizationCommand prints.",
      { above: 2, periods: 3 }, // who scans the internet sends none; a wrong route sends it again and again
    );
    this.raise(
      "UnknownTokensForHours",
      ownMetric(this, "file-server", "UnknownTokens", Duration.hours(1)),
      "In each of three hours a request came with a bearer token that is none of ours, as a route with an old one sends for few devices. Compare the route's header with what RouteAuthorizationCommand prints.",
      { periods: 3 },
    );
    this.raise(
      "ServerErrors",
      server.metricErrors(FIVE_MINUTES),
      "The file server crashed or ran out of time. Its log says why; devices retry.",
    );
    this.raise(
      "ServerThrottles",
      server.metricThrottles(FIVE_MINUTES),
      "Lambda turned devices away: the concurrency of the account, or of the setting fileServerConcurrency, is used up. Devices retry.",
    );
    // https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html
    this.raise(
      "ServerFaults",
      server.metric("Url5xxCount", { ...FIVE_MINUTES, statistic: "Sum" }),
      "The file server answers that it cannot serve: S3 or its token secret fails it. Its log says why; devices retry.",
      { above: 5 }, // S3 itself answers 503 now and then, and devices retry
    );
  }

  /** Before devices are turned away: of what is reserved for the server, or of what the account may run at all. */
  private watchConcurrency({ server, settings }: AlarmsProps): void {
    const { fileServerConcurrency: reserved } = settings;
    if (reserved !== undefined) {
      this.raise(
        "ServerConcurrency",
        server.metric("ConcurrentExecutions", { ...FIVE_MINUTES, statistic: "Maximum" }),
        "The file server ran at four fifths of the setting fileServerConcurrency or more: beyond it devices are turned away. Raise it.",
        { above: Math.ceil(reserved * 0.8) - 1 },
      );
      return;
    }
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Service-Quota-Integration.html
    const used = new Metric({
      namespace: "AWS/Usage",
      metricName: "ResourceCount",
      dimensionsMap: { Service: "Lambda", Type: "Resource", Resource: "ConcurrentExecutions", Class: "None" },
      statistic: "Maximum",
      ...FIVE_MINUTES,
    });
    this.raise(
      "ServerConcurrency",
      new MathExpression({
        expression: "100 * used / SERVICE_QUOTA(used)",
        usingMetrics: { used },
        label: "Percent of the account's concurrency",
        ...FIVE_MINUTES,
      }),
      "Functions of this account ran at four fifths of what it may run at a time, or more: beyond it devices are turned away. Ask AWS for more (Service Quotas, Lambda, Concurrent executions), or reserve some by the setting fileServerConcurrency.",
      { above: 79 },
    );
  }

  private watchRecorder(recorder: LambdaFunction): void {
    this.raise(
      "DeliveriesFailed",
      ownMetric(this, "delivery-recorder", "DeliveriesFailed", FIVE_MINUTES.period),
      "A device could not install a file, took a version back that did not run, refused one, or misses one. `noteferry status` says which device, which file and why.",
    );
    this.raise(
      "RecorderErrors",
      recorder.metricErrors(FIVE_MINUTES),
      "The delivery recorder crashed or ran out of time. Its log says why; Notehub sends the receipts again, and `noteferry catch-up` fetches those that it gave up.",
    );
    this.raise(
      "RecorderThrottles",
      recorder.metricThrottles(FIVE_MINUTES),
      "Lambda turned receipts away: the account's concurrency is used up. Notehub sends them again.",
    );
    this.raise(
      "RecorderFaults",
      recorder.metric("Url5xxCount", { ...FIVE_MINUTES, statistic: "Sum" }),
      "The delivery recorder cannot write: the table or its token secret fails it. Its log says why; Notehub sends the receipts again.",
      { above: 5 }, // while a token is being changed some are put off
    );
  }

  private watchReceipts({ queue, deadLetters }: ReceiptQueue): void {
    this.raise(
      "ReceiptDeadLetters",
      deadLetters.metricApproximateNumberOfMessagesVisible({ ...FIVE_MINUTES, statistic: "Maximum" }),
      "A receipt of a thing could not be recorded for two days. The recorder's log says why. When that is mended, noteferry redrive has them recorded; each is kept for two weeks from when it came.",
    );
    this.raise(
      "ReceiptBacklog",
      leastIn(queue, "Receipts not yet recorded"),
      "For an hour there was always a receipt of a thing that is not recorded: the table fails the recorder, its concurrency is used up, or its event source mapping is not enabled. Its log says why; after two days they become dead letters.",
      { periods: 12 },
    );
  }

  /** An alarm once `metric` exceeds `above` in each of its last `periods`. */
  private raise(
    id: string,
    metric: IMetric,
    alarmDescription: string,
    { above = 0, periods = 1 }: { above?: number; periods?: number } = {},
  ): void {
    const alarm = new Alarm(this, id, {
      metric,
      alarmDescription,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: above,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING, // no traffic, no data
    });
    alarm.addAlarmAction(...this.actions);
  }
}

/** The fewest messages that there were, those that are tried included. */
function leastIn(queue: Queue, label: string): MathExpression {
  return new MathExpression({
    expression: "visible + inFlight",
    usingMetrics: {
      visible: queue.metricApproximateNumberOfMessagesVisible({ statistic: "Minimum" }),
      inFlight: queue.metricApproximateNumberOfMessagesNotVisible({ statistic: "Minimum" }),
    },
    label,
    ...FIVE_MINUTES,
  });
}
