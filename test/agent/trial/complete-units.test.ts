import { expect, test } from "vitest";
import { createCompletion } from "../../../agent/trial/complete-units.ts";
import { changeOf, placingUnderTest } from "../support/placing-under-test.ts";

test("what a killed agent had renamed is synced before it counts as in its place [NF-9.10]", async () => {
  const { files } = await placingUnderTest([], { "app/a": "new a", "lib/b": "new b" });
  const members = ["app/a", "lib/b"].map((path) => {
    const { announcement } = changeOf(path, `new ${path.at(-1)}`);
    return { path, version: { ...announcement, etag: announcement.etag ?? "" }, kept: "another" };
  });
  const synced: string[] = [];
  const installer = {
    ...files.installer,
    sync: async (paths: readonly string[]) => void synced.push(...paths),
  };
  expect(await createCompletion({ ...files, installer }).complete({ members })).toBe(true);
  expect(synced).toEqual(["app/a", "lib/b"]);
});
