import * as v from "valibot";
import { splitCrc } from "./request-crc.ts";

/** A reply's members. */
export type Reply = Record<string, unknown>;

/**
 * What a line is: the reply; a late reply to an earlier request that was given up; a sign that the Notecard is still at work;
 * nothing; or damaged.
 */
export type ReadLine =
  | { kind: "reply"; reply: Reply; withCrc: boolean }
  | { kind: "late" }
  | { kind: "heartbeat" }
  | { kind: "empty" }
  | { kind: "garbled"; reason: string };

const Members = v.record(v.string(), v.unknown());

/**
 * Reads one line from a Notecard.
 *
 * @param sequence of the request that was sent with a `crc`
 * @param crcExpected true once a reply carried a `crc`: a later one without it is damaged, unless it reports an error
 */
export function readReplyLine(line: Buffer, sequence: number, crcExpected: boolean): ReadLine {
  const text = line.toString("utf8").trim();
  if (text === "") return { kind: "empty" };
  const split = splitCrc(text);
  if (split !== undefined && !split.crcOk) return { kind: "garbled", reason: "its checksum does not hold" };
  const reply = parseMembers(split?.json ?? text);
  if (reply === undefined) return { kind: "garbled", reason: "it is no JSON object" };
  if (split !== undefined && split.sequence !== sequence) return { kind: "late" };
  if (typeof reply.err === "string" && reply.err.includes("{heartbeat}")) return { kind: "heartbeat" };
  if (split === undefined && crcExpected && reply.err === undefined) {
    return { kind: "garbled", reason: "it lacks the checksum that replies had before" };
  }
  return { kind: "reply", reply, withCrc: split !== undefined };
}

function parseMembers(text: string): Reply | undefined {
  try {
    const parsed = v.safeParse(Members, JSON.parse(text));
    return parsed.success && !Array.isArray(parsed.output) ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
