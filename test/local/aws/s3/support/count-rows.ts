import type { StatementSync } from "node:sqlite";
import type { Database } from "../../../../../local/aws/s3/store/database.ts";

/** A database that counts the rows that its statements hand over. */
export function countRows(database: Database): Database & { rows(): number } {
  let rows = 0;
  const count = (statement: StatementSync): StatementSync =>
    new Proxy(statement, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...values: unknown[]) => {
          const result: unknown = Reflect.apply(value, target, values);
          if (name === "iterate") return counted(result);
          rows += Array.isArray(result) ? result.length : name === "get" ? 1 : 0;
          return result;
        };
      },
    });

  function* counted(result: unknown): Generator<unknown> {
    if (!isIterable(result)) throw new Error("iterate gave no iterator");
    for (const row of result) {
      rows++;
      yield row;
    }
  }

  return { ...database, prepare: (sql) => count(database.prepare(sql)), rows: () => rows };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
