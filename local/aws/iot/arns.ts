/** Where the deployment lives. */
export type IotAccount = { region: string; accountId: string };

export type ArnKind = "client" | "topic" | "topicfilter" | "thing" | "thinggroup" | "job" | "rule";

/** Such as `arn:aws:iot:us-east-1:000000000000:thing/pump`. */
export function iotArn({ region, accountId }: IotAccount, kind: ArnKind, name: string): string {
  return `arn:aws:iot:${region}:${accountId}:${kind}/${name}`;
}

/** The thing or group that a job's target names; undefined for an ARN of something else, or of another account. */
export function readTarget(
  account: IotAccount,
  arn: string,
): { kind: "thing" | "thinggroup"; name: string } | undefined {
  for (const kind of ["thing", "thinggroup"] as const) {
    const prefix = iotArn(account, kind, "");
    if (arn.startsWith(prefix) && arn.length > prefix.length) return { kind, name: arn.slice(prefix.length) };
  }
  return undefined;
}
