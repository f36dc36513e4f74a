import { PutObjectCommand } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Template } from "../../local/template/cloud-assembly.ts";
import { ask } from "./support/ask.ts";
import { type Flow, startFlow, until } from "./support/flow.ts";

const Policy = v.object({
  Roles: v.array(v.object({ Ref: v.string() })),
  PolicyDocument: v.object({
    Statement: v.array(v.looseObject({ Action: v.union([v.string(), v.array(v.string())]) })),
  }),
});

/** Takes an action out of every policy of a role; fails if none has it. */
function removeGrant(template: Template, role: string, action: string): void {
  let found = 0;
  for (const resource of Object.values(template.Resources)) {
    const policy = v.safeParse(Policy, resource.Properties);
    if (!policy.success || !policy.output.Roles.some(({ Ref }) => Ref === role)) continue;
    const Statement = policy.output.PolicyDocument.Statement.flatMap((statement) => {
      const Action = [statement.Action].flat().filter((each) => each !== action);
      found += [statement.Action].flat().length - Action.length;
      return Action.length === 0 ? [] : [{ ...statement, Action }];
    });
    resource.Properties = { ...resource.Properties, PolicyDocument: { Statement } };
  }
  expect(found).toBeGreaterThan(0);
}

// A role's grant that is forgotten in lib/ must fail here, not at the first deployment.
let flow: Flow;
beforeAll(async () => {
  flow = await startFlow({
    agent: false,
    editTemplate(template) {
      removeGrant(template, "FileServerFunctionRole", "s3:GetObject");
      removeGrant(template, "FileNotifierFunctionRole", "s3:GetObjectVersion");
    },
  });
  await flow.s3.send(new PutObjectCommand({ Bucket: flow.bucket, Key: "app/main.py", Body: "print(1)" }));
});
afterAll(() => flow.stop());

/** What S3 answered to the role of a function. */
const answersTo = (role: string) =>
  flow.observations
    .filter(({ principal, bucket }) => principal.endsWith(`:role/${role}`) && bucket === flow.bucket)
    .map(({ operation, key, status }) => `${operation} ${key} ${status}`);
const logged = (text: string) => flow.logs.some(({ line }) => line.includes(text));

test("a file server that may not read its bucket says so in its log, and nothing to the caller", async () => {
  const reply = await ask(flow, "/?file=app/main.py&chunk=1");
  expect(reply.status).toBe(503);
  expect(reply.body).toContain("{try-again}");
  expect(reply.body).not.toMatch(/denied|s3|bucket|role/i);
  expect(answersTo("FileServerFunctionRole")).toEqual(["GetObject app/main.py 403"]);
  await until("the reason in the log", () => logged("the function needs s3:GetObject"));
});

test("a notifier that may not read versions announces nothing, says so, and keeps the event", async () => {
  const role = "FileNotifierFunctionRole";
  await until("its request", () => answersTo(role).includes("GetObject app/main.py 403"));
  await until("a retry in the log", () => flow.events.some(({ step }) => step === "notice"));
  expect(logged("AccessDenied")).toBe(true);
  expect(flow.events.filter(({ step }) => step === "announced")).toEqual([]);
});

test("the test event that S3 sends first is ignored, and no dead letter", async () => {
  await until("it in the log", () => logged('"s3:TestEvent"'));
  const { queues, deployment } = flow.stack;
  for (const { name, arn } of deployment.queues) {
    if (name === "DeadLetterQueue")
      expect(queues.get(arn).depth()).toMatchObject({ visible: 0, inFlight: 0 });
  }
  const bodies = flow.logs.filter(({ line }) => line.includes("s3:TestEvent"));
  expect(bodies).toHaveLength(1);
  expect(JSON.parse(bodies[0]?.line ?? "")).toMatchObject({ message: "ignored", level: "INFO" });
});
