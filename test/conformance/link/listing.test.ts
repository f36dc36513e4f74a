import { expect, test } from "vitest";
import { describeLink } from "./support/describe-link.ts";

describeLink("the list", (start, { hasNotes }) => {
  test("is empty where nothing is announced", async () => {
    const { link } = await start();
    expect(await link.list()).toEqual([]);
  });

  if (!hasNotes) return;

  test("has every announcement, whole, oldest first", async () => {
    const { link, publish } = await start();
    const published = [];
    for (const [key, text] of [
      ["b", "1"],
      ["a", "2"],
      ["ünï/c d+e.bin", "3"],
      ["b", "4"],
    ] as const) {
      published.push(await publish(key, Buffer.from(text)));
    }
    const list = await link.list();
    expect(list.map(({ announcement }) => announcement)).toEqual(published);
    expect(new Set(list.map(({ id }) => id)).size).toBe(4);
  });

  test("has announcements that say the same as often as they were made", async () => {
    const { link, publish } = await start();
    const published = [await publish("a", Buffer.from("x")), await publish("a", Buffer.from("x"))];
    const list = await link.list();
    expect(list.map(({ announcement }) => announcement)).toEqual(published);
    expect(list[0]?.id).not.toBe(list[1]?.id);
  });

  test("has what cannot be read in its place, without an announcement", async () => {
    const { link, publish, announce } = await start();
    const first = await publish("a", Buffer.from("x"));
    await announce({ junk: true });
    const last = await publish("b", Buffer.from("x"));
    const list = await link.list();
    expect(list.map(({ announcement }) => announcement)).toEqual([first, undefined, last]);
  });

  test("gives the same ids again, on another link too", async () => {
    const { link, publish, open } = await start();
    for (const key of ["a", "b", "c"]) await publish(key, Buffer.from("x"));
    const list = await link.list();
    expect(await link.list()).toEqual(list);
    await link.close();
    expect(await (await open()).list()).toEqual(list);
  });

  test("is whole and in order where it is long", async () => {
    const { link, publish } = await start();
    const published = [];
    for (let at = 0; at < 70; at += 1)
      published.push(await publish(`${"k".repeat(90)}${at}`, Buffer.from("x")));
    expect((await link.list()).map(({ announcement }) => announcement)).toEqual(published);
  });

  test("asks the file-server nothing", async () => {
    const { link, publish, server } = await start();
    await publish("a", Buffer.from("x"));
    await link.list();
    expect(server.requests).toBe(0);
  });
});

describeLink("the device", (start) => {
  test("is called what the cloud calls it", async () => {
    const { link, device } = await start();
    expect(await link.device()).toBe(device);
  });
});
