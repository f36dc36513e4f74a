import { expect, test } from "vitest";
import { createTopicRules } from "../../../../../local/aws/iot/rules/topic-rules.ts";

const RULE = {
  name: "receipts",
  arn: "arn:rule",
  sql: "SELECT *, topic(2) AS thing FROM 'r/+'",
  targetArns: ["f", "g"],
};

function rulesUnderTest(take: (functionArn: string) => boolean) {
  const invoked: [string, unknown][] = [];
  const log: string[] = [];
  const rules = createTopicRules({
    rules: [RULE],
    invoke: async (functionArn, event) => {
      invoked.push([functionArn, event]);
      return take(functionArn);
    },
    onLog: (line) => log.push(line),
    retryAfterMs: [0, 0],
  });
  const publish = (topic: string, payload: string) =>
    rules.take({ topic, payload: Buffer.from(payload), clientId: "pump" });
  return { rules, invoked, log, publish };
}

test("a message goes to every function of each rule that it fits", async () => {
  const { rules, invoked, publish } = rulesUnderTest(() => true);
  publish("r/pump", '{"n":1}');
  publish("r/pump/more", '{"n":2}');
  await rules.stop();
  expect(invoked).toEqual([
    ["f", { n: 1, thing: "pump" }],
    ["g", { n: 1, thing: "pump" }],
  ]);
});

test("a message to a rule's own topic goes there alone, with the topic that follows", async () => {
  const { rules, invoked, publish } = rulesUnderTest(() => true);
  publish("$aws/rules/receipts/r/valve", "{}");
  publish("$aws/rules/others/r/valve", "{}");
  await rules.stop();
  expect(invoked.map(([, event]) => event)).toEqual([{ thing: "valve" }, { thing: "valve" }]);
});

test("a function that fails is called three times, and then it is said", async () => {
  const { invoked, log, publish } = rulesUnderTest((functionArn) => functionArn === "g");
  publish("r/pump", "{}");
  await expect.poll(() => log).toEqual(["rule receipts: f failed 3 times, and the message is dropped"]);
  expect(invoked.filter(([functionArn]) => functionArn === "f").length).toBe(3);
  expect(invoked.filter(([functionArn]) => functionArn === "g").length).toBe(1);
});

test("a payload that is no JSON object is said and dropped", () => {
  const { invoked, log, publish } = rulesUnderTest(() => true);
  publish("r/pump", "on");
  expect(log).toEqual(["rule receipts: the payload is not JSON, on r/pump"]);
  expect(invoked).toEqual([]);
});
