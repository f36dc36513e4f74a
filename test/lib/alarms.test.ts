import { describe, expect, test } from "vitest";
import { ALL_SETTINGS } from "../support/all-settings.ts";
import { templateOf } from "../support/template-under-test.ts";

function alarmsOf(settings: Record<string, unknown>): Record<string, Record<string, unknown>> {
  const found = Object.entries(templateOf(settings).findResources("AWS::CloudWatch::Alarm"));
  return Object.fromEntries(
    found.map(([id, alarm]) => [id.replaceAll(/^Alarms|[0-9A-F]{8}$/g, ""), alarm.Properties]),
  );
}

const alarms = alarmsOf({ project: "app:1" });
const withThings = alarmsOf({ project: "app:1", iot: "on" });
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
  [
    "ReceiptDeadLetters",
    "AWS/SQS",
    "ApproximateNumberOfMessagesVisible",
    queue("ThingReceiptDeadLetterQueue"),
    "Maximum",
    0,
  ],
])(
  "%s rings when %s %s exceeds its bound",
  (name, Namespace, MetricName, Dimensions, Statistic, Threshold) => {
    expect(withThings[name]).toEqual({
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

test.each([
  ["Backlog", "FileQueue", 6 * 12],
  ["ReceiptBacklog", "ThingReceiptQueue", 12],
])(
  "%s rings when %s was never empty for %d times five minutes, retried messages included",
  (name, id, times) => {
    const minimum = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: {
        Metric: { Namespace: "AWS/SQS", MetricName, Dimensions: queue(id) },
        Period: 300,
        Stat: "Minimum",
      },
      ReturnData: false,
    });
    expect(withThings[name]).toMatchObject({
      Threshold: 0,
      ComparisonOperator: "GreaterThanThreshold",
      EvaluationPeriods: times,
      TreatMissingData: "notBreaching",
      Metrics: [
        { Expression: "visible + inFlight" },
        minimum("visible", "ApproximateNumberOfMessagesVisible"),
        minimum("inFlight", "ApproximateNumberOfMessagesNotVisible"),
      ],
    });
  },
);

test("UnknownTokensForHours rings for a route with a few devices: one wrong token in each of three hours", () => {
  expect(alarms.UnknownTokensForHours).toMatchObject({
    ...{ Namespace: "Noteferry", MetricName: "UnknownTokens", Dimensions: ofServer },
    ...{ Statistic: "Sum", Period: 3600, Threshold: 0, EvaluationPeriods: 3 },
  });
});

describe("ServerConcurrency rings at four fifths", () => {
  test("of what is reserved", () => {
    expect(alarmsOf({ project: "app:1", fileServerConcurrency: 50 }).ServerConcurrency).toMatchObject({
      ...{
        Namespace: "AWS/Lambda",
        MetricName: "ConcurrentExecutions",
        Dimensions: lambda("FileServerFunction"),
      },
      ...{ Statistic: "Maximum", Threshold: 39, ComparisonOperator: "GreaterThanThreshold" },
    });
    expect(alarmsOf({ project: "app:1", fileServerConcurrency: 1 }).ServerConcurrency).toMatchObject({
      Threshold: 0,
    });
  });

  test("or of what the account may run at a time", () => {
    const dimensions = {
      Service: "Lambda",
      Type: "Resource",
      Resource: "ConcurrentExecutions",
      Class: "None",
    };
    expect(alarms.ServerConcurrency).toMatchObject({
      Threshold: 79,
      Metrics: [
        { Expression: "100 * used / SERVICE_QUOTA(used)" },
        {
          MetricStat: {
            Metric: {
              Namespace: "AWS/Usage",
              MetricName: "ResourceCount",
              Dimensions: expect.arrayContaining(
                Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
              ),
            },
            Stat: "Maximum",
          },
        },
      ],
    });
  });
});

test("they are all, and tell nobody unless somebody is chosen", () => {
  expect(Object.keys(alarms)).toHaveLength(18);
  const ofThings = Object.keys(withThings).filter((name) => !Object.hasOwn(alarms, name));
  expect(ofThings).toEqual(["ReceiptDeadLetters", "ReceiptBacklog"]);
  for (const alarm of Object.values(alarms)) expect(alarm.AlarmActions).toBeUndefined();
});

test("each tells the chosen topic, and the chosen address", () => {
  const actions = Object.values(alarmsOf(ALL_SETTINGS)).map((alarm) => alarm.AlarmActions);
  expect(actions).toEqual(
    Array(20).fill([ALL_SETTINGS.alarmTopicArn, { Ref: expect.stringMatching(/^AlarmTopicsEmail/) }]),
  );
});

test("an address is told by a topic to which CloudWatch may publish, from this account alone", () => {
  const template = templateOf({ project: "app:1", alarmEmail: "ops@example.com" });
  const [topic = ""] = Object.keys(template.findResources("AWS::SNS::Topic"));
  template.hasResourceProperties("AWS::SNS::Subscription", {
    ...{ Protocol: "email", Endpoint: "ops@example.com", TopicArn: { Ref: topic } },
  });
  const [policy] = Object.values(template.findResources("AWS::SNS::TopicPolicy"));
  expect(policy?.Properties.PolicyDocument.Statement).toContainEqual(
    expect.objectContaining({
      ...{ Effect: "Allow", Action: "sns:Publish", Principal: { Service: "cloudwatch.amazonaws.com" } },
      ...{
        Resource: { Ref: topic },
        Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
      },
    }),
  );
});
