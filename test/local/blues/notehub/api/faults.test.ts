import { describe, expect, test } from "vitest";
import type { ApiFault } from "../../../../../local/blues/notehub/api/faults.ts";
import { DEVICE, type HubUnderTest, hubUnderTest } from "../support/hub-under-test.ts";

const NOTES = `/devices/${DEVICE}/notes/file-update.qi`;
const post = (test: HubUnderTest) => test.api("POST", NOTES, { body: { name: "a" } });
const queued = async (test: HubUnderTest) => {
  const { json } = await test.api("GET", NOTES);
  return (json as { total?: number }).total ?? 0;
};

describe("faults", () => {
  test.each<[ApiFault, number]>([
    [{ kind: "rate-limit", retryAfterSeconds: 9 }, 429],
    [{ kind: "status", status: 500 }, 500],
    [{ kind: "status", status: 403 }, 403],
  ])("%j answers its status, does nothing, and ends by itself", async (fault, status) => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject(fault, { calls: 2 });
    expect(await post(test)).toMatchObject({ status, json: { code: status } });
    expect(await post(test)).toMatchObject({ status });
    expect(await post(test)).toMatchObject({ status: 200 });
    expect(await queued(test)).toBe(1);
  });

  test("rate-limit says when to come back", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "rate-limit", retryAfterSeconds: 9 });
    expect((await post(test)).headers["retry-after"]).toBe("9");
  });

  test("garbage is 200 and no JSON", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "garbage" }, { calls: 1 });
    expect(await post(test)).toMatchObject({ status: 200, json: undefined });
    expect(await queued(test)).toBe(0);
  });

  test("reset breaks the connection before anything is done", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "reset" }, { calls: 1 });
    await expect(post(test)).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await queued(test)).toBe(0);
  });

  test("lose-reply does what was asked, and says nothing", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "lose-reply" }, { calls: 1 });
    await expect(post(test)).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await queued(test)).toBe(1);
  });

  test("refuse-payload is 400 to a Note with a payload, and to nothing else", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "refuse-payload" });
    const withPayload = await test.api("POST", NOTES, { body: { name: "a" }, payload: "AAAA" });
    expect(withPayload).toMatchObject({ status: 400, json: { code: 400 } });
    expect(await post(test)).toMatchObject({ status: 200 });
    expect(await queued(test)).toBe(1);
  });

  test("refuse closes the port until it is cleared", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "refuse" });
    await expect(post(test)).rejects.toThrow(/ECONNREFUSED/);
    await test.hub.faults.clear();
    expect(await post(test)).toMatchObject({ status: 200 });
  });

  test("hang never answers, and ends with the hub", async () => {
    const test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "hang" }, { calls: 1 });
    const hanging = expect(post(test)).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await queued(test)).toBe(0);
    await test[Symbol.asyncDispose]();
    await hanging;
  });

  test("slow answers all the same", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "slow", milliseconds: 20 });
    expect(await post(test)).toMatchObject({ status: 200 });
  });

  test("can be of one method only", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "status", status: 503 }, { method: "POST" });
    expect(await test.api("GET", "/devices")).toMatchObject({ status: 200 });
    expect(await post(test)).toMatchObject({ status: 503 });
  });
});
