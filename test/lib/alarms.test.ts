import { expect, test } from "vitest";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { templateOf } from "../support/template-under-test.ts";

function alarmsOf(settings: Record<string, unknown>): Record<string, Record<string, unknown>> {
  const found = Object.entries(templateOf(settings).findResources("AWS::CloudWatch::Alarm"));
  return Object.fromEntries(
    found.map(([id, alarm]) => [id.replaceAll(/^Alarms|[0-9A-F]{8}$/g, ""), alarm.Properties]),
  );
}

const alarms = alarmsOf({ project: "app:1" });
const queue = (id: string) => [{ Name: "QueueName", Value: { "Fn::GetAtt": [id, "QueueName"] } }];
const lambda = (id: string) => [{ Name: "FunctionName", Value: { Ref: id } }];
const own = [{ Name: "service", Value: "file-notifier" }];
const ofRecorder = [{ Name: "service", Value: "delivery-recorder" }];
const ofServer = [{ Name: "service", Value: "file-server" }];

test.each([
  ["DeadLetters", "AWS/SQS", "ApproximateNumberOfMessagesVisible", queue("DeadLetterQueue"), "Maximum", 0],
  ["OldestMessage", "AWS/SQS", "ApproximateAgeOfOldestMessage", queue("FileQueue"), "Maximum", 3600],
  ["NotehubUnauthorized", "Noteferry", "NotehubUnauthorized", own, "Sum", 0],
  ["FilesRefused", "Noteferry", "FilesRefused", own, "Sum", 0],
  ["NotifierErrors", "AWS/Lambda", "Errors", lambda("FileNotifierFunction"), "Sum", 0],
  ["NotifierThrottles", "AWS/Lambda", "Throttles", lambda("FileNotifierFunction"), "Sum", 0],
  ["TokensUnusable", "Noteferry", "TokensUnusable", ofServer, "Sum", 0],
  ["ServerErrors", "AWS/Lambda", "Errors", lambda("FileServerFunction"), "Sum", 0],
  ["ServerThrottles", "AWS/Lambda", "Throttles", lambda("FileServerFunction"), "Sum", 0],
  ["ServerFaults", "AWS/Lambda", "Url5xxCount", lambda("FileServerFunction"), "Sum", 5],
  ["DeliveriesFailed", "Noteferry", "DeliveriesFailed", ofRecorder, "Sum", 0],
  ["RecorderErrors", "AWS/Lambda", "Errors", lambda("DeliveryRecorderFunction"), "Sum", 0],
  ["RecorderThrottles", "AWS/Lambda", "Throttles", lambda("DeliveryRecorderFunction"), "Sum", 0],
  ["RecorderFaults", "AWS/Lambda", "Url5xxCount", lambda("DeliveryRecorderFunction"), "Sum", 5],
])(
  "%s rings when %s %s exceeds its bound",
  (name, Namespace, MetricName, Dimensions, Statistic, Threshold) => {
    expect(alarms[name]).toEqual({
      AlarmDescription: expect.stringMatching(/\.$/),
      Namespace,
      MetricName,
      Dimensions,
      Statistic,
      Threshold,
      ComparisonOperator: "GreaterThanThreshold",
      Period: 300,
      EvaluationPeriods: 1,
      TreatMissingData: "notBreaching",
    });
  },
);

test("UnknownTokens rings when requests with a wrong token came for a quarter of an hour", () => {
  expect(alarms.UnknownTokens).toMatchObject({
    Namespace: "Noteferry",
    MetricName: "UnknownTokens",
    Dimensions: ofServer,
    Statistic: "Sum",
    Threshold: 2,
    EvaluationPeriods: 3,
  });
});

test("Backlog rings when the queue was never empty for six hours, retried messages included", () => {
  const minimum = (Id: string, MetricName: string) => ({
    Id,
    MetricStat: {
      Metric: { Namespace: "AWS/SQS", MetricName, Dimensions: queue("FileQueue") },
      Period: 300,
      Stat: "Minimum",
    },
    ReturnData: false,
  });
  expect(alarms.Backlog).toMatchObject({
    Threshold: 0,
    ComparisonOperator: "GreaterThanThreshold",
    EvaluationPeriods: 72,
    TreatMissingData: "notBreaching",
    Metrics: [
      { Expression: "visible + inFlight" },
      minimum("visible", "ApproximateNumberOfMessagesVisible"),
      minimum("inFlight", "ApproximateNumberOfMessagesNotVisible"),
    ],
  });
});

test("they are all, and tell nobody unless a topic is chosen", () => {
  expect(Object.keys(alarms)).toHaveLength(16);
  for (const alarm of Object.values(alarms)) expect(alarm.AlarmActions).toBeUndefined();
});

test("each tells the chosen topic", () => {
  const actions = Object.values(alarmsOf(ALL_SETTINGS)).map((alarm) => alarm.AlarmActions);
  expect(actions).toEqual(Array(16).fill([ALL_SETTINGS.alarmTopicArn]));
});
