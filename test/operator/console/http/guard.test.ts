import { expect, test } from "vitest";
import { refusalOf } from "../../../../operator/console/http/guard.ts";

const PORT = 4607;
const HOST = `127.0.0.1:${PORT}`;
const ORIGIN = `http://${HOST}`;
const AUTHORIZATION = "Bearer s3ssion";

type Headers = Record<string, string | undefined>;

const judge = (method: string, headers: Headers, isApi = true) =>
  refusalOf({ method, isApi, headers: { host: HOST, ...headers } }, PORT, (token) => token === "s3ssion");

test.each<[string, string, Headers]>([
  ["a question of the page", "GET", { authorization: AUTHORIZATION }],
  [
    "with what a browser says of it",
    "GET",
    { authorization: AUTHORIZATION, "sec-fetch-site": "same-origin" },
  ],
  ["a change by the page", "POST", { authorization: AUTHORIZATION, origin: ORIGIN }],
  ["by its other name", "PUT", { authorization: AUTHORIZATION, host: `localhost:${PORT}`, origin: ORIGIN }],
])("%s is let in", (_what, method, headers) => {
  expect(judge(method, headers)).toBeUndefined();
});

test.each<[string, string, Headers, number]>([
  [
    "a name that was made to lead here",
    "GET",
    { authorization: AUTHORIZATION, host: `evil.example:${PORT}` },
    403,
  ],
  ["the address with another port", "GET", { authorization: AUTHORIZATION, host: "127.0.0.1:80" }, 403],
  ["no name at all", "GET", { authorization: AUTHORIZATION, host: undefined }, 403],
  ["another page", "POST", { authorization: AUTHORIZATION, origin: "https://evil.example" }, 403],
  [
    "another port of this machine",
    "POST",
    { authorization: AUTHORIZATION, origin: "http://127.0.0.1:3000" },
    403,
  ],
  ["a page without an origin", "POST", { authorization: AUTHORIZATION, origin: "null" }, 403],
  ["a change of which no origin is said", "POST", { authorization: AUTHORIZATION }, 403],
  ["another site that reads", "GET", { authorization: AUTHORIZATION, "sec-fetch-site": "cross-site" }, 403],
  ["another port that reads", "GET", { authorization: AUTHORIZATION, "sec-fetch-site": "same-site" }, 403],
  ["the address bar", "GET", { authorization: AUTHORIZATION, "sec-fetch-site": "none" }, 403],
  ["no token", "GET", {}, 401],
  ["a wrong token", "GET", { authorization: "Bearer other" }, 401],
  ["a token in another form", "GET", { authorization: "s3ssion" }, 401],
])("%s is refused", (_what, method, headers, status) => {
  expect(judge(method, headers)).toMatchObject({ status });
});

test("the page itself may be opened from anywhere, but by its own name alone", () => {
  expect(judge("GET", { "sec-fetch-site": "cross-site" }, false)).toBeUndefined();
  expect(judge("GET", { host: "evil.example" }, false)).toMatchObject({ status: 403 });
});
