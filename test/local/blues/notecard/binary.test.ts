import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCobs, encodeCobs } from "../../../../agent/notecard/cobs.ts";
import { appendCrc } from "../../../../agent/notecard/request-crc.ts";
import { BINARY_MAX_BYTES, createBinaryBuffer } from "../../../../local/blues/notecard/binary-buffer.ts";
import { testTls } from "../notehub/support/hub-under-test.ts";
import { startUpstream } from "../notehub/support/upstream.ts";
import { type CardUnderTest, cardUnderTest } from "./support/card-under-test.ts";
import { noteGo } from "./support/hosts/note-go.ts";

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");

/** Sends bytes as a host library does: the request, then the packet once it was answered. */
async function put({ host }: CardUnderTest, bytes: Buffer, offset = 0, status = md5(bytes)) {
  const packet = encodeCobs(bytes);
  const reply = await host.ask({
    req: "card.binary.put",
    cobs: packet.length,
    status,
    ...(offset > 0 && { offset }),
  });
  expect(reply).toEqual({});
  await host.write(Buffer.concat([packet, Buffer.from("\n")]));
}

async function get({ host }: CardUnderTest, offset: number, length: number) {
  const reply = await host.ask({ req: "card.binary.get", offset, length });
  const packet = (await host.line()).subarray(0, -1);
  expect(reply.cobs).toBe(packet.length);
  const bytes = decodeCobs(packet);
  expect(reply).toEqual({ status: md5(bytes), length, cobs: packet.length });
  return bytes;
}

describe("card.binary", () => {
  test("says its size when it is empty, and all about what it holds", async () => {
    await using under = await cardUnderTest();
    await under.until({ req: "hub.status" }, ({ connected }) => connected === true);
    for (const clear of [{}, { delete: true }, { reset: true }]) {
      expect(await under.host.ask({ req: "card.binary", ...clear })).toEqual({
        connected: true,
        max: 130_554,
      });
    }
    const bytes = Buffer.from([0, 0x0a, 1, 0x0a ^ 1, 255]);
    await put(under, bytes);
    expect(await under.host.ask({ req: "card.binary" })).toEqual({
      ...{ connected: true, max: 130_554, length: 5, cobs: 6, status: md5(bytes) },
    });
  });

  test("takes fragments one after the other and gives back any slice", async () => {
    await using under = await cardUnderTest();
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * index) & 0xff));
    await put(under, bytes.subarray(0, 30_000));
    await put(under, bytes.subarray(30_000), 30_000);
    expect(await under.host.ask({ req: "card.binary" })).toMatchObject({
      length: 70_000,
      status: md5(bytes),
    });
    for (const [offset, length] of [
      [0, 70_000],
      [1, 254],
      [69_999, 1],
      [29_990, 20],
    ] as const) {
      expect(Buffer.compare(await get(under, offset, length), bytes.subarray(offset, offset + length))).toBe(
        0,
      );
    }
  });

  test("is spoilt by a packet that is not as announced, until a good one", async () => {
    await using under = await cardUnderTest();
    await put(under, Buffer.from("abc"));
    await put(under, Buffer.from("def"), 3, md5(Buffer.from("xyz")));
    expect((await under.host.ask({ req: "card.binary" })).err).toContain("{bad-bin}");
    await put(under, Buffer.from("def"), 3);
    expect(await under.host.ask({ req: "card.binary" })).toMatchObject({
      length: 6,
      status: md5(Buffer.from("abcdef")),
    });
    expect(await get(under, 0, 6)).toEqual(Buffer.from("abcdef"));
  });

  test("takes a packet again at the same offset, in place of what was there", async () => {
    await using under = await cardUnderTest();
    await put(under, Buffer.from("abc"));
    for (const text of ["def", "xyz"]) await put(under, Buffer.from(text), 3);
    expect(await get(under, 0, 6)).toEqual(Buffer.from("abcxyz"));
  });

  test("a host that gives up before its packet is in step at once", async () => {
    await using under = await cardUnderTest();
    await under.host.ask({ req: "card.binary.put", cobs: 4, status: md5(Buffer.from("abc")) });
    expect(await under.host.ask({ req: "hub.sync" })).toEqual({});
    await under.host.ask({ req: "card.binary.put", cobs: 4, status: md5(Buffer.from("abc")) });
    await under.host.write("\n");
    expect((await under.host.line()).toString()).toBe("\r\n");
  });

  test.each([
    [0, 4],
    [3, 1],
    [0, 0],
  ])("has no slice from %d of %d bytes of 3, and sends no packet for it", async (offset, length) => {
    await using under = await cardUnderTest();
    await put(under, Buffer.from("abc"));
    const reply = await under.host.ask({ req: "card.binary.get", offset, length });
    expect(reply).toEqual({ err: expect.stringContaining("{bad-bin}") });
    expect(await under.host.answer("")).toBe("");
  });

  test("refuses what cannot fit, and a gap", async () => {
    await using under = await cardUnderTest();
    const status = md5(Buffer.alloc(0));
    const big = await under.host.ask({ req: "card.binary.put", cobs: BINARY_MAX_BYTES + 1_000, status });
    expect(big.err).toContain("{too-big}");
    expect((await under.host.ask({ req: "card.binary.put", cobs: 4, status, offset: 1 })).err).toContain(
      "{bad-bin}",
    );
  });

  test("takes no more than fits of a packet of unknown length", () => {
    const buffer = createBinaryBuffer();
    const put = (length: number) =>
      buffer.put(encodeCobs(Buffer.alloc(length, 7)), { cobs: undefined, status: undefined, offset: 0 });
    put(BINARY_MAX_BYTES + 1);
    expect([buffer.spoilt(), buffer.bytes().length]).toEqual([true, 0]);
    put(BINARY_MAX_BYTES);
    expect([buffer.spoilt(), buffer.bytes().length]).toEqual([false, BINARY_MAX_BYTES]);
  });

  test("holds exactly its maximum", async () => {
    await using under = await cardUnderTest();
    const bytes = Buffer.alloc(BINARY_MAX_BYTES, 7);
    await put(under, bytes);
    expect(await under.host.ask({ req: "card.binary" })).toMatchObject({ length: BINARY_MAX_BYTES });
    expect(Buffer.compare(await get(under, 0, BINARY_MAX_BYTES), bytes)).toBe(0);
  });

  test("a retry of card.binary.get brings its packet again", async () => {
    await using under = await cardUnderTest();
    await put(under, Buffer.from("abc"));
    const request = appendCrc('{"req":"card.binary.get","offset":0,"length":3}', 9);
    await under.host.write(`${request}\n${request}\n`);
    const [line, packet] = [await under.host.line(), await under.host.line()];
    expect(decodeCobs(packet.subarray(0, -1))).toEqual(Buffer.from("abc"));
    expect([await under.host.line(), await under.host.line()]).toEqual([line, packet]);
  });

  test("note-go, which drops what one read brings after a reply's newline, gets the packet", async () => {
    await using under = await cardUnderTest();
    const bytes = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * index) & 0xff));
    await put(under, bytes);
    const host = noteGo(under.host);
    for (const [offset, length] of [
      [0, 1],
      [0, 5_000],
    ] as const) {
      const reply = await host.transaction({ req: "card.binary.get", offset, length });
      const packet = await host.receiveBytes();
      expect(packet.indexOf(0x0a)).toBe(packet.length - 1);
      expect(md5(decodeCobs(packet.subarray(0, -1)))).toBe(reply.status);
    }
  });

  test.each([
    ["no MD5", { status: undefined }],
    ["no length", { cobs: undefined }],
    ["neither", { cobs: undefined, status: undefined }],
    ["-1 for what it leaves out", { cobs: -1, offset: -1 }],
  ])("takes a packet that is announced with %s", async (_what, fields) => {
    await using under = await cardUnderTest();
    // The packet of the second begins like a request.
    for (const bytes of [Buffer.from("abc"), Buffer.alloc(112, 7)]) {
      const packet = encodeCobs(bytes);
      const request = { req: "card.binary.put", cobs: packet.length, status: md5(bytes), ...fields };
      expect(await under.host.ask(request)).toEqual({});
      await under.host.write(Buffer.concat([packet, Buffer.from("\n")]));
      expect(await under.host.ask({ req: "card.binary" })).toMatchObject({
        ...{ length: bytes.length, status: md5(bytes) },
      });
    }
  });

  test("a packet that is no COBS spoils the buffer, also without an MD5", async () => {
    await using under = await cardUnderTest();
    await under.host.ask({ req: "card.binary.put", cobs: 2 });
    await under.host.write(Buffer.from([0xff, 0x01, 0x0a]));
    expect((await under.host.ask({ req: "card.binary" })).err).toContain("{bad-bin}");
  });

  test("any sequence of packets leaves what was sent", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 600 }), { maxLength: 5 }), (parts) => {
        const buffer = createBinaryBuffer();
        for (const part of parts) {
          const packet = encodeCobs(part);
          buffer.put(packet, { cobs: packet.length, status: md5(part), offset: buffer.bytes().length });
          expect(buffer.spoilt()).toBe(false);
        }
        expect(Buffer.compare(buffer.bytes(), Buffer.concat(parts))).toBe(0);
      }),
    );
  });
});

describe("web.get with binary", () => {
  test("fills the buffer, an error's text too, and no more than it holds", async () => {
    await using upstream = await startUpstream(await testTls(), ({ target }, response) => {
      const bytes = Buffer.alloc(Number(target.slice(1)), 9);
      response
        .writeHead(bytes.length === 5 ? 404 : 206, { "content-range": `bytes 0-9/${bytes.length}` })
        .end(bytes);
    });
    const route = { alias: "r", url: upstream.url, headers: {}, timeoutSeconds: 10 };
    await using under = await cardUnderTest({}, { routes: [route] });
    await under.until({ req: "hub.status" }, ({ connected }) => connected === true);
    const web = {
      req: "web.get",
      route: "r",
      content: "application/octet-stream",
      binary: true,
      offset: 0,
      max: 9,
    };
    expect(await under.host.ask({ ...web, name: "/100000" })).toEqual({
      ...{ result: 206, length: 100_000, cobs: 100_394, total: 100_000 },
    });
    expect(await get(under, 99_990, 10)).toEqual(Buffer.alloc(10, 9));
    expect(await under.host.ask({ ...web, name: "/5" })).toMatchObject({ result: 404, length: 5, cobs: 6 });
    expect(await under.host.ask({ req: "card.binary" })).toMatchObject({ length: 5 });
    expect((await under.host.ask({ ...web, name: "/130555" })).err).toContain("{too-big}");
    expect(await under.host.ask({ req: "card.binary" })).not.toHaveProperty("length");
  });
});
