import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { appendCrc } from "../../../../../agent/notecard/request-crc.ts";
import { cardUnderTest } from "../support/card-under-test.ts";
import type { HostLibrary } from "../support/hosts/host.ts";
import { noteC } from "../support/hosts/note-c.ts";
import { noteGo } from "../support/hosts/note-go.ts";
import { notePython } from "../support/hosts/note-python.ts";
import { openLine } from "../support/serial-line.ts";

const LONG = "x".repeat(2_000);

describe.each<[string, HostLibrary]>([
  ["note-python", notePython],
  ["note-c", noteC],
  ["note-go", noteGo],
])("%s", (_name, library) => {
  test("resets, transacts without a retry, and tells replies apart", async () => {
    await using under = await cardUnderTest();
    const host = library(under.host);
    await host.reset();
    expect(await host.transaction({ req: "card.version" })).toMatchObject({ cell: true });
    // An empty reply is where a missing space costs note-c five tries.
    expect(await host.transaction({ req: "hub.set", sn: "unit-1" })).toEqual({});
    expect(await host.transaction({ req: "hub.get" })).toMatchObject({ sn: "unit-1" });
    expect(await host.transaction({ req: "hub.get" })).toMatchObject({ sn: "unit-1" });
    expect(host.retries()).toBe(0);
  });

  test("sends a request of many segments", async () => {
    await using under = await cardUnderTest();
    const host = library(under.host);
    await host.transaction({ req: "note.add", file: "long.qo", body: { text: LONG } });
    expect(under.flash.notes.list("long.qo")[0]?.body).toEqual({
      text: LONG,
    });
    expect(host.retries()).toBe(0);
  });

  test("gets in step again after another host's unfinished line", async () => {
    await using under = await cardUnderTest();
    await under.host.write('{"req":"card.ver');
    const host = library(under.host);
    await host.reset();
    expect(await host.transaction({ req: "hub.status" })).toHaveProperty("status");
  });

  test("is told of an unknown request once, as what it is", async () => {
    await using under = await cardUnderTest();
    const host = library(under.host);
    expect(await host.transaction({ req: "card.fly" })).toEqual({
      err: "unknown request: card.fly {not-supported}",
    });
    expect(host.retries()).toBe(0);
  });

  test("connects after another host has gone", async () => {
    await using under = await cardUnderTest();
    for (let hosts = 0; hosts < 3; hosts += 1) {
      await using line = await openLine(under.card.port);
      const host = library(line);
      await host.reset();
      expect(await host.transaction({ req: "card.time" })).toHaveProperty("zone");
    }
  });
});

describe.each<[string, HostLibrary]>([
  ["note-python", notePython],
  ["note-c", noteC],
])("%s retries", (_name, library) => {
  // Of the 35 bytes of the reply: its text, the member's name, its sequence and its checksum.
  test.each([0.272, 0.4, 0.53, 0.73])(
    "a reply corrupted at %d of it, and the request is not done twice",
    async (share) => {
      await using under = await cardUnderTest();
      const host = library(under.host);
      await host.transaction({ req: "card.version" });
      under.card.faults.inject({ kind: "corrupt-reply", share });
      // Without the cache a second note would make the total 2.
      expect(await host.transaction({ req: "note.add", file: "a.qo", body: { n: 1 } })).toEqual({ total: 1 });
      expect(host.retries()).toBe(1);
    },
  );
});

test("note-python counts on past four digits, and needs no retry", async () => {
  await using under = await cardUnderTest();
  const host = notePython(under.host, 0xffff);
  for (const total of [1, 2, 3]) {
    expect(await host.transaction({ req: "note.add", file: "a.qo", body: {} })).toEqual({ total });
  }
  expect(host.retries()).toBe(0);
});

describe("the serial line, byte for byte", () => {
  const exchanges: [string, string, string][] = [
    ["a bare newline", "\n", "\r\n"],
    ["a bare carriage return and newline", "\r\n", "\r\n"],
    ["two newlines", "\n\n", "\r\n\r\n"],
    ["an empty reply without crc", '{"req":"hub.sync"}\n', "{}\r\n"],
    ["an empty reply with crc", `${appendCrc('{"req":"hub.sync"}', 1)}\n`, '{ "crc":"0001:A3A6BF43"}\r\n'],
    ["an ending of \\r\\n", '{"req":"hub.sync"}\r\n', "{}\r\n"],
    [
      "lower-case crc",
      `${lowerCase(appendCrc('{"req":"hub.sync"}', 0xabc))}\n`,
      '{ "crc":"0ABC:A3A6BF43"}\r\n',
    ],
    ["an id", '{"req":"hub.sync","id":7}\n', '{"id":7}\r\n'],
    ["a command", '{"cmd":"hub.sync"}\n\n', "\r\n"],
    ["a command that is not known", '{"cmd":"card.fly"}\n\n', "\r\n"],
    ["garbage", "hello\n", '{"err":"cannot interpret request: not JSON {io}"}\r\n'],
    ["JSON that is no object", "[1]\n", '{"err":"cannot interpret request: not JSON {io}"}\r\n'],
    ["no req", '{"a":1}\n', '{"err":"neither req nor cmd {syntax}"}\r\n'],
    [
      "a field of the wrong type",
      '{"req":"hub.set","inbound":"a"}\n',
      /^\{"err":"inbound: .*\{syntax\}"\}\r\n$/.source,
    ],
    [
      "a crc that is cut",
      '{"req":"hub.sync","crc":"0001:A3"}\n',
      '{"err":"request CRC is not readable {io}"}\r\n',
    ],
    [
      "a line that is too long",
      `${"x".repeat(9_000)}\n`,
      '{"err":"request exceeds 8192 bytes {too-big}"}\r\n',
    ],
    [
      "a line longer than any packet",
      `${"x".repeat(140_000)}\n`,
      '{"err":"request exceeds 8192 bytes {too-big}"}\r\n',
    ],
  ];
  test.each(exchanges)("%s", async (_what, sent, expected) => {
    await using under = await cardUnderTest();
    const answer = await under.host.answer(sent);
    if (expected.startsWith("^")) expect(answer).toMatch(new RegExp(expected));
    else expect(answer).toBe(expected);
  });

  test("a wrong crc is an {io} error with the sequence it came with", async () => {
    await using under = await cardUnderTest();
    await under.host.write('{"req":"hub.sync","crc":"0005:00000000"}\n');
    expect((await under.host.line()).toString()).toBe(
      `${appendCrc('{"err":"request CRC error {io}"}', 5)}\r\n`,
    );
  });

  test("the crc covers UTF-8, and upper-case digits are written", async () => {
    await using under = await cardUnderTest();
    await under.note("file-update.qi", { name: "naïve ☃" });
    await under.until({ req: "note.changes", file: "file-update.qi" }, (reply) => reply.total === 1);
    await under.host.write(`${appendCrc('{"req":"note.changes","file":"file-update.qi"}', 0xffff)}\n`);
    const reply = (await under.host.line()).toString();
    const [, text = "", checksum] = /^(.*),"crc":"FFFF:([0-9A-F]{8})"\}\r\n$/.exec(reply) ?? [];
    expect(Number.parseInt(checksum ?? "", 16)).toBe(crc32(`${text}}`));
  });
});

describe("a retry", () => {
  const add = '{"req":"note.add","file":"a.qo","body":{"n":1}}';

  test("of the same sequence is answered with the same bytes and not done again", async () => {
    await using under = await cardUnderTest();
    const first = appendCrc(add, 7);
    await under.host.write(`${first}\n${first}\n`);
    const answers = [await under.host.line(), await under.host.line()];
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.toString()).toContain('"total":1');
    await under.host.write(`${appendCrc(add, 8)}\n`);
    expect((await under.host.line()).toString()).toContain('"total":2');
  });

  test("without a crc is another request", async () => {
    await using under = await cardUnderTest();
    await under.host.write(`${add}\n${add}\n`);
    await under.host.line();
    expect((await under.host.line()).toString()).toContain('"total":2');
  });

  test("comes through on a new connection, and while the first is still being done", async () => {
    await using under = await cardUnderTest();
    await under.host.write(`${appendCrc(add, 1)}\n`);
    await using second = await openLine(under.card.port);
    await second.write(`${appendCrc(add, 1)}\n`);
    expect((await second.line()).toString()).toContain('"total":1');
  });

  test("is forgotten by a restart", async () => {
    await using under = await cardUnderTest({ settings: { mode: "minimum" } });
    await under.host.write(`${appendCrc(add, 1)}\n`);
    await under.host.line();
    await under.host.write('{"cmd":"card.restart"}\n');
    await under.host.closed;
    await using again = await openLine(under.card.port);
    await again.write(`${appendCrc(add, 1)}\n`);
    expect((await again.line()).toString()).toContain('"total":2');
  });
});

function lowerCase(line: string): string {
  return line.replace(/"crc":"[^"]*"/, (member) => member.toLowerCase());
}
