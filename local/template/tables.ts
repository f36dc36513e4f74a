import * as v from "valibot";
import { type ResolvedResource, readResources } from "./resource-reader.ts";

const KeySchema = v.array(v.object({ AttributeName: v.string(), KeyType: v.picklist(["HASH", "RANGE"]) }));

const TableProperties = v.object({
  AttributeDefinitions: v.array(v.object({ AttributeName: v.string(), AttributeType: v.string() })),
  KeySchema,
  BillingMode: v.literal("PAY_PER_REQUEST"),
  GlobalSecondaryIndexes: v.optional(
    v.array(v.object({ IndexName: v.string(), KeySchema, Projection: v.record(v.string(), v.unknown()) })),
    [],
  ),
});

/** A table of the template; `definition` is what CreateTable takes. */
export type TableDeployment = { name: string; arn: string; definition: Record<string, unknown> };

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html */
export function readTables(
  resources: readonly ResolvedResource[],
  arnOf: (id: string) => string,
): TableDeployment[] {
  return readResources(resources, "AWS::DynamoDB::Table", TableProperties).map(({ id, ref, properties }) => ({
    name: ref,
    arn: arnOf(id),
    definition: properties,
  }));
}
