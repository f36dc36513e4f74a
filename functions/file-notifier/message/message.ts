import * as v from "valibot";
import { type DeviceMessage, parseDeviceMessage } from "./device-message.ts";
import { type FleetMessage, parseFleetMessage } from "./fleet-message.ts";
import { type KeyChange, readS3Record } from "./s3-event.ts";

/**
 * What to look into: a key that changed, or a file that a device of a fleet is to hear of. `body` is what the dead-letter queue would get: this part of the message alone.
 */
export type FileTask =
  | { kind: "changed"; change: KeyChange; body: string }
  | ({ kind: "announce"; body: string } & DeviceMessage);

/** What is to be done about a fleet, or about all of them. */
export type FleetTask = FleetMessage & { body: string };

/** What a part of a queue message asks for. */
export type Task =
  | FileTask
  | FleetTask
  | { kind: "ignored"; why: string }
  | { kind: "unreadable"; reason: string; body: string };

const S3Event = v.object({ Records: v.pipe(v.array(v.unknown()), v.nonEmpty()) });
/** S3 sends one when notifications are configured. */
const S3TestEvent = v.object({ Event: v.literal("s3:TestEvent") });
const OwnMessage = v.object({ announce: v.unknown() });

/** Reads the body of a queue message: each record of an S3 event, or one message of our own. Nothing is thrown. */
export function parseMessage(body: string): Task[] {
  const json = parseJson(body);
  if (v.is(S3TestEvent, json)) return [{ kind: "ignored", why: "s3:TestEvent" }];
  if (v.is(OwnMessage, json)) {
    const message = parseDeviceMessage(json);
    if (message !== undefined) return [{ kind: "announce", body, ...message }];
    return [{ kind: "unreadable", reason: "the device message lacks a member", body }];
  }
  const ofFleet = parseFleetMessage(json);
  if (ofFleet === "unreadable")
    return [{ kind: "unreadable", reason: "the fleet message lacks a member", body }];
  if (ofFleet !== undefined) return [{ ...ofFleet, body }];
  if (!v.is(S3Event, json)) {
    return [{ kind: "unreadable", reason: "neither an S3 event nor a message of our own", body }];
  }
  return json.Records.map((record) => {
    const reading = readS3Record(record);
    return reading.kind === "ignored" ? reading : { ...reading, body: JSON.stringify({ Records: [record] }) };
  });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
