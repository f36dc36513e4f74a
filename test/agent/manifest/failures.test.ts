import { rm } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { exceptionsIn } from "../../../protocol/manifest-exceptions.ts";
import { parseManifestReceipt } from "../../../protocol/manifest-receipt.ts";
import { startDevice } from "../support/agent-under-test.ts";
import { app, BAD, GOOD, ran, withRule } from "../support/app-rule.ts";
import { sha256 } from "../support/fake-card.ts";
import { versionedKey } from "../support/fake-server.ts";
import { deviceOfFleet } from "../support/fleet-device.ts";
import { createFleet, FLEET, manifestReceipts } from "../support/fleet-files.ts";
import { pair, withPairRule } from "../support/pair-rule.ts";
import { runCommand } from "../support/run-command.ts";
import { withDisk } from "../support/updated-device.ts";

/** A device with a program that a fleet brings. */
async function deviceWithApp() {
  const device = await startDevice();
  const flags = await withRule(device);
  const fleet = createFleet(device.fake.card);
  fleet.announce({ app: Buffer.from(GOOD) });
  const agent = device.start({ flags });
  await agent.next("brought");
  return {
    ...device,
    card: device.fake.card,
    flags,
    fleet,
    agent,
    receipts: () => manifestReceipts(device.fake.card),
  };
}

describe("a version of a manifest that does not run", () => {
  test("is taken back, told by the manifest's receipt alone, and is not tried again at the next start [NF-11.12]", async () => {
    const device = await deviceWithApp();
    const { fleet, agent, card, receipts, start, flags } = device;
    const { serial } = fleet.announce({ app: Buffer.from(BAD) });
    expect(await agent.next("brought")).toMatchObject({ serial, exceptions: 1 });
    expect(await app(device)).toBe(GOOD);
    await expect.poll(receipts).toHaveLength(2);
    expect(receipts()[1]).toMatchObject({
      serial,
      installed: 0,
      not: [["app", "failed", "run", sha256(Buffer.from(BAD)).slice(0, 8), "exit 3"]],
    });
    const own = () => card.receipts.filter((receipt) => Object(receipt).name === `fleets/${FLEET}/app`);
    expect(own()).toEqual([]);
    await expect.poll(() => ran(device)).toHaveLength(3); // what was put back is started, and not waited for
    await agent.stop();
    const again = start({ flags });
    card.publish("note.txt", Buffer.from("a Note"));
    await again.next("installed");
    expect(await ran(device)).toEqual(["good", "bad", "good"]);
    expect([own().length, receipts().length]).toEqual([0, 2]);
  });

  test("is tried once more by a person's retry, though its Note never was", async () => {
    const device = await deviceWithApp();
    const { fleet, agent, card, receipts, state } = device;
    const flaky = Buffer.from("#!/bin/sh\necho flaky >> ran\n[ -e mended ]\n");
    fleet.announce({ app: flaky });
    await agent.next("brought");
    await expect.poll(receipts).toHaveLength(2);
    card.publish("mended", Buffer.from("yes"));
    await agent.next("installed");
    await agent.next("installed");
    expect(await runCommand("retry", "app", "--state", state)).toMatchObject({ code: 0 });
    await expect.poll(() => app(device)).toBe(String(flaky));
    await expect.poll(receipts).toHaveLength(3);
    expect(receipts()[2]).not.toHaveProperty("not");
  });
});

test("files of one rule are one unit: one start, with all of them new", async () => {
  const device = await startDevice();
  const flags = await withPairRule(device, 60);
  const fleet = createFleet(device.fake.card);
  const both = (version: string) => ({
    "app/a": Buffer.from(`${version} of a`),
    "app/b": Buffer.from(`${version} of b`),
  });
  fleet.announce(both("1"));
  const agent = device.start({ flags });
  await agent.next("brought");
  fleet.announce(both("2"));
  await agent.next("brought");
  expect(await pair(device)).toBe("22");
  expect(await ran(device)).toEqual(["11", "22"]);
});

test("what failed with a file that has left the manifest is tried without it, and with it only once that is asked for again [NF-9.12]", async () => {
  const device = await deviceOfFleet({ prune: true });
  const { fleet, start, content, receipts } = device;
  const command: [string, ...string[]] = ["sh", "-c", "echo $(cat app/*) >> ran; [ ! -e app/bad ]"];
  fleet.announce({ "app/a": Buffer.from("a1") });
  const agent = start({ flags: await withRule(device, { match: "app/**", command }) });
  await agent.next("brought");
  fleet.announce({ "app/a": Buffer.from("a2"), "app/bad": Buffer.from("bad") });
  expect(await agent.next("brought")).toMatchObject({ exceptions: 2 });
  await expect.poll(() => ran(device)).toHaveLength(3); // or what comes next ends the last before it writes
  fleet.announce({ "app/bad": undefined });
  expect(await agent.next("brought")).toMatchObject({ installed: 1, exceptions: 0 });
  fleet.announce({ "app/a": Buffer.from("a3") });
  await agent.next("brought");
  expect(await content("app/a")).toEqual(Buffer.from("a3"));
  await expect.poll(() => ran(device)).toEqual(["a1", "a2bad", "a1", "a2", "a3"]);
  fleet.announce({ "app/bad": Buffer.from("bad") });
  expect(await agent.next("brought")).toMatchObject({ exceptions: 1 });
  await expect
    .poll(() => receipts().at(-1))
    .toMatchObject({ not: [["app/bad", "failed", "run", expect.any(String), "exit 1"]] });
  // Tried with what is there by now, as it was not before, and taken back.
  await expect.poll(() => ran(device)).toEqual(["a1", "a2bad", "a1", "a2", "a3", "a3bad"]);
});

test("thirty files that do not run are one receipt, which tells of each what failed and why [NF-9.11] [NF-11.12]", async () => {
  const device = await deviceOfFleet();
  const { fleet, start, receipts, card } = device;
  const command: [string, ...string[]] = ["sh", "-c", "exit 7"];
  const paths = Array.from({ length: 30 }, (_, at) => `app/lib/module-${at}.py`);
  fleet.announce(Object.fromEntries(paths.map((each) => [each, Buffer.from(`bad ${each}`)])));
  const agent = start({ flags: await withRule(device, { match: "app/**", command }) });
  expect(await agent.next("brought")).toMatchObject({ installed: 0, exceptions: 30 });
  await expect.poll(receipts).toHaveLength(1);
  expect(card.receipts).toHaveLength(1);
  const found = exceptionsIn(parseManifestReceipt({ ...receipts()[0] }) ?? {});
  expect(found.map((each) => each.path).toSorted()).toEqual(paths.toSorted());
  for (const { path: of, ...each } of found)
    expect(each).toEqual({
      ...{ state: "failed", reason: "run", ended: "exit 7" },
      sha256: sha256(Buffer.from(`bad ${of}`)).slice(0, 8),
    });
});

test("what could not be taken back is told by the manifest's receipt, and that it was at last [NF-11.12]", async () => {
  const device = await deviceWithApp();
  const { fleet, agent, card, receipts, flags, folder, spawn } = device;
  await agent.stop();
  const trouble = path.join(folder, "trouble");
  fleet.announce({ app: Buffer.from(`#!/bin/sh\n: > ${trouble}\nexit 3\n`) });
  const next = spawn(withDisk([{ like: "", during: trouble, code: "EROFS" }], flags));
  const reasons = () =>
    exceptionsIn(parseManifestReceipt({ ...receipts().at(-1) }) ?? {}).map(({ reason }) => reason);
  await expect.poll(reasons).toEqual(["run-not-restored"]);
  await rm(trouble);
  card.publish("other", Buffer.from("has the agent look"));
  await next.next("restored");
  await expect.poll(reasons).toEqual(["run"]);
  expect(card.receipts.filter((receipt) => Object(receipt).name === `fleets/${FLEET}/app`)).toEqual([]);
});

describe("files that failed together [NF-9.12]", () => {
  /** A device that took the versions 2 and 3 back, which do not run with each other. */
  async function deviceWithFailedPair() {
    const device = await startDevice();
    const flags = await withPairRule(device, 60);
    const fleet = createFleet(device.fake.card);
    const announce = (a: string, b: string) =>
      fleet.announce({ "app/a": Buffer.from(`${a} of a`), "app/b": Buffer.from(`${b} of b`) });
    announce("1", "1");
    const agent = device.start({ flags });
    await agent.next("brought");
    announce("2", "3");
    expect(await agent.next("brought")).toMatchObject({ installed: 0, exceptions: 2 });
    await expect.poll(() => ran(device)).toEqual(["11", "23", "11"]); // or what comes next ends the last before it writes
    return { ...device, device, fleet, agent, flags };
  }
  const ownReceipts = ({ fake }: Awaited<ReturnType<typeof deviceWithFailedPair>>) =>
    fake.card.receipts.filter((receipt) => Object(receipt).state === "installed");

  test("are tried together once the manifest has another of one: by the patches that came before, and told by its receipt alone", async () => {
    const found = await deviceWithFailedPair();
    const { device, fleet, agent, fake } = found;
    const before = fake.card.fetches;
    fleet.announce({ "app/a": Buffer.from("3 of a") });
    expect(await agent.next("brought")).toMatchObject({ installed: 2, exceptions: 0 });
    await expect.poll(() => ran(device)).toEqual(["11", "23", "11", "33"]);
    expect(fake.card.fetches - before).toBe(1); // the step
    await expect.poll(() => manifestReceipts(fake.card)).toHaveLength(3);
    expect(ownReceipts(found)).toEqual([]);
  });

  test("are tried once more without the one that went back to what is there, by a successor too", async () => {
    const { device, fleet, agent, fake, start, flags } = await deviceWithFailedPair();
    fleet.announce({ "app/a": Buffer.from("1 of a") });
    expect(await agent.next("brought")).toMatchObject({ unchanged: 1, exceptions: 1 });
    await expect.poll(() => ran(device)).toEqual(["11", "23", "11", "13", "11"]);
    await agent.stop();
    const next = start({ flags });
    fake.card.publish("note.txt", Buffer.from("a Note"));
    await next.next("installed");
    fleet.announce({ other: Buffer.from("of no unit") });
    expect(await next.next("brought")).toMatchObject({ installed: 1, exceptions: 1 });
    expect(await ran(device)).toHaveLength(5);
  });
});

describe("a file that cannot be had now", () => {
  test("is waited for: the receipt says so once, and once more when it is there [NF-11.12]", async () => {
    const { fleet, start, card, receipts, content } = await deviceOfFleet();
    fleet.announce({ "a.txt": Buffer.from("a"), "b.txt": Buffer.from("b") });
    card.stranger = ({ name }) => (String(name).includes("b.txt") ? { status: 500, text: "" } : undefined);
    const agent = start({ flags: ["--rest", "0.05"] });
    expect(await agent.next("brought")).toMatchObject({ installed: 1, exceptions: 1 });
    await expect.poll(receipts).toHaveLength(1);
    expect(receipts()[0]).toMatchObject({ not: [["b.txt", "waiting", "busy", expect.any(String)]] });
    await expect.poll(() => card.fetches).toBeGreaterThan(25); // some deliveries later
    expect(receipts()).toHaveLength(1);
    card.stranger = undefined;
    await agent.next("brought");
    await expect.poll(receipts).toHaveLength(2);
    expect(card.receipts).toHaveLength(2);
    expect(receipts()[1]).toMatchObject({ installed: 2, unchanged: 0 });
    expect(await content("b.txt")).toEqual(Buffer.from("b"));
  });

  test("is an exception once the server says that it has no such version, until the manifest says another", async () => {
    const { fleet, start, card, receipts } = await deviceOfFleet();
    fleet.announce({ "a.txt": Buffer.from("a"), "b.txt": Buffer.from("b") });
    card.files.delete(versionedKey(`fleets/${FLEET}/b.txt`, fleet.versionOf("b.txt")));
    const agent = start();
    await agent.next("brought");
    await expect.poll(receipts).toHaveLength(1);
    expect(receipts()[0]).toMatchObject({
      not: [["b.txt", "discarded", "file-not-found", expect.any(String)]],
    });
    fleet.announce({ "b.txt": Buffer.from("another b") });
    expect(await agent.next("brought")).toMatchObject({ installed: 1, unchanged: 1, exceptions: 0 });
  });
});

test("a newer manifest does not wait for one whose file cannot be had", async () => {
  const { fleet, start, card, content } = await deviceOfFleet();
  fleet.announce({ "a.txt": Buffer.from("a") });
  card.stranger = ({ name }) => (String(name).includes("a.txt") ? { status: 500, text: "" } : undefined);
  const agent = start({ flags: ["--rest", "3600"] });
  await agent.next("brought");
  fleet.announce({ "b.txt": Buffer.from("b") });
  expect(await agent.next("brought")).toMatchObject({ installed: 1, exceptions: 1 });
  expect(await content("b.txt")).toEqual(Buffer.from("b"));
});
