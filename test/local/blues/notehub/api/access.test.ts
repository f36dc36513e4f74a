import { describe, expect, test } from "vitest";
import { DEVICE, hubUnderTest } from "../support/hub-under-test.ts";
import { expectOpenApi } from "../support/openapi.ts";

const client = { clientId: "id", clientSecret: "secret" };

describe("access", () => {
  test.each([null, "", "wrong", "test-personal-access-token2"])(
    "refuses token %j with 401",
    async (token) => {
      await using test = await hubUnderTest();
      const reply = await test.api("GET", "/devices", undefined, { token });
      expect(reply.status).toBe(401);
      expectOpenApi("Error", reply.json);
    },
  );

  test("exchanges client credentials for a token that lives half an hour", async () => {
    let now = 1_800_000_000_000;
    await using test = await hubUnderTest({ oauthClient: client, now: () => now });
    const form = "grant_type=client_credentials&client_id=id&client_secret=secret";
    const reply = await test.api("POST", "/oauth2/token", undefined, { raw: form, root: true, token: null });
    expectOpenApi("OAuth2TokenResponse", reply.json);
    const token = (reply.json as { access_token: string }).access_token;
    expect(await test.api("GET", "/devices", undefined, { token })).toMatchObject({ status: 200 });
    now += 1_799_000;
    expect(await test.api("GET", "/devices", undefined, { token })).toMatchObject({ status: 200 });
    now += 2_000;
    expect(await test.api("GET", "/devices", undefined, { token })).toMatchObject({ status: 401 });
  });

  test.each([
    ["grant_type=client_credentials&client_id=id&client_secret=wrong", 401, "invalid_client"],
    ["grant_type=password&client_id=id&client_secret=secret", 400, "unsupported_grant_type"],
    ["", 400, "unsupported_grant_type"],
  ])("refuses the form %j", async (raw, status, error) => {
    await using test = await hubUnderTest({ oauthClient: client });
    const reply = await test.api("POST", "/oauth2/token", undefined, { raw, root: true, token: null });
    expect(reply).toMatchObject({ status, json: { error } });
    expectOpenApi("OAuth2Error", reply.json);
  });

  test("knows no client unless told one", async () => {
    await using test = await hubUnderTest();
    const raw = "grant_type=client_credentials&client_id=&client_secret=";
    expect(await test.api("POST", "/oauth2/token", undefined, { raw, root: true })).toMatchObject({
      status: 401,
    });
  });
});

describe("calls per minute", () => {
  test("above the bound are 429 with Retry-After, until the minute has passed", async () => {
    let now = 1_800_000_000_000;
    await using test = await hubUnderTest({ requestsPerMinute: 7, now: () => now });
    const post = () => test.api("POST", `/devices/${DEVICE}/notes/a.qi`, { body: {} });
    for (let count = 0; count < 7; count += 1) {
      expect(await post()).toMatchObject({ status: 200 });
      now += 1_000;
    }
    const refused = await post();
    expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "53" } });
    expectOpenApi("Error", refused.json);
    expect(test.hub.stats()).toEqual({ calls: 8, callsInLastMinute: 7, refused: 1 });
    now += 53_001;
    expect(await post()).toMatchObject({ status: 200 });
  });

  test("are counted without a bound, too", async () => {
    await using test = await hubUnderTest();
    for (let count = 0; count < 20; count += 1) await test.api("GET", "/devices");
    expect(test.hub.stats()).toEqual({ calls: 20, callsInLastMinute: 20, refused: 0 });
  });
});
