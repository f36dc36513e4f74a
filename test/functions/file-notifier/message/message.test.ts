import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatDeviceMessage,
  parseDeviceMessage,
} from "../../../../functions/file-notifier/message/device-message.ts";
import { parseMessage } from "../../../../functions/file-notifier/message/message.ts";
import { decodeKey } from "../../../../functions/file-notifier/message/s3-event.ts";
import { eventRecord } from "../support/s3-stand-in.ts";

const RECORD = eventRecord("a b.txt", {
  size: 3,
  eTag: "e",
  versionId: "v1",
  sequencer: "0055AED6DCD90281E5",
});

/** As AWS's documentation shows it, reduced to what is read. */
function withObject(change: Record<string, unknown>) {
  const record = structuredClone(RECORD);
  return { ...record, s3: { ...record.s3, object: { ...record.s3.object, ...change } } };
}

function parseRecord(record: unknown) {
  return parseMessage(JSON.stringify({ Records: [record] }));
}

const arbitraryKey = fc.string({ unit: "grapheme", minLength: 1, maxLength: 99 });
const arbitraryPayload = fc
  .uint8Array({ minLength: 1, maxLength: 250 })
  .map((bytes): Uint8Array => Buffer.from(bytes));

function announcementOf(name: string, size: number) {
  return { name, size, sha256: "A".repeat(43), etag: "e-1" };
}

describe("keys of events", () => {
  test.each([
    ["a+b.txt", "a b.txt"],
    ["a%2Bb", "a+b"],
    ["100%25+done", "100% done"],
    ["%C3%BC/%F0%9F%9A%A2", "ü/🚢"],
    ["a%252Fb", "a%2Fb"], // decoded once
    ["devices/dev%3A1/x", "devices/dev:1/x"],
  ])("%s is %s", (encoded, key) => {
    expect(decodeKey(encoded)).toBe(key);
  });

  test("every key survives the way through an event", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }), (key) => {
        const [task] = parseRecord(eventRecord(key, { size: 1, eTag: "e", sequencer: "1" }));
        expect(task).toMatchObject({ kind: "changed", change: { kind: "added", key, versionId: "null" } });
      }),
    );
  });
});

describe("messages", () => {
  test("every record of an S3 event is a task of its own", () => {
    const other = withObject({ key: "c" });
    const tasks = parseMessage(JSON.stringify({ Records: [RECORD, other] }));
    expect(tasks).toMatchObject([
      {
        kind: "changed",
        change: {
          ...{ kind: "added", size: 3, bucket: "files-bucket", key: "a b.txt" },
          ...{ versionId: "v1", sequencer: "0055AED6DCD90281E5" },
        },
        body: JSON.stringify({ Records: [RECORD] }),
      },
      { kind: "changed", change: { key: "c" }, body: JSON.stringify({ Records: [other] }) },
    ]);
  });

  test("the test event of S3 and other events are ignored", () => {
    expect(parseMessage('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}')).toMatchObject([
      { kind: "ignored" },
    ]);
    expect(parseRecord({ ...RECORD, eventName: "ObjectTagging:Put" })).toMatchObject([
      { kind: "ignored", why: "event ObjectTagging:Put" },
    ]);
  });

  test.each([
    ["ObjectCreated:Copy", { kind: "added", versionId: "v1" }],
    ["ObjectRemoved:DeleteMarkerCreated", { kind: "added", versionId: undefined }],
    ["LifecycleExpiration:DeleteMarkerCreated", { kind: "added", versionId: undefined }],
    ["ObjectRemoved:Delete", { kind: "removed", expired: false }],
    ["LifecycleExpiration:Delete", { kind: "removed", expired: true }],
  ])("%s is a reason to look at the key [NF-8.6]", (eventName, change) => {
    const record = { ...RECORD, eventName };
    expect(parseRecord(record)).toMatchObject([
      { kind: "changed", change: { ...change, key: "a b.txt", sequencer: "0055AED6DCD90281E5" } },
    ]);
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "null"],
    ["an array", "[]"],
    ["no records", '{"Records":[]}'],
    ["another service's message", '{"Type":"Notification","Message":"{}"}'],
    ["an unknown major version", JSON.stringify({ Records: [{ ...RECORD, eventVersion: "3.0" }] })],
    ["no sequencer", JSON.stringify({ Records: [withObject({ sequencer: undefined })] })],
    ["a sequencer that is no hexadecimal", JSON.stringify({ Records: [withObject({ sequencer: "xyz" })] })],
    ["a key with a broken escape", JSON.stringify({ Records: [withObject({ key: "%zz" })] })],
    ["a key of broken UTF-8", JSON.stringify({ Records: [withObject({ key: "%ff" })] })],
    ["a key longer than S3's longest", JSON.stringify({ Records: [withObject({ key: "x".repeat(1025) })] })],
    [
      "a bucket that is none",
      JSON.stringify({ Records: [{ ...RECORD, s3: { ...RECORD.s3, bucket: { name: "a/b" } } }] }),
    ],
    ["a device message without a device", '{"announce":{}}'],
  ])("%s is unreadable, and kept whole", (_, body) => {
    expect(parseMessage(body)).toMatchObject([{ kind: "unreadable", body }]);
  });

  test("a later minor version is read", () => {
    expect(parseRecord({ ...RECORD, eventVersion: "2.9", more: 1 })).toMatchObject([{ kind: "changed" }]);
  });

  test("a device message reads back as it was written", () => {
    fc.assert(
      fc.property(
        arbitraryKey,
        fc.nat(),
        fc.option(arbitraryPayload, { nil: undefined }),
        (key, size, payload) => {
          const patched = payload === undefined ? {} : { b: "B".repeat(8) };
          const message = {
            deviceUid: "dev:1",
            version: { bucket: "b", key, versionId: "v", sequencer: "0A" },
            notice: { announcement: { ...announcementOf(key, size), ...patched }, payload },
          };
          expect(parseDeviceMessage(JSON.parse(formatDeviceMessage(message)))).toEqual(message);
        },
      ),
    );
  });

  test.each([
    ["is no base64", "A"],
    ["is no text", 7],
    ["is longer than a Note carries", Buffer.alloc(251).toString("base64")],
    ["is empty", ""],
    ["is missing", undefined],
  ])("of a payload that %s nothing is said: the patch is no loss [NF-10.2]", (_what, payload) => {
    const notice = {
      announcement: { ...announcementOf("a", 1), b: "B".repeat(8) },
      payload: Buffer.alloc(9),
    };
    const version = { bucket: "b", key: "a", versionId: "v", sequencer: "0A" };
    const wire = JSON.parse(formatDeviceMessage({ deviceUid: "dev:1", version, notice }));
    const parsed = parseDeviceMessage({ announce: { ...wire.announce, payload } });
    expect(parsed?.notice).toEqual({ announcement: announcementOf("a", 1) });
  });

  test("nothing that a queue can hold makes the parser throw, and every task says what it is", () => {
    const mutated = fc
      .tuple(fc.constantFrom("Records", "announce", "Event"), fc.jsonValue(), fc.jsonValue())
      .map(([member, value, other]) => JSON.stringify({ [member]: value, other }));
    const record = fc
      .tuple(fc.constantFrom("eventVersion", "eventName", "s3"), fc.jsonValue())
      .map(([member, value]) => JSON.stringify({ Records: [{ ...RECORD, [member]: value }] }));
    const object = fc
      .tuple(fc.constantFrom("key", "size", "versionId", "sequencer"), fc.jsonValue())
      .map(([member, value]) => JSON.stringify({ Records: [withObject({ [member]: value })] }));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated, record, object), (body) => {
        for (const task of parseMessage(body)) {
          expect(["changed", "announce", "ignored", "unreadable"]).toContain(task.kind);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
