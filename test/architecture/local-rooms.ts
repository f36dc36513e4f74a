import path from "node:path";
import type { SourceImports } from "./import-rules.ts";

/**
 * The rooms of `local/`, from the entry down, and what each may import from the others: no room leads back up to one
 * that starts it. What stands for AWS knows nothing of Blues, and the other way round; they meet in the stack.
 */
export const LOCAL_ROOMS: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["stack"],
  fault: ["control", "stack", "host"], // the command of a person, beside the stack that it talks to
  stack: [
    ...["control", "progress", "template", "blues/notecard", "blues/notehub", "host"],
    ...[
      "aws/aws-json",
      "aws/dynamodb",
      "aws/eventbridge",
      "aws/iam",
      "aws/iot",
      "aws/lambda",
      "aws/s3",
      "aws/secrets-manager",
      "aws/sigv4",
      "aws/sqs",
    ],
  ],
  control: ["progress", "blues/notecard", "blues/notehub", "host"],
  progress: [],
  template: ["aws/eventbridge", "aws/iam", "aws/s3"], // whose terms it puts rules, policies and buckets in
  "blues/notecard": ["blues/note", "blues/notehub", "host"],
  "blues/notehub": ["blues/note", "host"],
  "blues/note": [],
  "aws/dynamodb": ["aws/aws-json"],
  "aws/eventbridge": ["host"],
  "aws/iot": ["aws/aws-json", "aws/iam", "aws/sigv4", "host"],
  "aws/lambda": ["aws/sigv4", "aws/sqs", "host"],
  "aws/s3": ["aws/iam", "aws/sigv4", "host"],
  "aws/secrets-manager": ["aws/aws-json", "host"],
  "aws/sqs": ["aws/aws-json"],
  "aws/aws-json": ["aws/iam", "aws/sigv4", "host"],
  "aws/iam": [],
  "aws/sigv4": [],
  host: [],
};

/** The imports from one room of `local/` to another that the table does not have, each as a sentence. */
export function roomBreaches({ file, imports }: SourceImports, rooms = LOCAL_ROOMS): string[] {
  if (!file.startsWith("local/")) return [];
  const room = roomOf(file);
  const allowed = rooms[room];
  if (allowed === undefined)
    return [`${file} lies in no room of local/: give local/${room} a line in the table`];
  return imports
    .filter(({ specifier }) => specifier.startsWith("."))
    .map(({ specifier }) => path.posix.join(path.posix.dirname(file), specifier))
    .filter((target) => target.startsWith("local/"))
    .filter((target) => roomOf(target) !== room && !allowed.includes(roomOf(target)))
    .map((target) => `${file} imports ${target}: local/${room} may not import from local/${roomOf(target)}`);
}

/** Such as `stack`; the rooms of `aws` and `blues` are what stands for one service each. */
function roomOf(file: string): string {
  const [, first = "", second = ""] = file.split("/");
  return first === "aws" || first === "blues" ? `${first}/${second}` : first;
}
