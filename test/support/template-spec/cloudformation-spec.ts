import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";

type Database = ReturnType<typeof loadAwsServiceSpecSync>;

/** What CloudFormation's registry says of a resource type. */
export type ResourceSpec = NonNullable<ReturnType<typeof findResourceSpec>>;
export type PropertySpecs = ResourceSpec["properties"];
export type PropertyType = PropertySpecs[string]["type"];

let database: Database | undefined;

function load(): Database {
  database ??= loadAwsServiceSpecSync(); // half a second, so once
  return database;
}

export function findResourceSpec(type: string) {
  return load().lookup("resource", "cloudFormationType", "equals", type).at(0);
}

/** The properties of a type that a property refers to. */
export function propertiesOf(type: Extract<PropertyType, { type: "ref" }>): PropertySpecs {
  return load().get("typeDefinition", type.reference.$ref).properties;
}
