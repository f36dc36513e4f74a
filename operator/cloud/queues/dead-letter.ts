import * as v from "valibot";

/** What a dead letter is about: the keys that it names, the device if it is for one alone, and why it could not be announced. */
export type DeadLetter = {
  keys: string[];
  device?: string | undefined;
  /** Whose manifest could not be announced. */
  fleet?: string | undefined;
  reason?: string | undefined;
};

const S3Event = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ Records: v.array(v.object({ s3: v.object({ object: v.object({ key: v.string() }) }) })) }),
);
const DeviceMessage = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ announce: v.object({ device: v.string(), announcement: v.object({ name: v.string() }) }) }),
);

/** What the notifier asks itself about fleets, or an operator does. */
const FleetMessage = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([
    v.object({ announceFleet: v.object({ fleet: v.string() }) }),
    v.object({ share: v.object({ key: v.string() }) }),
    v.object({ look: v.object({ key: v.string() }) }),
  ]),
);

/** Reads a message of the dead-letter queue; one that nobody can read has no keys. */
export function readDeadLetter(body: string | undefined, reason: string | undefined): DeadLetter {
  const event = v.safeParse(S3Event, body);
  if (event.success) return { keys: event.output.Records.map(({ s3 }) => decodeKey(s3.object.key)), reason };
  const message = v.safeParse(DeviceMessage, body);
  if (!message.success) return { ...readFleetMessage(body), reason };
  const { device, announcement } = message.output.announce;
  return { keys: [announcement.name], device, reason };
}

function readFleetMessage(body: string | undefined): DeadLetter {
  const parsed = v.safeParse(FleetMessage, body);
  if (!parsed.success) return { keys: [] };
  const { output } = parsed;
  if ("announceFleet" in output) return { keys: [], fleet: output.announceFleet.fleet };
  return { keys: ["share" in output ? output.share.key : output.look.key] };
}

/** S3 writes a key as a form does. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
function decodeKey(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
