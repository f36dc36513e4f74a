import { AttributeType, BillingMode, ProjectionType, Table } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import { INDEXES } from "../protocol/delivery-table.ts";
import { fixLogicalId } from "./logical-id.ts";
import { WHEN_THE_STACK_GOES } from "./removal.ts";

/** Step 5, report: what each device was told, has and said. See docs/adr/0008-the-delivery-table.md. */
export class DeliveryTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const text = (name: string) => ({ name, type: AttributeType.STRING });
    this.table = new Table(this, "Table", {
      partitionKey: text("pk"),
      sortKey: text("sk"),
      billingMode: BillingMode.PAY_PER_REQUEST, // a release is a burst, and then there is nothing for weeks
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: "expires", // of the history alone
      removalPolicy: WHEN_THE_STACK_GOES.data,
    });
    for (const { name, partition, sort } of Object.values(INDEXES)) {
      this.table.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: text(partition),
        sortKey: text(sort),
        projectionType: ProjectionType.KEYS_ONLY, // a list needs no more, and each write is paid by its size
      });
    }
    fixLogicalId(this.table, "DeliveryTable");
  }
}
