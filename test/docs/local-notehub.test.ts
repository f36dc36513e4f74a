import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CALLS } from "../../local/blues/notehub/api/dispatch.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const answered = Object.entries(CALLS).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => `${method} ${path}`),
);

test("LOCAL-NOTEHUB lists what the stand-in answers, no more and no less", () => {
  const [, section = ""] = read("../../docs/LOCAL-NOTEHUB.md").split("## What it answers");
  const table = section.split("\n").filter((line) => line.startsWith("|"));
  const listed = [...table.join("\n").matchAll(/`((?:GET|POST|PUT|DELETE) [^`]*)`/g)].map(([, call = ""]) =>
    call.replace("…", "/v1/projects/{projectOrProductUID}"),
  );
  expect(listed.toSorted()).toEqual(answered.toSorted());
});

test("every call that the stand-in answers is one of Notehub's OpenAPI document", () => {
  const known: unknown = JSON.parse(read("../fixtures/notehub-openapi/calls.json"));
  expect(answered.filter((call) => !Array.isArray(known) || !known.includes(call))).toEqual([]);
});
