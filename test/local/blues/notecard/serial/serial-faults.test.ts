import { describe, expect, test } from "vitest";
import { appendCrc } from "../../../../../agent/notecard/request-crc.ts";
import { startNotecard } from "../../../../../local/blues/notecard/server.ts";
import { DEVICE } from "../../notehub/support/hub-under-test.ts";
import { cardUnderTest } from "../support/card-under-test.ts";
import { openLine } from "../support/serial-line.ts";

const REQUEST = '{"req":"hub.sync"}\n';

test("a port that is taken is refused, and leaves nothing behind", async () => {
  await using under = await cardUnderTest();
  const options = {
    file: ":memory:",
    port: under.card.port,
    session: under.test.hub.session(DEVICE),
    deviceUid: DEVICE,
  };
  await expect(startNotecard(options)).rejects.toMatchObject({ code: "EADDRINUSE" });
  await expect(startNotecard({ ...options, port: 0, deviceUid: "dev:9" })).rejects.toThrow("dev:9");
});

describe("serial faults", () => {
  test("meet as many requests as they were told, and no bare newline", async () => {
    await using under = await cardUnderTest();
    under.card.faults.inject({ kind: "lose-reply" }, 2);
    expect(await under.host.answer(`\n${REQUEST}${REQUEST}${REQUEST}`)).toBe("\r\n{}\r\n");
  });

  test.each([
    [{ kind: "lose-request" }, ""],
    [{ kind: "repeat-reply" }, "{}\r\n{}\r\n"],
    [{ kind: "late-reply", milliseconds: 5 }, "{}\r\n"],
    [{ kind: "truncate-reply", share: 0.5 }, "{}"],
    [{ kind: "corrupt-reply", share: 0 }, "z}\r\n"],
    [{ kind: "heartbeat" }, '{"err":"still working {heartbeat}"}\r\n{}\r\n'],
  ] as const)("%j", async (fault, answer) => {
    await using under = await cardUnderTest();
    under.card.faults.inject(fault);
    expect(await under.host.answer(REQUEST)).toBe(answer);
    expect(await under.host.answer(REQUEST)).toBe("{}\r\n");
  });

  test("a request that was lost is done once it is sent again, one whose reply was lost is not done twice", async () => {
    await using under = await cardUnderTest();
    const add = `${appendCrc('{"req":"note.add","file":"a.qo","body":{}}', 1)}\n`;
    under.card.faults.inject({ kind: "lose-request" });
    under.card.faults.inject({ kind: "lose-reply" });
    await under.host.write(add + add + add);
    expect((await under.host.line()).toString()).toContain('"total":1');
  });

  test("a restart ends the connection, and comes after the request was done", async () => {
    await using under = await cardUnderTest();
    under.card.faults.inject({ kind: "restart" });
    await under.host.write('{"req":"hub.set","sn":"done"}\n');
    await under.host.closed;
    await using again = await openLine(under.card.port);
    expect(await again.ask({ req: "hub.get" })).toMatchObject({ sn: "done" });
  });

  test("are gone once they are cleared", async () => {
    await using under = await cardUnderTest();
    under.card.faults.inject({ kind: "lose-reply" }, 9);
    under.card.faults.clear();
    expect(await under.host.ask({ req: "hub.sync" })).toEqual({});
  });
});
