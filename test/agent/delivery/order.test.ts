import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Announcement } from "../../../protocol/announcement.ts";
import { formatSeq } from "../../../protocol/seq.ts";
import { type Device, startDevice } from "../support/agent-under-test.ts";
import { app, BAD, GOOD, ran, withRule } from "../support/app-rule.ts";
import { announcementOf } from "../support/fake-card.ts";

const seq = (number: number) => formatSeq(number.toString(16).padStart(18, "0"));

/** The announcement of a version that the server may not have any more. */
const version = (text: string, number: number | undefined, change: Partial<Announcement> = {}) => ({
  ...announcementOf("a.txt", Buffer.from(text)),
  ...(number === undefined ? {} : { seq: seq(number) }),
  ...change,
});

const content = ({ root }: Device) => readFile(path.join(root, "a.txt"), "utf8");
const serve = ({ fake }: Device, text: string) => fake.card.files.set("a.txt", Buffer.from(text));

async function delivered(device: Device, ...notes: object[]) {
  for (const note of notes) device.fake.card.announce(note);
  const agent = device.start();
  await expect.poll(() => device.fake.card.queue).toEqual([]);
  return agent;
}

describe("an old version never stays for good [NF-2.5]", () => {
  test("though its Note was queued last and the device has it already", async () => {
    const device = await startDevice();
    await writeFile(path.join(device.root, "a.txt"), "A");
    serve(device, "B");
    const agent = await delivered(device, version("B", 2), version("A", 1));
    expect(await content(device)).toBe("B");
    expect(agent.events.filter(({ event }) => event === "superseded")).toHaveLength(1);
    expect(device.fake.card.fetches).toBe(1);
  });

  test("though it has no seq, is there already and was queued last", async () => {
    const device = await startDevice();
    await writeFile(path.join(device.root, "a.txt"), "A");
    serve(device, "B");
    await delivered(device, version("B", 2), version("A", undefined));
    expect(await content(device)).toBe("B");
  });

  test("though neither has a seq, the old one is there already and was queued last", async () => {
    const device = await startDevice();
    await writeFile(path.join(device.root, "a.txt"), "A");
    serve(device, "B");
    const agent = await delivered(device, version("B", undefined), version("A", undefined));
    expect(await content(device)).toBe("B");
    expect(agent.events.map(({ event }) => event)).toEqual(
      expect.arrayContaining(["unchanged", "installed"]),
    );
  });

  test("though it has no seq, is empty, and so needs no fetch", async () => {
    const device = await startDevice();
    serve(device, "B");
    const agent = await delivered(device, version("B", undefined));
    device.fake.card.announce(version("", undefined));
    expect(await agent.next("discarded")).toMatchObject({ reason: "file-changed" });
    expect(await content(device)).toBe("B");
    serve(device, "");
    device.fake.card.announce(version("", undefined));
    await expect.poll(() => content(device)).toBe("");
  });

  test("though it has no seq, is empty, and the newest was moved away by hand", async () => {
    const device = await startDevice();
    serve(device, "B");
    const agent = await delivered(device, version("B", 1));
    await rm(path.join(device.root, "a.txt"));
    device.fake.card.announce(version("", undefined));
    expect(await agent.next("discarded")).toMatchObject({ reason: "file-changed" });
    await expect(content(device)).rejects.toThrow("ENOENT");
  });

  test("though it has a seq, but the newest did not, and it is empty", async () => {
    const device = await startDevice();
    serve(device, "B");
    const agent = await delivered(device, version("B", undefined));
    device.fake.card.announce(version("", 1));
    expect(await agent.next("discarded")).toMatchObject({ reason: "file-changed" });
    expect(await content(device)).toBe("B");
  });

  test("though the newest has no seq for want of room", async () => {
    const device = await startDevice();
    serve(device, "A");
    const agent = await delivered(device, version("A", 1));
    serve(device, "B");
    device.fake.card.announce(version("B", undefined));
    await expect.poll(() => content(device)).toBe("B");
    expect(agent.events.map(({ event }) => event)).not.toContain("superseded");
    await expect.poll(() => device.fake.card.queue).toEqual([]);
  });

  test("though it comes when the newer one was installed and its Note is deleted, also after a restart", async () => {
    const device = await startDevice();
    serve(device, "B");
    const agent = await delivered(device, version("B", 2));
    serve(device, "A"); // so that the server would give it
    device.fake.card.announce(version("A", 1));
    await agent.next("superseded");
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    await agent.stop();
    const next = await delivered(device, version("A", 1));
    await next.next("superseded");
    expect(await content(device)).toBe("B");
    expect(device.fake.card.fetches).toBe(1);
  });

  test.each([
    ["with seq", [version("B", 2), version("A".repeat(100_000_000), 1, { size: 2 ** 50 })]],
    ["without", [version("B", undefined), version("A", undefined, { size: 2 ** 50 })]],
  ])("though the disk is too small for it, %s", async (_what, notes) => {
    const device = await startDevice();
    serve(device, "B");
    for (const note of notes) device.fake.card.announce(note);
    const agent = device.start();
    await agent.next("installed");
    expect(await content(device)).toBe("B");
  });
});

describe("a key that is gone [NF-2.6]", () => {
  test("leaves the file, and older announcements ask for nothing any more", async () => {
    const device = await startDevice();
    serve(device, "A");
    const agent = await delivered(device, version("A", 1));
    serve(device, "old");
    device.fake.card.announce(version("old", 2));
    device.fake.card.announce({ name: "a.txt", seq: seq(3), gone: true });
    expect(await agent.next("gone")).toMatchObject({ name: "a.txt", path: "a.txt" });
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    expect(await content(device)).toBe("A");
    device.fake.card.announce(version("old", 2));
    await agent.next("superseded");
    serve(device, "B");
    device.fake.card.announce(version("B", 4));
    await expect.poll(() => content(device)).toBe("B");
  });

  test("is no news where the key came back before", async () => {
    const device = await startDevice();
    serve(device, "B");
    const agent = await delivered(device, version("B", 4), { name: "a.txt", seq: seq(3), gone: true });
    expect(agent.events.map(({ event }) => event)).not.toContain("gone");
    expect(await content(device)).toBe("B");
  });
});

describe("a key that is gone, of which a version came without seq: only the server knows [NF-2.6]", () => {
  const gone = (number: number) => ({ name: "a.txt", seq: seq(number), gone: true });
  const departures = ({ events }: { events: { event: string }[] }) =>
    events.filter(({ event }) => event === "gone");

  test("is not where it has a file, since its departure came late; and is where it has none", async () => {
    const device = await startDevice();
    serve(device, "B");
    const agent = await delivered(device, version("B", undefined));
    device.fake.card.announce(gone(3));
    expect(await agent.next("superseded")).toMatchObject({ name: "a.txt" });
    serve(device, "C");
    device.fake.card.announce(gone(4));
    await agent.next("superseded");
    serve(device, "");
    device.fake.card.announce(gone(5));
    await agent.next("superseded");
    expect(departures(agent)).toEqual([]);
    device.fake.card.files.delete("a.txt");
    device.fake.card.announce(gone(6));
    await agent.next("gone");
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    expect(await content(device)).toBe("B");
  });

  test.each([
    ["route", { reply: { err: "no route {route-config}" } }],
    ["link", { hangUp: true } as const],
  ])("stays in the queue while the server cannot be asked: %s", async (reason, answer) => {
    const device = await startDevice();
    serve(device, "B");
    const agent = await delivered(device, version("B", undefined));
    const { fake } = device;
    fake.script = ({ req }) => (req === "web.get" ? answer : undefined);
    fake.card.announce(gone(3));
    expect(await agent.next("failed")).toMatchObject({ reason, retrySeconds: expect.anything() });
    expect(fake.card.queue).toHaveLength(1);
    fake.script = undefined;
    await agent.next("superseded");
    await expect.poll(() => fake.card.queue).toEqual([]);
    expect(departures(agent)).toEqual([]);
  });
});

describe("a version that is asked for again [NF-2.7]", () => {
  async function condemned() {
    const device = await startDevice();
    const flags = await withRule(device);
    const bad = { ...announcementOf("app", Buffer.from(BAD)), seq: seq(2) };
    device.fake.card.files.set("app", Buffer.from(GOOD));
    device.fake.card.announce({ ...announcementOf("app", Buffer.from(GOOD)), seq: seq(1) });
    const agent = device.start({ flags });
    await agent.next("installed");
    device.fake.card.files.set("app", Buffer.from(BAD));
    device.fake.card.announce(bad);
    await agent.next("failed");
    return { device, agent, bad };
  }

  test("is tried again though it was condemned, once for each request", async () => {
    const { device, agent, bad } = await condemned();
    device.fake.card.announce(bad);
    await agent.next("failed");
    await expect.poll(() => ran(device)).toEqual(["good", "bad", "good"]); // condemned stays condemned
    device.fake.card.announce({ ...bad, again: 1 });
    await agent.next("failed");
    device.fake.card.announce({ ...bad, again: 1 });
    await agent.next("failed");
    await expect.poll(() => ran(device)).toEqual(["good", "bad", "good", "bad", "good"]);
    expect(await app(device)).toBe(GOOD);
  });

  test("is not, if a newer one was settled since", async () => {
    const { device, agent, bad } = await condemned();
    device.fake.card.files.set("app", Buffer.from(`${GOOD}# newer\n`));
    device.fake.card.announce({ ...announcementOf("app", Buffer.from(`${GOOD}# newer\n`)), seq: seq(3) });
    await agent.next("installed");
    device.fake.card.announce({ ...bad, again: 9 });
    await agent.next("superseded");
    expect(await app(device)).toBe(`${GOOD}# newer\n`);
  });

  test("costs nothing where the file is in place", async () => {
    const device = await startDevice();
    serve(device, "A");
    const agent = await delivered(device, version("A", 1));
    device.fake.card.announce(version("A", 1, { again: 1 }));
    await agent.next("unchanged");
    await expect.poll(() => device.fake.card.queue).toEqual([]);
    expect(device.fake.card.fetches).toBe(1);
  });
});
