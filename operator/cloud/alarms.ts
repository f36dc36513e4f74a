import { CloudFormationClient, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { clientConfig } from "./client-config.ts";
import type { Deployment } from "./deployment.ts";

/** An alarm that rings, and its description, which says what has happened and what to do. */
export type RingingAlarm = { name: string; description: string; since: string };

/** CloudWatch's bound on the names in one call. */
const NAMES_AT_ONCE = 100;

/**
 * The alarms of a stack that ring. The stack tells their names: by their prefix those of another stage would be among them.
 */
export async function ringingAlarms(deployment: Deployment, signal: AbortSignal): Promise<RingingAlarm[]> {
  const names = await alarmNames(deployment, signal);
  const client = new CloudWatchClient(clientConfig(deployment.aws));
  try {
    const ringing: RingingAlarm[] = [];
    for (let first = 0; first < names.length; first += NAMES_AT_ONCE) {
      const AlarmNames = names.slice(first, first + NAMES_AT_ONCE);
      const { MetricAlarms = [] } = await client.send(
        new DescribeAlarmsCommand({ AlarmNames, StateValue: "ALARM", MaxRecords: NAMES_AT_ONCE }),
        { abortSignal: signal },
      );
      for (const { AlarmName = "", AlarmDescription = "", StateUpdatedTimestamp } of MetricAlarms) {
        ringing.push({
          name: AlarmName,
          description: AlarmDescription,
          since: StateUpdatedTimestamp?.toISOString() ?? "",
        });
      }
    }
    return ringing;
  } finally {
    client.destroy();
  }
}

async function alarmNames({ name, aws }: Deployment, signal: AbortSignal): Promise<string[]> {
  const client = new CloudFormationClient(clientConfig(aws));
  try {
    const names: string[] = [];
    const pages = paginateListStackResources({ client }, { StackName: name }, { abortSignal: signal });
    for await (const { StackResourceSummaries = [] } of pages) {
      for (const { ResourceType, PhysicalResourceId } of StackResourceSummaries) {
        if (ResourceType === "AWS::CloudWatch::Alarm" && PhysicalResourceId) names.push(PhysicalResourceId);
      }
    }
    return names;
  } finally {
    client.destroy();
  }
}
