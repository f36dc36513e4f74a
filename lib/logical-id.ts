import { CfnElement } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * Fixes the logical id of what holds data or has an address that is copied by hand. CDK derives ids from the path
 * of constructs, and CloudFormation replaces a resource whose id changes: moving code would lose files.
 */
export function fixLogicalId(construct: IConstruct, id: string): void {
  const element = construct.node.defaultChild;
  if (!CfnElement.isCfnElement(element)) throw new Error(`${construct.node.path} has no resource of its own`);
  element.overrideLogicalId(id);
}
