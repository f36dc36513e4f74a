import { Aws } from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ITopic, Subscription, SubscriptionProtocol, Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

/** Whom alarms notify: an address by a topic of the stack's own, a topic of somebody else's, both or nobody. */
export class AlarmTopics extends Construct {
  readonly topics: readonly ITopic[];

  constructor(
    scope: Construct,
    id: string,
    { topicArn, email }: { topicArn: string | undefined; email: string | undefined },
  ) {
    super(scope, id);
    this.topics = [
      ...(topicArn === undefined ? [] : [Topic.fromTopicArn(this, "Given", topicArn)]),
      ...(email === undefined ? [] : [this.createFor(email)]),
    ];
  }

  /** AWS sends that address a link, and nothing else before it is opened. Not encrypted by a key of AWS's: alarms could not use it. */
  private createFor(email: string): Topic {
    const topic = new Topic(this, "Email", { enforceSSL: true });
    new Subscription(this, "Address", { topic, protocol: SubscriptionProtocol.EMAIL, endpoint: email });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    );
    return topic;
  }
}
