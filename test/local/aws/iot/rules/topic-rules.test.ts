import { expect, test } from "vitest";
import { createTopicRules } from "../../../../../local/aws/iot/rules/topic-rules.ts";

const RULE = {
  name: "receipts",
  arn: "arn:rule",
  sql: "SELECT *, topic(2) AS thing FROM 'r/+'",
  targets: [
    { queueArn: "q", useBase64: false },
    { queueArn: "encoded", useBase64: true },
  ],
};

function rulesUnderTest(send: (queueArn: string) => Promise<void> = async () => undefined) {
  const sent: [string, string][] = [];
  const log: string[] = [];
  const rules = createTopicRules({
    rules: [RULE],
    async send(queueArn, body) {
      await send(queueArn);
      sent.push([queueArn, body]);
    },
    onLog: (line) => log.push(line),
  });
  const publish = (topic: string, payload: string) =>
    rules.take({ topic, payload: Buffer.from(payload), clientId: "pump" });
  return { rules, sent, log, publish };
}

test("a message goes to every queue of each rule that it fits, as JSON or all of it as base64", async () => {
  const { rules, sent, publish } = rulesUnderTest();
  publish("r/pump", '{ "n": 1 }');
  publish("r/pump/more", '{"n":2}');
  await rules.stop();
  const json = '{"n":1,"thing":"pump"}';
  expect(sent).toEqual([
    ["q", json],
    ["encoded", Buffer.from(json).toString("base64")],
  ]);
});

test("a message to a rule's own topic goes there alone, with the topic that follows", async () => {
  const { rules, sent, publish } = rulesUnderTest();
  publish("$aws/rules/receipts/r/valve", "{}");
  publish("$aws/rules/others/r/valve", "{}");
  await rules.stop();
  expect(sent.filter(([queue]) => queue === "q")).toEqual([["q", '{"thing":"valve"}']]);
});

test("what a queue does not take is said, and goes to the others", async () => {
  const { rules, sent, log, publish } = rulesUnderTest(async (queueArn) => {
    if (queueArn === "q") throw new Error("full");
  });
  publish("r/pump", "{}");
  await rules.stop();
  expect(log).toEqual(["rule receipts: q did not take a message, which is lost: Error: full"]);
  expect(sent.map(([queue]) => queue)).toEqual(["encoded"]);
});

test("to stop waits for what is being sent", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { rules, sent, publish } = rulesUnderTest(() => promise);
  publish("r/pump", "{}");
  const stopped = rules.stop();
  setImmediate(resolve);
  await stopped;
  expect(sent).toHaveLength(2);
});

test("a payload that is no JSON object is said and dropped", async () => {
  const { rules, sent, log, publish } = rulesUnderTest();
  publish("r/pump", "on");
  await rules.stop();
  expect(log).toEqual(["rule receipts: the payload is not JSON, on r/pump"]);
  expect(sent).toEqual([]);
});
