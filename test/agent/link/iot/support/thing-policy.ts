import { DEVICE_POLICY, topicArn } from "../../../../local/aws/iot/support/device-policy.ts";

const RECEIPTS = `noteferry/things/\${iot:Connection.Thing.ThingName}/receipts`;

/** What a device of ours may do: its jobs, and its receipts. */
export const THING_POLICY = [
  ...DEVICE_POLICY,
  { Effect: "Allow" as const, Action: ["iot:Publish"], Resource: topicArn(RECEIPTS) },
];
