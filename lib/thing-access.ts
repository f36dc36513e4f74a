import { Aws } from "aws-cdk-lib";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnPolicy, CfnTopicRule } from "aws-cdk-lib/aws-iot";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { RECEIPT_THING_LEVEL, receiptTopic } from "../protocol/thing-topics.ts";
import { IOT_ARN_PREFIX } from "./iot-wiring.ts";
import { fixLogicalId } from "./logical-id.ts";
import { allow } from "./wiring.ts";

/** The thing that a connection is: its name must be the client id, and the certificate the thing's. */
const THING = `\${iot:Connection.Thing.ThingName}`;

export type ThingAccessProps = { receipts: Queue; stage: string | undefined };

/** What AWS IoT's things may do, and where their receipts go. */
export class ThingAccess extends Construct {
  /** To be attached to the certificates of things. */
  readonly policyName: string;
  readonly ruleName: string;

  constructor(scope: Construct, id: string, { receipts, stage }: ThingAccessProps) {
    super(scope, id);
    const policy = new CfnPolicy(this, "Policy", { policyDocument: policyDocument(stage) });
    policy.overrideLogicalId("ThingPolicy");
    this.policyName = policy.ref;
    this.ruleName = this.sendReceipts(receipts, stage).ref;
  }

  /**
   * Whose a receipt is the topic says, where the policy lets each thing publish to its own alone. [NF-13.6] The body is passed on as it came:
   * SQL would fail on what is no JSON. A message of the queue is the JSON of what is selected; encoded as a whole it would have to be decoded
   * twice. There is no error action: what it would send to is no more likely to be there than the queue.
   */
  private sendReceipts(receipts: Queue, stage: string | undefined): CfnTopicRule {
    const rule = new CfnTopicRule(this, "Receipts", {
      topicRulePayload: {
        description: "Queues what things say of their files, to be recorded",
        sql: `SELECT encode(*, 'base64') AS body, topic(${RECEIPT_THING_LEVEL}) AS thing, timestamp() AS received FROM '${receiptTopic("+", stage)}'`,
        awsIotSqlVersion: "2016-03-23",
        actions: [
          {
            sqs: {
              queueUrl: receipts.queueUrl,
              roleArn: this.createSender(receipts).roleArn,
              useBase64: false,
            },
          },
        ],
      },
    });
    rule.overrideLogicalId("ThingReceiptRule");
    return rule;
  }

  /** Its policy is in it, so that the rule has no moment in which it may not send. Not the rule's own ARN: rule and role would wait for each other. */
  private createSender(receipts: Queue): Role {
    const role = new Role(this, "Sender", {
      description: "Lets the topic rule of receipts queue them",
      assumedBy: new ServicePrincipal("iot.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID },
          ArnLike: { "aws:SourceArn": `${IOT_ARN_PREFIX}rule/*` },
        },
      }),
      inlinePolicies: {
        Send: new PolicyDocument({ statements: [allow(["sqs:SendMessage"], receipts.queueArn)] }),
      },
    });
    fixLogicalId(role, "ThingReceiptRuleRole");
    return role;
  }
}

/** https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html */
function policyDocument(stage: string | undefined): object {
  const jobs = `$aws/things/${THING}/jobs/*`;
  const allow = (action: string, resources: string[], more: object = {}) => ({
    ...{ Effect: "Allow", Action: action, Resource: resources.map((each) => `${IOT_ARN_PREFIX}${each}`) },
    ...more,
  });
  return {
    Version: "2012-10-17",
    Statement: [
      // Without the condition any certificate with this policy could connect as any thing.
      allow("iot:Connect", [`client/${THING}`], {
        Condition: { Bool: { "iot:Connection.Thing.IsAttached": ["true"] } },
      }),
      allow("iot:Subscribe", [`topicfilter/${jobs}`]),
      allow("iot:Receive", [`topic/${jobs}`]),
      allow("iot:Publish", [`topic/${jobs}`, `topic/${receiptTopic(THING, stage)}`]),
    ],
  };
}
