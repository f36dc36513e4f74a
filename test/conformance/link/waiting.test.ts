import { expect, test } from "vitest";
import { describeLink, NEVER } from "./support/describe-link.ts";

/** Milliseconds that no test would wait. */
const LONG_MS = 600_000;

async function secondsOf(task: Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await task;
  return (performance.now() - begin) / 1000;
}

describeLink("waiting", (start) => {
  test("ends with what is announced meanwhile, again and again", async () => {
    const { link, news, heard } = await start();
    for (let count = 1; count <= 3; count += 1) {
      await heard(link);
      const waiting = link.wait(LONG_MS, NEVER);
      await news(count);
      await waiting;
      expect(await heard(link)).toBe(count);
    }
  });

  test("ends at once with what was announced since the list", async () => {
    const { link, news, heard } = await start();
    await heard(link);
    await news(1);
    expect(await secondsOf(link.wait(LONG_MS, NEVER))).toBeLessThan(10);
  });

  test("is not ended by what the list has", async () => {
    const { link, news, heard } = await start();
    await news(1);
    await expect.poll(() => heard(link)).toBe(1);
    expect(await secondsOf(link.wait(400, NEVER))).toBeGreaterThan(0.35);
  });

  test("ends after its time without news", async () => {
    const { link } = await start();
    await link.list();
    const seconds = await secondsOf(link.wait(400, NEVER));
    expect(seconds).toBeGreaterThan(0.35);
    expect(seconds).toBeLessThan(10);
  });

  test("ends when it is told to, which is no error", async () => {
    const { link } = await start({ pollMs: LONG_MS });
    await link.list();
    const stopping = new AbortController();
    const waiting = link.wait(LONG_MS, stopping.signal);
    stopping.abort(new Error("stop"));
    await waiting;
    await link.wait(LONG_MS, stopping.signal);
    expect(await link.list()).toEqual([]);
  });

  test("asks the file-server nothing", async () => {
    const { link, server } = await start();
    await link.list();
    await link.wait(200, NEVER);
    expect(server.requests).toBe(0);
  });
});
