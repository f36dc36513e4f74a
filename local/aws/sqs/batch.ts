import * as v from "valibot";
import { AwsError } from "../aws-json/aws-error.ts";
import { sqsError } from "./sqs-errors.ts";

const MAX_ENTRIES = 10;
const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

/** The entries are parsed one by one, so that a bad one fails alone. */
export const BatchInput = v.object({ Entries: v.array(v.looseObject({ Id: v.string() })) });

type Entry = v.InferOutput<typeof BatchInput>["Entries"][number];
type Failure = { Id: string; Code: string; Message: string; SenderFault: boolean };

/** @throws {AwsError} for what fails a batch as a whole. */
export function checkEntries(entries: readonly Entry[]): void {
  if (entries.length === 0) throw sqsError("EmptyBatchRequest", "There is no entry in the batch.");
  if (entries.length > MAX_ENTRIES) {
    throw sqsError("TooManyEntriesInBatchRequest", `A batch has at most ${MAX_ENTRIES} entries.`);
  }
  const bad = entries.find(({ Id }) => !ENTRY_ID.test(Id));
  if (bad !== undefined) throw sqsError("InvalidBatchEntryId", "An Id is 1 to 80 of A-Z, a-z, 0-9, - and _.");
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length) {
    throw sqsError("BatchEntryIdsNotDistinct", "Two entries have the same Id.");
  }
}

/** Does one thing for each entry; what the service refuses of one does not stop the others. */
export async function runBatch(
  entries: readonly Entry[],
  run: (entry: Entry) => unknown,
): Promise<{ Successful: object[]; Failed: Failure[] }> {
  checkEntries(entries);
  const Successful: object[] = [];
  const Failed: Failure[] = [];
  for (const entry of entries) {
    try {
      Successful.push({ Id: entry.Id, ...Object(await run(entry)) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const Code = error.queryCode ?? "InvalidParameterValue";
      Failed.push({ Id: entry.Id, Code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}
