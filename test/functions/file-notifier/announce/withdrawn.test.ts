import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileItem, readFileItem } from "../../../../protocol/delivery-items.ts";
import { type Delivery, stateOf } from "../../../../protocol/delivery-state.ts";
import { isForgotten } from "../../../../protocol/wanted.ts";
import { json } from "../support/notehub-stand-in.ts";
import { DEVICE, drain, invoke, s3Message, startWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const OWN = "devices/dev:typo/app";

/** As the lists of the table have it. */
function shown(uid: string, path: string) {
  const item = world.aws.items.get(`device#${uid}\nfile#${path}`);
  if (item === undefined) return undefined;
  const { value } = readFileItem(item as Parameters<typeof readFileItem>[0]);
  return {
    state: isForgotten(value) ? "forgotten" : stateOf(value, undefined),
    ofFile: item.fileSk !== undefined,
    inTrouble: item.troublePk !== undefined,
  };
}

async function deliver(...records: Parameters<typeof s3Message>): Promise<void> {
  for (const record of records) world.aws.send(s3Message(record));
  const handler = world.environment();
  await drain(world, (batch) => invoke(handler, batch), { environments: 1, batch: 10 });
}

const FORGOTTEN = { state: "forgotten", ofFile: false, inTrouble: false };

/** A report of a device, as the recorder writes it. */
function said(uid: string, path: string, reported: Partial<NonNullable<Delivery["reported"]>>): void {
  const item = world.aws.items.get(`device#${uid}\nfile#${path}`);
  const before = readFileItem(item as Parameters<typeof readFileItem>[0]);
  const sha256 = before.value.announced?.sha256 ?? "";
  const common = { key: path, n: 1, sha256, state: "failed" as const, bytes: 1, requests: 1, at: 1 };
  const value = { ...before.value, reported: { ...common, ...reported } };
  world.aws.items.set(`device#${uid}\nfile#${path}`, fileItem({ ...before, value }, undefined).Item);
}

describe("a key that is deleted", () => {
  test("is no trouble any more where its device could not be told, and its deletion is no dead letter [NF-8.5]", async () => {
    world.notehub.unknown.add("dev:typo");
    await deliver(world.s3.upload(OWN, "one"));
    expect(shown("dev:typo", "app")).toEqual({ state: "not-announced", ofFile: true, inTrouble: true });
    expect(world.aws.dead).toHaveLength(1);
    await deliver(world.s3.remove(OWN));
    expect(shown("dev:typo", "app")).toEqual(FORGOTTEN);
    expect(world.aws.dead).toHaveLength(1);
    expect(world.events.at(-1)).toMatchObject({ message: "ignored", key: OWN });
    await deliver(world.s3.upload(OWN, "two"));
    expect(shown("dev:typo", "app")).toMatchObject({ state: "not-announced", inTrouble: true });
  });

  test("stays forgotten, however late it is said that it could not be announced", async () => {
    const slow = world.environment({
      async fetch() {
        await deliver(world.s3.remove(OWN));
        return Response.json({ err: "no such device" }, { status: 404 });
      },
    });
    await invoke(slow, [s3Message(world.s3.upload(OWN, "one"))]);
    expect(world.aws.dead).toHaveLength(1);
    expect(shown("dev:typo", "app")).toEqual(FORGOTTEN);
    expect(world.aws.items.has("device#dev:typo\ndevice")).toBe(true); // of the attempt, which did not know
  });

  test.each<[string, () => ReturnType<World["notehub"]["fault"]>]>([
    ["has the device", () => json({ err: "no" }, 400)],
    ["has no such project", () => json({ err: "no such project" }, 404)],
    ["does not say", () => json({ err: "no" }, 404)],
  ])("is not taken for told where Notehub refuses it and %s", async (what, refusal) => {
    world.notehub.fault = ({ method, url }) => {
      if (method === "POST") return refusal();
      if (what === "has no such project") return refusal();
      return what === "does not say" && url.searchParams.has("deviceUID") ? json({}) : undefined;
    };
    const record = world.s3.remove(OWN);
    await invoke(world.environment(), [s3Message(record)]);
    const isBuried = world.aws.dead.length === 1;
    const isRetried = world.events.at(-1)?.message === "retrying";
    expect([isBuried, isRetried]).toEqual(what === "does not say" ? [false, true] : [true, false]);
  });

  test("keeps what a device said of it, which is no trouble any more", async () => {
    await deliver(world.s3.upload("app", "one"));
    said(DEVICE, "app", { reason: "run" });
    expect(shown(DEVICE, "app")).toMatchObject({ state: "rolled-back", inTrouble: true });
    await deliver(world.s3.remove("app"));
    expect(shown(DEVICE, "app")).toEqual({ state: "rolled-back", ofFile: true, inTrouble: false });
    said(DEVICE, "app", { state: "stopped", n: 2 });
    expect(shown(DEVICE, "app")).toMatchObject({ state: "stopped", inTrouble: false });
    await deliver(world.s3.upload("app", "two"));
    said(DEVICE, "app", { reason: "run", n: 3 });
    expect(shown(DEVICE, "app")).toMatchObject({ state: "rolled-back", inTrouble: true });
  });

  test("is no trouble at any device of its fleet", async () => {
    const key = "fleets/fleet:1/app";
    const devices = Array.from({ length: 40 }, (_, index) => `dev:${index}`);
    world.notehub.fleets.set("fleet:1", devices);
    world.notehub.unknown.add("dev:0");
    await deliver(world.s3.upload(key, "one"));
    for (const device of devices.slice(1)) said(device, "app", { key, reason: "run" });
    expect(shown("dev:0", "app")).toMatchObject({ state: "not-announced", inTrouble: true });
    await deliver(world.s3.remove(key));
    expect(shown("dev:0", "app")).toEqual(FORGOTTEN);
    for (const device of devices.slice(1))
      expect(shown(device, "app")).toEqual({ state: "rolled-back", ofFile: true, inTrouble: false });
  });

  test("is no trouble of a fleet whose devices could not be listed", async () => {
    const key = "fleets/fleet:9/app";
    await deliver(world.s3.upload(key, "one"));
    expect(shown("fleet:9", "app")).toMatchObject({ inTrouble: true });
    await deliver(world.s3.remove(key));
    expect(shown("fleet:9", "app")).toEqual(FORGOTTEN);
  });
});
