import type { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { GetTemplateCommand, paginateListStackResources } from "@aws-sdk/client-cloudformation";
import * as v from "valibot";

/** A resource that outlives its stack. `name` is what AWS calls it, such as a bucket's. */
export type KeptResource = { logicalId: string; type: string; name: string };

const Template = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ Resources: v.record(v.string(), v.looseObject({ DeletionPolicy: v.optional(v.string()) })) }),
);

/** What stays when a stack is deleted, by its template. */
export async function keptResources(
  client: CloudFormationClient,
  StackName: string,
  abortSignal: AbortSignal,
): Promise<KeptResource[]> {
  const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName }), { abortSignal });
  const { Resources } = v.parse(Template, TemplateBody);
  const kept: KeptResource[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName }, { abortSignal })) {
    for (const {
      LogicalResourceId: logicalId = "",
      ResourceType: type = "",
      PhysicalResourceId: name,
    } of page.StackResourceSummaries ?? []) {
      const isKept = Object.hasOwn(Resources, logicalId) && Resources[logicalId]?.DeletionPolicy === "Retain";
      if (isKept && name !== undefined) kept.push({ logicalId, type, name });
    }
  }
  return kept;
}
