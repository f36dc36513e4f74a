import { Aws, Fn } from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";
import type { FileNotifierEnv } from "../functions/file-notifier/env.ts";
import { JOB_ID_PREFIX } from "../protocol/job-id.ts";
import { acknowledgeWildcard } from "./acknowledgements.ts";
import type { FileServer } from "./file-server.ts";
import { jobSettings } from "./job-settings.ts";
import type { Settings } from "./settings.ts";
import { allow, type Wiring } from "./wiring.ts";

export type IotWiring = Pick<
  Wiring<FileNotifierEnv>,
  "IOT_ARN_PREFIX" | "IOT_JOB_SETTINGS" | "FILE_SERVER_URL" | "LINK_SECRET_ARN"
>;

/** ARNs of AWS IoT in this account and region begin so. */
export const IOT_ARN_PREFIX = `arn:${Aws.PARTITION}:iot:${Aws.REGION}:${Aws.ACCOUNT_ID}:`;

/** Only our own jobs; and any thing or group, since the keys of the bucket name them. */
const OURS = `${IOT_ARN_PREFIX}job/${JOB_ID_PREFIX}*`;
const TARGETS = [`${IOT_ARN_PREFIX}thing/*`, `${IOT_ARN_PREFIX}thinggroup/*`];

/** How the notifier tells things; nothing where the deployment reaches none. [NF-13.2] */
export function wireIot(server: FileServer, settings: Settings): IotWiring {
  if (settings.iot === "off") {
    const nothing = { value: undefined };
    return {
      ...{ IOT_ARN_PREFIX: nothing, IOT_JOB_SETTINGS: nothing },
      ...{ FILE_SERVER_URL: nothing, LINK_SECRET_ARN: nothing },
    };
  }
  return {
    IOT_ARN_PREFIX: {
      value: IOT_ARN_PREFIX,
      grants: [
        ...[OURS, ...TARGETS].map((resource): PolicyStatement => allow(["iot:CreateJob"], resource)),
        allow(["iot:CancelJob"], OURS),
      ],
    },
    IOT_JOB_SETTINGS: { value: JSON.stringify(jobSettings(settings)) },
    FILE_SERVER_URL: { value: originOf(server.url.url) },
    LINK_SECRET_ARN: {
      value: server.linkSecret.secretArn,
      grants: [allow(["secretsmanager:GetSecretValue"], server.linkSecret.secretArn)],
    },
  };
}

export function acknowledgeIot(scope: IConstruct): void {
  acknowledgeWildcard(scope, OURS, "Job ids are hashes of what they tell; these are those of our kind.");
  for (const target of TARGETS)
    acknowledgeWildcard(scope, target, "Keys of the bucket name the things and groups that get files.");
}

/** Of a function URL, which ends in a slash: Notehub, and who follows a job, join a path to it. */
export function originOf(url: string): string {
  return `https://${Fn.select(2, Fn.split("/", url))}`;
}
