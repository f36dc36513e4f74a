import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type MessageAttributes, md5OfAttributes, md5OfBody } from "../../../../local/aws/sqs/message.ts";

test("MD5 values that SQS itself gives", () => {
  expect(md5OfBody("hello")).toBe("5d41402abc4b2a76b9719d911017c592");
  expect(md5OfAttributes({ timestamp: { DataType: "Number", StringValue: "1493147359900" } })).toBe(
    "235c5c510d26fb653d073faed50ae77c",
  );
  expect(md5OfAttributes({})).toBeUndefined();
});

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
const attribute = fc.oneof(
  fc.record({
    DataType: fc.constantFrom("String", "Number", "String.x"),
    StringValue: fc.string({ unit: "grapheme" }),
  }),
  fc.record({
    DataType: fc.constantFrom("Binary", "Binary.gif"),
    BinaryValue: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64")),
  }),
);
const attributes: fc.Arbitrary<MessageAttributes> = fc.dictionary(name, attribute, {
  minKeys: 1,
  maxKeys: 10,
});

/** The algorithm of the developer guide once more, by concatenation. */
function md5ByTheGuide(given: MessageAttributes): string {
  const sized = (bytes: Buffer) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(bytes.length);
    return Buffer.concat([size, bytes]);
  };
  const parts = Object.entries(given)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, { DataType, StringValue, BinaryValue }]) => [
      sized(Buffer.from(key)),
      sized(Buffer.from(DataType)),
      Buffer.from([BinaryValue === undefined ? 1 : 2]),
      sized(BinaryValue === undefined ? Buffer.from(StringValue ?? "") : Buffer.from(BinaryValue, "base64")),
    ]);
  return createHash("md5").update(Buffer.concat(parts)).digest("hex");
}

test("the MD5 of attributes is the guide's, in whatever order they come", () => {
  fc.assert(
    fc.property(attributes, (given) => {
      const reversed = Object.fromEntries(Object.entries(given).reverse());
      expect(md5OfAttributes(given)).toBe(md5ByTheGuide(given));
      expect(md5OfAttributes(reversed)).toBe(md5OfAttributes(given));
    }),
  );
});
