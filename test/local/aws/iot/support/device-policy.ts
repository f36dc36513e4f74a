import type { PolicyStatement } from "../../../../../local/aws/iam/policy-statement.ts";

export const ACCOUNT = { region: "us-east-1", accountId: "000000000000" };

const iot = (kind: string, name: string) => `arn:aws:iot:us-east-1:000000000000:${kind}/${name}`;
const THING = `\${iot:Connection.Thing.ThingName}`;
const OWN_JOBS = `$aws/things/${THING}/jobs/*`;

/** What a device of ours may do: be itself, and its own jobs. */
export const DEVICE_POLICY: PolicyStatement[] = [
  {
    Effect: "Allow",
    Action: "iot:Connect",
    Resource: iot("client", THING),
    Condition: { Bool: { "iot:Connection.Thing.IsAttached": ["true"] } },
  },
  { Effect: "Allow", Action: ["iot:Publish", "iot:Receive"], Resource: iot("topic", OWN_JOBS) },
  { Effect: "Allow", Action: "iot:Subscribe", Resource: iot("topicfilter", OWN_JOBS) },
];

export const topicArn = (name: string) => iot("topic", name);
export const thingArn = (name: string) => iot("thing", name);
export const groupArn = (name: string) => iot("thinggroup", name);
export const jobArn = (id: string) => iot("job", id);
