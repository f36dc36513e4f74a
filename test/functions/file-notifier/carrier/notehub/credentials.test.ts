import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { json } from "../../support/notehub-stand-in.ts";
import { invoke, s3Message, startWorld, type World } from "../../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

let uploads = 0;
function upload(): string {
  uploads += 1;
  return s3Message(world.s3.upload(`file-${uploads}`, "x"));
}

function paths(): string[] {
  return world.notehub.requests.map(({ path }) => path.split("/").at(-1) ?? "");
}

describe("a token", () => {
  test("is read once for many announcements, and again after five minutes", async () => {
    const handler = world.environment();
    await invoke(handler, [upload(), upload(), upload()]);
    world.clock.now += 299_000;
    await invoke(handler, [upload()]);
    expect(world.aws.secretReads).toBe(1);
    world.clock.now += 2_000;
    await invoke(handler, [upload()]);
    expect(world.aws.secretReads).toBe(2);
  });

  test("that was rotated is read again at the first 401, once for a whole batch [NF-8.5]", async () => {
    const handler = world.environment();
    await invoke(handler, [upload()]);
    world.aws.secret = '{"token":"pat-2\\n"}';
    world.notehub.validTokens = new Set(["pat-2"]);
    expect(await invoke(handler, [upload(), upload(), upload()])).toEqual({ batchItemFailures: [] });
    expect(world.aws.secretReads).toBe(2);
    expect(world.notehub.accepted).toHaveLength(4);
  });

  test.each([401, 403])(
    "that is refused twice is retried later, with an alarm: %i [NF-8.5]",
    async (status) => {
      world.notehub.fault = () => json({ err: "bad token pat-1" }, status);
      const message = upload();
      const handler = world.environment();
      expect((await invoke(handler, [message])).batchItemFailures).toHaveLength(1);
      expect(world.notehub.requests).toHaveLength(2);
      expect(world.aws.secretReads).toBe(2);
      expect(world.events).toMatchObject([{ message: "retrying", reason: "notehub-unauthorized" }]);
      expect(world.s3.records()).toMatchObject([{ state: "unsent" }]);
      world.notehub.fault = () => undefined;
      expect(await invoke(handler, [message])).toEqual({ batchItemFailures: [] });
    },
  );

  test.each([undefined, "", "pat-1", "{}", '{"token":""}', '{"token":"two words"}', '{"token":"a\\u0000b"}'])(
    "that the secret %j does not hold is told without telling the secret",
    async (secret) => {
      world.aws.secret = secret;
      const response = await invoke(world.environment(), [upload()]);
      expect(response.batchItemFailures).toHaveLength(1);
      expect(world.events).toMatchObject([{ message: "retrying", reason: "notehub-unauthorized" }]);
      expect(JSON.stringify(world.events)).not.toMatch(/pat-1|two words/);
      expect(world.notehub.requests).toEqual([]);
    },
  );

  test("never shows in what is reported, though Notehub may repeat it", async () => {
    world.notehub.fault = () => json({ err: "pat-1 is wrong" }, 500);
    await invoke(world.environment(), [upload()]);
    expect(JSON.stringify(world.events)).not.toContain("pat-1");
  });

  test("Secrets Manager failing is retried", async () => {
    world.aws.fault = (action) =>
      action === "GetSecretValue" ? json({ __type: "InternalServiceError" }, 500) : undefined;
    expect((await invoke(world.environment(), [upload()])).batchItemFailures).toHaveLength(1);
    expect(world.events).toMatchObject([{ message: "retrying", key: expect.stringContaining("file-") }]);
  });
});

describe("client credentials", () => {
  beforeEach(() => {
    world.aws.secret = '{"clientId":"id","clientSecret":"s3cr3t"}';
    world.notehub.validTokens = new Set(["granted-1"]);
  });

  test("are exchanged once, until five minutes before the token expires", async () => {
    const handler = world.environment();
    await invoke(handler, [upload(), upload()]);
    world.clock.now += (1800 - 301) * 1000;
    await invoke(handler, [upload()]);
    expect(paths().filter((path) => path === "token")).toHaveLength(1);
    world.clock.now += 2_000;
    await invoke(handler, [upload()]);
    expect(paths().filter((path) => path === "token")).toHaveLength(2);
    const exchange = world.notehub.requests.find(({ path }) => path === "/oauth2/token");
    expect(exchange?.body).toBe("grant_type=client_credentials&client_id=id&client_secret=s3cr3t");
  });

  test("give another token when Notehub refuses the first", async () => {
    const handler = world.environment();
    await invoke(handler, [upload()]);
    world.notehub.validTokens = new Set(["granted-2"]);
    world.notehub.grants.token = "granted-2";
    expect(await invoke(handler, [upload()])).toEqual({ batchItemFailures: [] });
  });

  test("that are wrong are retried later, with an alarm", async () => {
    world.aws.secret = '{"clientId":"id","clientSecret":"wrong"}';
    expect((await invoke(world.environment(), [upload()])).batchItemFailures).toHaveLength(1);
    expect(world.events).toMatchObject([{ message: "retrying", reason: "notehub-unauthorized" }]);
    expect(JSON.stringify(world.events)).not.toContain("wrong");
  });

  test("are retried when the exchange is rate-limited or answers garbage", async () => {
    world.notehub.fault = ({ url }) =>
      url.pathname === "/oauth2/token" ? json({}, 429, { "retry-after": "33" }) : undefined;
    const message = upload();
    await invoke(world.environment(), [message]);
    expect(world.events).toMatchObject([{ reason: "notehub-429", seconds: 33 }]);
    world.notehub.fault = ({ url }) => (url.pathname === "/oauth2/token" ? json({}) : undefined);
    await invoke(world.environment(), [message]);
    expect(world.events.at(-1)).toMatchObject({ reason: "notehub-unreadable" });
    expect(world.s3.records()).toMatchObject([{ state: "unsent" }]);
  });
});
