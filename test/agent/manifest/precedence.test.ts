import { describe, expect, test } from "vitest";
import { announcementOf } from "../support/fake-card.ts";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { createFleet, DEVICE, FLEET } from "../support/fleet-files.ts";
import { seqOf } from "../support/packed.ts";

const PATH = "app/main.py";
const OWN = `devices/${DEVICE}/${PATH}`;
const [OURS, THEIRS, MINE] = ["the fleet's", "the other fleet's", "the device's own"].map((text) =>
  Buffer.from(text),
);

describe("a device's own key [NF-11.10]", () => {
  test("counts until it is gone, and then the fleet's file comes without a new manifest [NF-2.6]", async () => {
    const { start, fleet, card, content, receipts } = await deviceOfFleet();
    card.files.set(OWN, MINE ?? Buffer.alloc(0));
    card.announce({ ...announcementOf(OWN, MINE ?? Buffer.alloc(0)), seq: seqOf(1) });
    const { serial } = fleet.announce({ [PATH]: OURS, "other.txt": Buffer.from("x") });
    const agent = start();
    await agent.next("brought");
    expect(await content(PATH)).toEqual(MINE);
    await expect.poll(receipts).toHaveLength(1);
    expect(receipts()[0]).toMatchObject({ serial, not: [[PATH, "unchanged", "own-key"]] });
    card.announce({ name: OWN, seq: seqOf(2), gone: true });
    await expect.poll(() => content(PATH)).toEqual(OURS);
    await expect.poll(receipts).toHaveLength(2);
    expect(receipts()[1]).toMatchObject({ serial, installed: 2 });
    expect(receipts()[1]).not.toHaveProperty("not");
  });

  test("comes back over the fleet's", async () => {
    const { start, fleet, card, content } = await deviceOfFleet();
    fleet.announce({ [PATH]: OURS });
    const agent = start();
    await agent.next("brought");
    card.files.set(OWN, MINE ?? Buffer.alloc(0));
    card.announce({ ...announcementOf(OWN, MINE ?? Buffer.alloc(0)), seq: seqOf(1) });
    await expect.poll(() => content(PATH)).toEqual(MINE);
    fleet.announce({ [PATH]: Buffer.from("newer"), "other.txt": Buffer.from("x") });
    await expect.poll(() => content("other.txt")).toBeDefined();
    expect(await content(PATH)).toEqual(MINE);
  });
});

describe("of two fleets [NF-11.10]", () => {
  test("the first UID counts; once it has the path no more, the other", async () => {
    const { start, fleet, card, content } = await deviceOfFleet();
    const other = createFleet(card, { fleet: "fleet:zz" });
    other.announce({ [PATH]: THEIRS, "theirs.txt": Buffer.from("x") });
    fleet.announce({ [PATH]: OURS });
    const agent = start();
    await expect.poll(() => content("theirs.txt")).toBeDefined();
    await expect.poll(() => content(PATH)).toEqual(OURS);
    fleet.announce({ [PATH]: undefined, "ours.txt": Buffer.from("y") });
    await expect.poll(() => content(PATH)).toEqual(THEIRS);
    await agent.stop();
  });

  test("one that the device has left comes last, also after a restart", async () => {
    const { start, fleet, card, content } = await deviceOfFleet();
    const other = createFleet(card, { fleet: "fleet:zz" });
    fleet.announce({ [PATH]: OURS });
    const agent = start();
    await expect.poll(() => content(PATH)).toEqual(OURS);
    card.setVariable(fleet.variable, undefined);
    other.announce({ [PATH]: THEIRS });
    await expect.poll(() => content(PATH)).toEqual(THEIRS);
    await agent.stop();
    card.setVariable(other.variable, undefined); // as a Notecard that has not heard yet
    const next = start();
    card.publish("note.txt", Buffer.from("a Note"));
    await next.next("installed");
    expect(await content(PATH)).toEqual(THEIRS);
  });
});

describe("of a Note and a manifest that name one key [NF-11.13]", () => {
  const key = `fleets/${FLEET}/${PATH}`;
  const newer = Buffer.from("by a Note");
  const note = (order?: number) => ({
    ...announcementOf(key, newer),
    ...(order !== undefined && { seq: seqOf(order) }),
  });

  test("the higher seq counts: the Note's", async () => {
    const { start, fleet, card, content, receipts } = await deviceOfFleet();
    fleet.announce({ [PATH]: OURS });
    card.files.set(key, newer);
    card.announce(note(5));
    const agent = start();
    await expect.poll(receipts).toHaveLength(1);
    expect(await content(PATH)).toEqual(newer);
    expect(receipts()[0]).toMatchObject({ not: [[PATH, "unchanged", "newer"]] });
    await agent.stop();
  });

  test.each([[1], [undefined]])("the manifest, where the Note's is %s", async (order) => {
    const { start, fleet, card, content } = await deviceOfFleet();
    fleet.announce({ "first.txt": Buffer.from("x") });
    fleet.announce({ [PATH]: OURS });
    card.files.set(key, newer);
    card.announce(note(order));
    const agent = start();
    await agent.next("brought");
    await expect.poll(() => card.queue).toEqual([]);
    expect(await content(PATH)).toEqual(OURS);
    card.announce(note(order)); // also when it comes later
    await expect.poll(() => card.queue).toEqual([]);
    expect(await content(PATH)).toEqual(OURS);
    await agent.stop();
  });

  test("what asks for the manifest's version once more is heard [NF-2.7]", async () => {
    const { start, fleet, card, root, content } = await deviceOfFleet();
    fleet.announce({ [PATH]: OURS });
    const agent = start();
    await agent.next("brought");
    const { rm } = await import("node:fs/promises");
    await rm(`${root}/${PATH}`);
    card.files.set(key, OURS ?? Buffer.alloc(0));
    card.announce({ ...announcementOf(key, OURS ?? Buffer.alloc(0)), seq: seqOf(1), again: 1 });
    await expect.poll(() => content(PATH)).toEqual(OURS);
  });
});
