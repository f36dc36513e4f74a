import { expect, test } from "vitest";
import { LinkDown } from "../../../agent/link/link.ts";
import { etagOf } from "../../agent/support/fake-server.ts";
import { describeLink, NEVER } from "./support/describe-link.ts";

const BYTES = Buffer.from("x");
const FILE = { key: "a.bin", etag: etagOf(BYTES), size: BYTES.length };
const ignore = () => undefined;

describeLink("raising", (start, { hasRadio }) => {
  test("lets files be fetched; twice is once, and so is lowering", async () => {
    const { link, server } = await start();
    server.files.set(FILE.key, BYTES);
    await link.raise(NEVER, ignore);
    await link.raise(NEVER, ignore);
    expect(await link.fetch(FILE, 0)).toEqual(BYTES);
    await link.lower();
    await link.lower();
    await link.raise(NEVER, ignore);
    expect(await link.fetch(FILE, 0)).toEqual(BYTES);
    await link.lower();
  });

  test("is not needed for lowering, which then does nothing", async () => {
    const { link } = await start();
    await link.lower();
    expect(await link.list()).toEqual([]);
  });

  test("that was told to stop before it began throws that reason", async () => {
    const { link } = await start();
    const reason = new Error("stop");
    await expect(link.raise(AbortSignal.abort(reason), ignore)).rejects.toBe(reason);
    await link.lower();
  });

  if (!hasRadio) return;

  test("connects a device that sleeps, until it is lowered", async () => {
    const { link, server, radio } = await start({ sleepy: true });
    server.files.set(FILE.key, BYTES);
    await link.raise(NEVER, ignore);
    await link.raise(NEVER, ignore);
    expect(await radio?.connected()).toBe(true);
    expect(await link.fetch(FILE, 0)).toEqual(BYTES);
    await link.lower();
    await expect.poll(() => radio?.connected()).toBe(false);
  });

  test("waits for a connection, and tells so once", async () => {
    const { link, radio } = await start({ sleepy: true });
    radio?.off();
    const told: string[] = [];
    const waiting = Promise.withResolvers<void>();
    const raising = link.raise(NEVER, (detail) => {
      told.push(detail);
      waiting.resolve();
    });
    await waiting.promise;
    radio?.on();
    await raising;
    expect(told).toEqual([expect.stringMatching(/./)]);
    await link.lower();
  });

  test("gives up after its time: offline", async () => {
    const { link, radio } = await start({ sleepy: true, connectMs: 200 });
    radio?.off();
    let told = 0;
    const raising = link.raise(NEVER, () => {
      told += 1;
    });
    await expect(raising).rejects.toMatchObject({ name: "FetchFailed", reason: "offline" });
    expect(told).toBe(1);
    expect(await link.list()).toEqual([]);
  });

  /** A raise that waits for a connection, and will for long. */
  async function raising(pollMs = 600_000) {
    const under = await start({ sleepy: true, connectMs: 600_000, pollMs });
    under.radio?.off();
    const stopping = new AbortController();
    const waiting = Promise.withResolvers<void>();
    const raised = under.link.raise(stopping.signal, () => waiting.resolve());
    raised.catch(ignore);
    await waiting.promise;
    return { ...under, raised, stopping };
  }

  test("that is told to stop meanwhile throws that reason, and can be lowered", async () => {
    const { link, radio, raised, stopping } = await raising();
    const reason = new Error("stop");
    stopping.abort(reason);
    await expect(raised).rejects.toBe(reason);
    await link.lower();
    radio?.on();
    expect(await link.list()).toEqual([]);
    expect(await radio?.connected()).toBe(false);
  });

  test("on a line that breaks meanwhile is down, and nothing else", async () => {
    const { line, raised } = await raising(20);
    line.break();
    await expect(raised).rejects.toThrow(LinkDown);
  });

  test("on a link that is closed meanwhile is down", async () => {
    const { link, raised } = await raising();
    await link.close();
    await expect(raised).rejects.toThrow(LinkDown);
  });
});
