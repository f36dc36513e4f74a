import { describe, expect, test } from "vitest";
import { type Link, LinkDown } from "../../../agent/link/link.ts";
import { etagOf } from "../../agent/support/fake-server.ts";
import { patternedBytes } from "../../agent/support/patterned-bytes.ts";
import { describeLink, type LinkUnderTest, NEVER } from "./support/describe-link.ts";

const BYTES = patternedBytes(5_000);
const FILE = { key: "a.bin", etag: etagOf(BYTES), size: BYTES.length };
const RECEIPT = { name: "a.bin", sha256: "A".repeat(43), state: "installed", bytes: 1, requests: 1 } as const;

/** Every call that needs the cloud, with an announcement that is settled. */
const CALLS: readonly [string, (link: Link, settled: ReadonlySet<string>) => Promise<unknown>][] = [
  ["device", (link) => link.device()],
  ["list", (link) => link.list()],
  ["fetch", (link) => link.fetch(FILE, 0)],
  ["discard", (link, settled) => link.discard(settled, NEVER)],
  ["report", (link) => link.report(RECEIPT)],
  ["raise", (link) => link.raise(NEVER, () => undefined)],
];

describeLink("the line", (start, { hasNotes }) => {
  async function startSettled(): Promise<LinkUnderTest & { settled: ReadonlySet<string> }> {
    const under = await start();
    if (hasNotes) await under.publish(FILE.key, BYTES);
    else under.server.files.set(FILE.key, BYTES);
    return { ...under, settled: new Set((await under.link.list()).map(({ id }) => id)) };
  }

  describe("that is broken", () => {
    test.each(CALLS)("makes the call %s say that the link is down", async (_name, call) => {
      const { link, line, settled } = await startSettled();
      line.break();
      // Who is told of everything hears a moment later that the line is broken, too.
      if (!hasNotes) await expect.poll(() => link.device().catch(({ name }) => name)).toBe("LinkDown");
      await expect(call(link, settled)).rejects.toThrow(LinkDown);
      await expect(call(link, settled)).rejects.toThrow(LinkDown);
      await link.close();
    });

    const overLine = hasNotes ? CALLS : CALLS.filter(([name]) => name === "report");
    test.each(overLine)("and breaks in the middle of the call %s makes it say so", async (_name, call) => {
      const { link, line, settled, open } = await startSettled();
      line.breakAfter(25);
      await expect(call(link, settled)).rejects.toThrow(LinkDown);
      await link.close();
      expect((await (await open()).list()).length).toBeLessThanOrEqual(1);
    });

    test("while nothing is asked makes waiting end in time, or say so", async () => {
      const { link, line } = await startSettled();
      const waiting = link.wait(2_000, NEVER);
      line.break();
      await waiting.catch((error: unknown) => expect(error).toBeInstanceOf(LinkDown));
      await expect(link.list()).rejects.toThrow(LinkDown);
    });

    test("lets the next link go on where the one before was", async () => {
      const { link, line, open, settled, server } = await startSettled();
      const first = Buffer.from(await link.fetch({ ...FILE, size: BYTES.length }, 0));
      line.break();
      await expect.poll(() => link.list().catch(({ name }) => name)).toBe("LinkDown");
      await link.close();
      const next = await open();
      expect((await next.list()).map(({ id }) => id)).toEqual([...settled]);
      const rest = first.length === FILE.size ? Buffer.alloc(0) : await next.fetch(FILE, first.length);
      expect(Buffer.concat([first, rest]).equals(BYTES)).toBe(true);
      expect(server.bytes).toBe(BYTES.length);
      expect(await next.discard(settled, NEVER)).toEqual([...settled]);
    });
  });

  test("that is not there makes opening say that the link is down, and then opens", async () => {
    const { link, line, links, open } = await startSettled();
    await link.close();
    line.unplug();
    const opening = links.open(NEVER).then((opened) => opened.list());
    await expect(opening).rejects.toThrow(LinkDown);
    line.plugIn();
    expect(await (await open()).list()).toHaveLength(hasNotes ? 1 : 0);
  });

  test("is not opened by who is told to stop: that reason is thrown", async () => {
    const { links } = await start();
    const reason = new Error("stop");
    await expect(links.open(AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describeLink("a link that is closed", (start) => {
  test.each(CALLS)("makes the call %s say that the link is down", async (_name, call) => {
    const { link } = await start();
    await link.close();
    await expect(call(link, new Set(["any"]))).rejects.toThrow(LinkDown);
  });

  test("is closed again without harm, at the same time too", async () => {
    const { link, open } = await start();
    await Promise.all([link.close(), link.close()]);
    await link.close();
    expect(await (await open()).list()).toEqual([]);
  });

  test("holds no connection any more", async () => {
    const { link, line } = await start();
    expect(line.connections()).toBeGreaterThan(0);
    await link.close();
    await expect.poll(() => line.connections()).toBe(0);
  });

  test("ends what waits for news", async () => {
    const { link } = await start({ pollMs: 600_000 });
    await link.list();
    const waiting = link.wait(600_000, NEVER);
    waiting.catch(() => undefined);
    await link.close();
    await expect(waiting).rejects.toThrow(LinkDown);
    await expect(link.wait(600_000, NEVER)).rejects.toThrow(LinkDown);
  });

  test("ends what waits for the server", async () => {
    const { link, server } = await start();
    server.trouble = "silence";
    const fetching = link.fetch(FILE, 0);
    fetching.catch(() => undefined);
    await expect.poll(() => server.requests).toBe(1);
    await link.close();
    await expect(fetching).rejects.toThrow(LinkDown);
  });
});
