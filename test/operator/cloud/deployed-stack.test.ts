import { expect, test } from "vitest";
import { findDeployedStack } from "../../../operator/cloud/deployed-stack.ts";
import type { ClientSettings } from "../../../operator/cloud/deployment.ts";
import { type Answer, failure, NAMESPACE, startCloudFormation } from "../support/cloudformation.ts";

const NEVER = new AbortController().signal;

async function startAws(answer: (asked: URLSearchParams) => Answer) {
  const { asked, endpoint } = await startCloudFormation(answer);
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const settings: ClientSettings = { endpoint, region: "eu-central-1", credentials };
  return { asked, settings };
}

test("the outputs of a stage's stack are its deployment", async () => {
  const { asked, settings } = await startAws(() => ({
    body: `<DescribeStacksResponse ${NAMESPACE}><DescribeStacksResult><Stacks><member>
      <StackName>Noteferry-staging</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>
      <Outputs><member><OutputKey>FilesBucketName</OutputKey><OutputValue>files-1</OutputValue></member>
      <member><OutputKey>RouteUrl</OutputKey><OutputValue>https://x.example</OutputValue></member></Outputs>
      </member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
  }));
  expect(await findDeployedStack("staging", NEVER, settings)).toMatchObject({
    name: "Noteferry-staging",
    local: false,
    status: "UPDATE_COMPLETE",
    outputs: { FilesBucketName: "files-1", RouteUrl: "https://x.example" },
    aws: { region: "eu-central-1" },
  });
  expect(asked.map((each) => each.get("StackName"))).toEqual(["Noteferry-staging"]);
});

test("a stack that is not there is said with its region", async () => {
  const { settings } = await startAws(() =>
    failure("ValidationError", "Stack with id Noteferry does not exist"),
  );
  await expect(findDeployedStack(undefined, NEVER, settings)).rejects.toMatchObject({
    code: "not-found",
    message: expect.stringContaining("no stack Noteferry in eu-central-1"),
  });
});

test("any other failure is not taken for that", async () => {
  const { settings } = await startAws(() => failure("AccessDenied", "User is not authorized"));
  await expect(findDeployedStack(undefined, NEVER, settings)).rejects.toMatchObject({ name: "AccessDenied" });
});
