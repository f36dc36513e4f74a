import { describe, expect, test } from "vitest";
import { deviceOfFleet, filesOf } from "../support/fleet-device.ts";
import { FLEET } from "../support/fleet-files.ts";
import { edited } from "../support/packed.ts";

const changed = (files: Record<string, Buffer>, word = "changed") =>
  Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, edited(bytes, word)]));

describe("a fleet's manifest", () => {
  test("brings every file, and says so in one receipt [NF-11.10] [NF-11.12]", async () => {
    const { start, fleet, content, receipts, card } = await deviceOfFleet();
    const files = filesOf(5);
    const { serial } = fleet.announce(files);
    const agent = start();
    expect(await agent.next("brought")).toMatchObject({ serial, installed: 5, exceptions: 0 });
    for (const [file, bytes] of Object.entries(files)) expect(await content(file)).toEqual(bytes);
    await expect.poll(receipts).toHaveLength(1);
    expect(receipts()[0]).toMatchObject({ fleet: FLEET, serial, installed: 5, unchanged: 0, removed: 0 });
    expect(card.receipts).toHaveLength(1);
  });

  test("is gone on from by one request, where little has changed [NF-11.7]", async () => {
    const { start, fleet, content, receipts, card } = await deviceOfFleet();
    const files = filesOf(30);
    fleet.announce(files);
    const agent = start();
    await agent.next("brought");
    card.fetches = 0;
    const { serial } = fleet.announce(changed(files));
    expect(await agent.next("brought")).toMatchObject({ serial, installed: 30, exceptions: 0 });
    for (const [file, bytes] of Object.entries(changed(files))) expect(await content(file)).toEqual(bytes);
    expect(card.fetches).toBe(1);
    await expect.poll(receipts).toHaveLength(2);
    expect(receipts()[1]).toMatchObject({ serial, installed: 30, unchanged: 0, requests: 1 });
  });

  test("of a device that was off for ten updates has each file fetched at most once", async () => {
    const { start, fleet, content, asked } = await deviceOfFleet({ noZstd: true });
    let files = filesOf(6);
    fleet.announce(files);
    const first = start();
    await first.next("brought");
    await first.stop();
    for (let update = 0; update < 10; update += 1) {
      files = { ...files, ...changed(filesOf(3), `update ${update}`) };
      fleet.announce(files);
    }
    const before = asked().length;
    await start().next("brought");
    for (const [file, bytes] of Object.entries(files)) expect(await content(file)).toEqual(bytes);
    const fetched = asked().slice(before);
    expect(fetched).toHaveLength(4); // three files, and the manifest
    expect(new Set(fetched).size).toBe(4);
  });

  test("that is known already costs nothing after a restart, and is not told again", async () => {
    const { start, fleet, receipts, card } = await deviceOfFleet();
    fleet.announce(filesOf(4));
    const first = start();
    await first.next("brought");
    await expect.poll(receipts).toHaveLength(1);
    await first.stop();
    card.fetches = 0;
    const second = start();
    for (const text of ["a Note", "another Note"]) {
      card.publish("note.txt", Buffer.from(text));
      await second.next("installed");
      await expect.poll(() => card.queue).toEqual([]);
    }
    expect(receipts()).toHaveLength(1);
    card.fetches = 0;
    fleet.announce({ "app/new.py": Buffer.from("new") });
    expect(await second.next("brought")).toMatchObject({ installed: 1, unchanged: 4 });
    await expect.poll(() => receipts().map(({ serial }) => serial)).toEqual([1001, 1002]);
    expect(card.fetches).toBe(2); // the step, and the file that has no base
  });

  test("brings back at a start what is not there any more", async () => {
    const { start, fleet, content, root } = await deviceOfFleet();
    const files = filesOf(2);
    fleet.announce(files);
    const first = start();
    await first.next("brought");
    await first.stop();
    const { rm } = await import("node:fs/promises");
    await rm(`${root}/app/file-1.py`);
    await start().next("installed");
    await expect.poll(() => content("app/file-1.py")).toEqual(files["app/file-1.py"]);
  });

  test("with a lower serial is ignored for ever, and so is an absent variable [NF-11.10]", async () => {
    const { start, fleet, content, card } = await deviceOfFleet();
    const old = filesOf(1);
    fleet.announce(old);
    const before = card.variables.get(fleet.variable) ?? "";
    fleet.announce({ "app/file-0.py": Buffer.from("newer") });
    const first = start();
    await first.next("brought");
    card.setVariable(fleet.variable, before);
    card.publish("other.txt", Buffer.from("a Note"));
    await first.next("installed");
    await first.next("installed");
    card.setVariable(fleet.variable, undefined);
    card.publish("other.txt", Buffer.from("another Note"));
    await first.next("installed");
    expect(await content("app/file-0.py")).toEqual(Buffer.from("newer"));
    expect(first.events.filter(({ event }) => event === "manifest")).toHaveLength(1);
  });

  test("of another stage is none of this device [NF-11.5]", async () => {
    const { start, fleet, card, content } = await deviceOfFleet({ stage: "eu-1" });
    fleet.announce(filesOf(1));
    const deaf = start();
    card.publish("other.txt", Buffer.from("a Note"));
    await deaf.next("installed");
    await deaf.stop();
    expect(await content("app/file-0.py")).toBeUndefined();
    await start({ flags: ["--stage", "EU-1"] }).next("brought");
    expect(await content("app/file-0.py")).toBeDefined();
  });
});
