import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { failure, result, startCloudFormation } from "../../support/cloudformation.ts";
import { type CliOptions, runCli } from "../../support/run-cli.ts";

const ARN = "arn:aws:cloudformation:eu-central-1:123456789012:stack/Noteferry-staging/1";

type Fake = { guarded?: boolean; fails?: boolean };

/** A CloudFormation with one stack, which is gone at the second look after it was to be deleted. */
async function aws({ guarded = false, fails = false }: Fake = {}) {
  let token = "";
  let looks = 0;
  const event = (id: string, logicalId: string, status: string, reason = "", its = token) =>
    `<member><EventId>${id}</EventId><StackId>${ARN}</StackId><StackName>n</StackName><Timestamp>2026-01-01T00:00:00Z</Timestamp>
     <LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${logicalId === "Noteferry-staging" ? ARN : logicalId}</PhysicalResourceId>
     <ResourceType>AWS::X::Y</ResourceType><ResourceStatus>${status}</ResourceStatus>
     ${reason && `<ResourceStatusReason>${reason}</ResourceStatusReason>`}<ClientRequestToken>${its}</ClientRequestToken></member>`;
  const status = () => {
    if (token === "") return "CREATE_COMPLETE";
    if (looks < 2) return "DELETE_IN_PROGRESS";
    return fails ? "DELETE_FAILED" : "DELETE_COMPLETE";
  };
  const cloud = await startCloudFormation((asked) => {
    const action = asked.get("Action") ?? "";
    switch (action) {
      case "DescribeStacks":
        if (asked.get("StackName") !== ARN && asked.get("StackName") !== "Noteferry-staging")
          return failure("ValidationError", "does not exist");
        if (token !== "") looks += 1;
        return result(
          action,
          `<Stacks><member><StackId>${ARN}</StackId><StackName>Noteferry-staging</StackName><StackStatus>${status()}</StackStatus>
           <CreationTime>2026-01-01T00:00:00Z</CreationTime><EnableTerminationProtection>${guarded}</EnableTerminationProtection></member></Stacks>`,
        );
      case "GetTemplate": {
        const kept = { DeletionPolicy: "Retain" };
        const Resources = { FilesBucket: kept, DeliveryTable: kept, Wheel: kept, FileQueue: {} };
        return result(action, `<TemplateBody>${JSON.stringify({ Resources })}</TemplateBody>`);
      }
      case "ListStackResources": {
        const summary = (id: string, type: string, name: string) =>
          `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${name}</PhysicalResourceId><ResourceType>${type}</ResourceType>
           <LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>`;
        const isSecond = asked.get("NextToken") === "2";
        const page = isSecond
          ? summary("DeliveryTable", "AWS::DynamoDB::Table", "table-1") +
            summary("Wheel", "AWS::Fun::Wheel", "w-1")
          : summary("FilesBucket", "AWS::S3::Bucket", "files-1") +
            summary("FileQueue", "AWS::SQS::Queue", "queue-1");
        return result(
          action,
          `<StackResourceSummaries>${page}</StackResourceSummaries>${isSecond ? "" : "<NextToken>2</NextToken>"}`,
        );
      }
      case "DeleteStack":
        token = asked.get("ClientRequestToken") ?? "";
        return result(action, "");
      case "DescribeStackEvents": {
        const ended = looks < 2 ? "" : event("3", "FilesBucket", "DELETE_SKIPPED");
        const wrong = looks < 2 || !fails ? "" : event("4", "FileServerFunction", "DELETE_FAILED", "in use");
        const events = [
          ...[
            wrong,
            ended,
            event("2", "FileQueue", "DELETE_COMPLETE"),
            event("1", "FileQueue", "DELETE_IN_PROGRESS"),
          ],
          ...[
            event("0", "Noteferry-staging", "DELETE_IN_PROGRESS"),
            event("x", "Old", "DELETE_COMPLETE", "", "other"),
          ],
        ];
        return result(action, `<StackEvents>${events.join("")}</StackEvents>`);
      }
      default:
        return failure("InvalidAction", action);
    }
  });
  vi.stubEnv("AWS_ENDPOINT_URL_CLOUDFORMATION", cloud.endpoint);
  const actions = () => cloud.asked.map((each) => each.get("Action"));
  const run = (args: string[], options: CliOptions = {}) =>
    runCli(["destroy", "--stage", "staging", ...args], { env: { AWS_REGION: "eu-central-1" }, ...options });
  return { run, actions };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"], shouldAdvanceTime: true, advanceTimeDelta: 500 });
  for (const [name, value] of Object.entries({
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_REGION: "eu-central-1",
  }))
    vi.stubEnv(name, value);
  return () => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  };
});

test("a stack is deleted without any settings; what is deleted is told, what stays, and how to remove that", async () => {
  const { run, actions } = await aws();
  const { code, out, err } = await run(["--yes"]);
  expect(code).toBe(0);
  expect(err).toContain("the stack Noteferry-staging in eu-central-1 goes");
  expect(out).toMatch(/^FilesBucket\tfiles-1\nDeliveryTable\ttable-1\nWheel\tw-1\n/);
  expect(err).toContain("deleted FileQueue\n");
  expect(err.match(/deleted FileQueue/g)).toHaveLength(1);
  expect(err).toContain("kept FilesBucket\n");
  expect(err).not.toContain("Old");
  expect(err).toContain("Noteferry-staging is gone");
  expect(out).toContain("put-bucket-lifecycle-configuration --region eu-central-1 --bucket files-1");
  expect(out).toContain("aws dynamodb delete-table --region eu-central-1 --table-name table-1");
  expect(out).toContain("# AWS::Fun::Wheel w-1");
  expect(actions().filter((each) => each === "DeleteStack")).toHaveLength(1);
});

test.each([
  ["--dry-run", ["--dry-run"], undefined, 0],
  ["a no", [], async () => "n", 2],
  ["no terminal to ask at", [], undefined, 2],
])("nothing is deleted with %s", async (_what, args, ask, expected) => {
  const { run, actions } = await aws();
  const { code, out } = await run(args, { ask });
  expect(code).toBe(expected);
  expect(out).toContain("FilesBucket\tfiles-1");
  expect(actions()).not.toContain("DeleteStack");
});

test("a protected stack is refused, with the command that lifts the protection", async () => {
  const { run, actions } = await aws({ guarded: true });
  const { code, err } = await run(["--yes"]);
  expect(code).toBe(2);
  expect(err).toContain(
    "--no-enable-termination-protection --region eu-central-1 --stack-name Noteferry-staging",
  );
  expect(actions()).not.toContain("DeleteStack");
});

test("what CloudFormation could not delete is told with its reason", async () => {
  const { run } = await aws({ fails: true });
  const { code, err } = await run(["--yes"]);
  expect(code).toBe(1);
  expect(err).toContain("FileServerFunction: in use");
  expect(err).not.toContain("is gone");
});

test("without a region nothing leads to a flag that it does not have", async () => {
  vi.stubEnv("AWS_REGION", undefined);
  vi.stubEnv("AWS_CONFIG_FILE", "nobody's");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, err } = await runCli(["destroy"]);
  expect(code).toBe(2);
  expect(err).toMatch(/^no AWS region is chosen: .*; what npm start runs on this machine ends with Ctrl-C/);
  expect(err).not.toContain("--local");
});

test("a stack that is not there is said, and Ctrl-C ends the watching alone", async () => {
  const { run } = await aws();
  expect(await runCli(["destroy", "--yes"], { env: { AWS_REGION: "eu-central-1" } })).toMatchObject({
    code: 5,
  });
  const stopping = new AbortController();
  const interrupted = await run(["--yes"], {
    signal: stopping.signal,
    heard: ({ err }) => {
      if (err.includes("deleted FileQueue")) stopping.abort();
    },
  });
  expect(interrupted.code).toBe(130);
  expect(interrupted.err).toContain("CloudFormation goes on deleting Noteferry-staging");
});
