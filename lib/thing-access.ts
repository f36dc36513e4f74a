import { Aws } from "aws-cdk-lib";
import { CfnPolicy, CfnTopicRule } from "aws-cdk-lib/aws-iot";
import { CfnPermission, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { RECEIPT_THING_LEVEL, receiptTopic } from "../protocol/thing-topics.ts";
import { IOT_ARN_PREFIX } from "./iot-wiring.ts";

/** The thing that a connection is: its name must be the client id, and the certificate the thing's. */
const THING = `\${iot:Connection.Thing.ThingName}`;

export type ThingAccessProps = { recorder: LambdaFunction; stage: string | undefined };

/** What AWS IoT's things may do, and where their receipts go. */
export class ThingAccess extends Construct {
  /** To be attached to the certificates of things. */
  readonly policyName: string;
  readonly ruleName: string;

  constructor(scope: Construct, id: string, { recorder, stage }: ThingAccessProps) {
    super(scope, id);
    const policy = new CfnPolicy(this, "Policy", { policyDocument: policyDocument(stage) });
    policy.overrideLogicalId("ThingPolicy");
    this.policyName = policy.ref;
    this.ruleName = this.sendReceipts(recorder, stage).ref;
  }

  /**
   * Whose a receipt is the topic says, where the policy lets each thing publish to its own alone. [NF-13.6] The body is passed on as it came:
   * SQL would fail on what is no JSON. There is no error action: it is for a rule that cannot call its function, which a permission beside it
   * prevents; what the function itself fails to record Lambda tries twice more, and the alarm on its errors tells.
   */
  private sendReceipts(recorder: LambdaFunction, stage: string | undefined): CfnTopicRule {
    const rule = new CfnTopicRule(this, "Receipts", {
      topicRulePayload: {
        description: "Has what things say of their files recorded",
        sql: `SELECT encode(*, 'base64') AS body, topic(${RECEIPT_THING_LEVEL}) AS thing, timestamp() AS received FROM '${receiptTopic("+", stage)}'`,
        awsIotSqlVersion: "2016-03-23",
        actions: [{ lambda: { functionArn: recorder.functionArn } }],
      },
    });
    rule.overrideLogicalId("ThingReceiptRule");
    const permission = new CfnPermission(this, "Permission", {
      action: "lambda:InvokeFunction",
      functionName: recorder.functionName,
      principal: "iot.amazonaws.com",
      sourceAccount: Aws.ACCOUNT_ID,
      sourceArn: rule.attrArn,
    });
    permission.overrideLogicalId("ThingReceiptRulePermission");
    return rule;
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
