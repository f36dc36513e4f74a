import { expect, test } from "vitest";
import type { Link } from "../../../agent/link/link.ts";
import { describeLink, NEVER } from "./support/describe-link.ts";

const idsOf = async (link: Link) => (await link.list()).map(({ id }) => id);

describeLink("discarding", (start, { hasNotes }) => {
  test("of what was never there is nothing", async () => {
    const { link } = await start();
    expect(await link.discard(new Set(["nobody's"]), NEVER)).toEqual([]);
  });

  if (!hasNotes) return;

  /** A link with so many announcements, and their ids. */
  async function startWith(count: number) {
    const under = await start();
    for (let at = 0; at < count; at += 1) await under.publish(`file-${at}`, Buffer.from("x"));
    return { ...under, ids: await idsOf(under.link) };
  }

  test("deletes what is settled from the old end on, and says what", async () => {
    const { link, ids } = await startWith(4);
    expect(await link.discard(new Set(ids.slice(0, 2)), NEVER)).toEqual(ids.slice(0, 2));
    expect(await idsOf(link)).toEqual(ids.slice(2));
  });

  test("stops at the first that is not settled", async () => {
    const { link, ids } = await startWith(4);
    const settled = new Set(ids.filter((_, at) => at !== 1));
    expect(await link.discard(settled, NEVER)).toEqual([ids[0]]);
    expect(await idsOf(link)).toEqual(ids.slice(1));
  });

  test("deletes nothing where the oldest is not settled, or nothing is", async () => {
    const { link, ids } = await startWith(3);
    expect(await link.discard(new Set(ids.slice(1)), NEVER)).toEqual([]);
    expect(await link.discard(new Set(), NEVER)).toEqual([]);
    expect(await link.discard(new Set(["nobody's"]), NEVER)).toEqual([]);
    expect(await idsOf(link)).toEqual(ids);
  });

  test("spares what was never listed, though it says the same", async () => {
    const { link, publish } = await start();
    await publish("a", Buffer.from("x"));
    const listed = await idsOf(link);
    await publish("a", Buffer.from("x"));
    expect(await link.discard(new Set(listed), NEVER)).toEqual(listed);
    const left = await idsOf(link);
    expect(left).toHaveLength(1);
    expect(listed).not.toEqual(left);
  });

  test("ignores what is not there any more, and never takes the next for it", async () => {
    const { link, ids } = await startWith(3);
    const settled = new Set(ids.slice(0, 1));
    await link.discard(settled, NEVER);
    expect(await link.discard(settled, NEVER)).toEqual([]);
    expect(await idsOf(link)).toEqual(ids.slice(1));
  });

  test("takes what cannot be read", async () => {
    const { link, announce } = await start();
    await announce({ junk: true });
    const ids = await idsOf(link);
    expect(await link.discard(new Set(ids), NEVER)).toEqual(ids);
    expect(await idsOf(link)).toEqual([]);
  });

  test("takes ids from a list of an earlier link", async () => {
    const { link, ids, open } = await startWith(2);
    await link.close();
    const next = await open();
    expect(await next.discard(new Set(ids), NEVER)).toEqual(ids);
    expect(await idsOf(next)).toEqual([]);
  });

  test("works off a long queue", async () => {
    const { link, ids } = await startWith(60);
    expect(await link.discard(new Set(ids.slice(0, 50)), NEVER)).toEqual(ids.slice(0, 50));
    expect(await idsOf(link)).toEqual(ids.slice(50));
  });

  test("does nothing, and is no error, once it is told to stop", async () => {
    const { link, ids } = await startWith(2);
    expect(await link.discard(new Set(ids), AbortSignal.abort())).toEqual([]);
    expect(await idsOf(link)).toEqual(ids);
  });

  test("that is told to stop meanwhile says what it had deleted by then", async () => {
    const { link, ids } = await startWith(40);
    const stopping = new AbortController();
    const discarding = link.discard(new Set(ids), stopping.signal);
    setImmediate(() => stopping.abort());
    const deleted = await discarding;
    expect(deleted.length).toBeLessThan(ids.length);
    expect([...deleted, ...(await idsOf(link))]).toEqual(ids);
  });
});
