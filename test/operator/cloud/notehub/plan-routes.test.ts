import { expect, test } from "vitest";
import { planRoutes } from "../../../../operator/cloud/notehub/plan-routes.ts";
import type { Route, WantedRoute } from "../../../../operator/cloud/notehub/route.ts";

const HEADERS = { Authorization: "Bearer t0ken" };
const FILES: WantedRoute = {
  type: "proxy",
  label: "files",
  alias: "noteferry",
  url: "https://files.example",
  headers: HEADERS,
};
const RECEIPTS: WantedRoute = {
  ...{
    type: "http",
    label: "receipts",
    notefile: "file-status.qo",
    url: "https://receipts.example",
    headers: HEADERS,
  },
};

/** What Notehub has after a step, as if it kept all of it. */
function after(wanted: WantedRoute, existing: Route[] = []): Route {
  const [step] = planRoutes([wanted], existing);
  if (step === undefined || step.action === "keep") throw new Error("there is nothing to do");
  return { uid: "route:1", label: "", type: "", disabled: true, ...step.body };
}

test.each([FILES, RECEIPTS])(
  "of a project without routes it makes $label, and is content with it",
  (wanted) => {
    const made = after(wanted);
    expect(made).toMatchObject({ label: wanted.label, type: wanted.type, disabled: false });
    expect(made[wanted.type]).toMatchObject({ url: wanted.url, http_headers: HEADERS });
    expect(planRoutes([wanted], [made])).toMatchObject([{ action: "keep", uid: "route:1", doubles: [] }]);
  },
);

test("a route of receipts takes their notefile alone", () => {
  expect(after(RECEIPTS).http?.filter).toEqual({
    type: "include",
    system_notefiles: false,
    files: ["file-status.qo"],
  });
});

const made = { proxy: after(FILES), http: after(RECEIPTS) };
const changed = (type: "proxy" | "http", section: object, route: object = {}): Route => {
  return { ...made[type], ...route, [type]: { ...made[type][type], ...section } };
};

test.each<[string, WantedRoute, Route, string]>([
  [
    "another URL",
    FILES,
    changed("proxy", { url: "https://old.example" }),
    "URL https://old.example becomes https://files.example",
  ],
  ["no URL", FILES, changed("proxy", { url: null }), "URL (none) becomes"],
  [
    "an old token",
    FILES,
    changed("proxy", { http_headers: { authorization: "Bearer old" } }),
    "header Authorization is another",
  ],
  ["no header", FILES, changed("proxy", { http_headers: null }), "header Authorization is missing"],
  ["a route that is disabled", RECEIPTS, changed("http", {}, { disabled: true }), "it is disabled"],
  ["every notefile", RECEIPTS, changed("http", { filter: {} }), "let it get file-status.qo alone"],
  [
    "a second notefile",
    RECEIPTS,
    changed("http", { filter: { type: "include", files: ["file-status.qo", "x.qo"] } }),
    "alone",
  ],
  [
    "system notefiles",
    RECEIPTS,
    changed("http", { filter: { type: "include", system_notefiles: true, files: ["file-status.qo"] } }),
    "alone",
  ],
  [
    "a deployment before, known by its label",
    RECEIPTS,
    changed("http", { url: "https://old.example" }),
    "URL",
  ],
  [
    "another label, known by its URL",
    RECEIPTS,
    changed("http", { filter: null }, { label: "x" }),
    "file-status.qo alone",
  ],
])("it mends %s, and is content then", (_what, wanted, existing, change) => {
  const [step] = planRoutes([wanted], [existing]);
  expect(step).toMatchObject({
    action: "change",
    uid: "route:1",
    changes: [expect.stringContaining(change)],
  });
  expect(JSON.stringify(step?.action === "change" ? step.changes : "")).not.toMatch(/t0ken|old"/);
  expect(planRoutes([wanted], [after(wanted, [existing])])).toMatchObject([{ action: "keep" }]);
});

test("what a person set besides is kept, and nothing that only Notehub may set is sent", () => {
  const existing = changed(
    "proxy",
    {
      url: "https://old.example",
      timeout: 180,
      fleets: ["fleet:1"],
      http_headers: { "X-Own": "1", AUTHORIZATION: "old" },
    },
    { modified: "2026-01-01T00:00:00Z", notes: "ours" },
  );
  const [step] = planRoutes([FILES], [existing]);
  const body = step?.action === "change" ? step.body : {};
  expect(body).toMatchObject({ notes: "ours", proxy: { timeout: 180, fleets: ["fleet:1"] } });
  expect(body).toHaveProperty("proxy.http_headers", { "X-Own": "1", ...HEADERS });
  expect(Object.keys(body)).not.toContain("uid");
  expect(Object.keys(body)).not.toContain("modified");
});

test("a filter that leaves system notefiles unsaid is right too", () => {
  const told = changed("http", { filter: { type: "include", files: ["file-status.qo"] } });
  expect(planRoutes([RECEIPTS], [told])).toMatchObject([{ action: "keep" }]);
});

test("routes of others are left alone: another alias, another type", () => {
  const others = [changed("proxy", { alias: "theirs" }), { ...made.http, label: "noteferry" }];
  expect(planRoutes([FILES], others)).toMatchObject([{ action: "create", doubles: [] }]);
});

test("a second route with the same alias is told; the one that is right is kept", () => {
  const other = { ...changed("proxy", { url: "https://old.example" }), uid: "route:2" };
  const plan = planRoutes([FILES], [other, made.proxy]);
  expect(plan).toMatchObject([{ action: "keep", uid: "route:1", doubles: ["route:2"] }]);
  expect(planRoutes([FILES], [{ ...other, disabled: true }, made.proxy])).toMatchObject([{ doubles: [] }]);
});
