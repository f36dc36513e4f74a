import { expect, test } from "vitest";
import { createCallLog } from "../../../../../local/blues/notehub/api/call-log.ts";
import { hubUnderTest } from "../support/hub-under-test.ts";

test("calls are counted by method and path, without the query, whatever becomes of them", async () => {
  await using test = await hubUnderTest();
  await test.api("GET", "/a?x=1", undefined, { root: true });
  await test.api("GET", "/a?x=2", undefined, { root: true, token: null });
  await test.hub.faults.inject({ kind: "reset" });
  await test.api("POST", "/a", {}, { root: true }).catch(() => undefined);
  expect(test.hub.calls()).toEqual({
    total: 3,
    calls: [
      { method: "GET", path: "/a", count: 2 },
      { method: "POST", path: "/a", count: 1 },
    ],
    operations: [],
    other: 0,
  });
});

test("paths without end take no memory without end", () => {
  const log = createCallLog(() => undefined);
  for (let n = 0; n < 3000; n += 1) log.add("GET", `/notes/${n}`);
  log.add("GET", "/notes/0");
  const { total, calls, other } = log.counts();
  expect({ total, pairs: calls.length, other }).toEqual({ total: 3001, pairs: 1000, other: 2000 });
  expect(calls[0]).toMatchObject({ count: 2 });
});
