import { INDEXES } from "../protocol/delivery-table.ts";

/**
 * Write units of the delivery table's indexes, which the local DynamoDB does not bill: an entry that is new is one unit, one
 * whose key changes is two. It must see every item from the first on.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
 */
export function createIndexBill() {
  const known = new Map<string, string>();
  return {
    unitsFor(item: Readonly<Record<string, { S?: string }>>): number {
      let units = 0;
      for (const { partition, sort } of Object.values(INDEXES)) {
        const name = `${item.pk?.S}\n${item.sk?.S}\n${sort}`;
        const before = known.get(name);
        const after = item[sort] === undefined ? undefined : `${item[partition]?.S}\n${item[sort]?.S}`;
        if (before === after) continue;
        units += (before === undefined ? 0 : 1) + (after === undefined ? 0 : 1);
        if (after === undefined) known.delete(name);
        else known.set(name, after);
      }
      return units;
    },
  };
}
