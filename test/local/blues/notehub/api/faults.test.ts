import { describe, expect, test } from "vitest";
import type { ApiFault } from "../../../../../local/blues/notehub/api/faults.ts";
import { DEVICE, FLEET, type HubUnderTest, hubUnderTest } from "../support/hub-under-test.ts";

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
    await expect.poll(() => test.hub.calls().total).toBe(1); // or the next call might overtake it
    expect(await queued(test)).toBe(0);
    await test[Symbol.asyncDispose]();
    await hanging;
  });

  test("slow answers all the same", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "slow", milliseconds: 20 });
    expect(await post(test)).toMatchObject({ status: 200 });
  });

  describe("of variables", () => {
    const path = `/fleets/${FLEET}/environment_variables`;
    const put = (test: HubUnderTest, v: string) => test.api("PUT", path, { environment_variables: { v } });
    const value = ({ hub }: HubUnderTest) => hub.session(DEVICE).environment().variables.v;

    test.each<[ApiFault, string | undefined]>([
      [{ kind: "lose-reply" }, "1"],
      [{ kind: "reset" }, undefined],
    ])("%j leaves %s", async (fault, left) => {
      await using test = await hubUnderTest();
      await test.hub.faults.inject(fault, { calls: 1 });
      await expect(put(test, "1")).rejects.toThrow(/hang up|ECONNRESET/);
      expect(value(test)).toBe(left);
    });

    test("late-reply does at once what it tells late, slow does it late: over a later call", async () => {
      await using test = await hubUnderTest();
      await test.hub.faults.inject({ kind: "late-reply", milliseconds: 300 }, { calls: 1 });
      const late = put(test, "1");
      await expect.poll(() => value(test)).toBe("1");
      await put(test, "2");
      expect((await late).json).toEqual({ environment_variables: { v: "1" } });
      expect(value(test)).toBe("2");
      await test.hub.faults.inject({ kind: "slow", milliseconds: 300 }, { calls: 1 });
      const slow = put(test, "3");
      await expect.poll(() => test.hub.calls().total).toBe(3);
      await put(test, "4");
      expect(value(test)).toBe("4");
      await slow;
      expect(value(test)).toBe("3");
    });

    test.each(["environment_variables", FLEET])(
      "can be of paths with %s only, however written",
      async (part) => {
        await using test = await hubUnderTest();
        await test.hub.faults.inject({ kind: "status", status: 503 }, { path: part, calls: 2 });
        expect(await post(test)).toMatchObject({ status: 200 });
        expect(await put(test, "1")).toMatchObject({ status: 503 });
        const escaped = `/fleets/${encodeURIComponent(FLEET)}/environment_variables`;
        expect(await test.api("GET", escaped)).toMatchObject({ status: 503 });
        expect(await test.api("GET", escaped)).toMatchObject({ status: 200 });
      },
    );
  });

  test("can be of one method only", async () => {
    await using test = await hubUnderTest();
    await test.hub.faults.inject({ kind: "status", status: 503 }, { method: "POST" });
    expect(await test.api("GET", "/devices")).toMatchObject({ status: 200 });
    expect(await post(test)).toMatchObject({ status: 503 });
  });
});
