import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { findDeployedStack } from "../../../operator/cloud/deployed-stack.ts";
import type { ClientSettings } from "../../../operator/cloud/deployment.ts";

const NEVER = new AbortController().signal;
const NAMESPACE = 'xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"';

/** An endpoint that answers each action, as CloudFormation does, and notes what was asked. */
async function startAws(answer: (asked: URLSearchParams) => { status?: number; body: string }) {
  const asked: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const parameters = new URLSearchParams(text);
    asked.push(parameters);
    const { status = 200, body } = answer(parameters);
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const settings: ClientSettings = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "eu-central-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  };
  return { asked, settings };
}

const error = (code: string, message: string) => ({
  status: 400,
  body: `<ErrorResponse ${NAMESPACE}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

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
    error("ValidationError", "Stack with id Noteferry does not exist"),
  );
  await expect(findDeployedStack(undefined, NEVER, settings)).rejects.toMatchObject({
    code: "not-found",
    message: expect.stringContaining("no stack Noteferry in eu-central-1"),
  });
});

test("any other failure is not taken for that", async () => {
  const { settings } = await startAws(() => error("AccessDenied", "User is not authorized"));
  await expect(findDeployedStack(undefined, NEVER, settings)).rejects.toMatchObject({ name: "AccessDenied" });
});
