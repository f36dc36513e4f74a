import { expect, test } from "vitest";
import { existsInRepository, readRepositoryFile } from "../support/repository-files.ts";

test("what SECURITY.md names as met and proved is there", () => {
  const text = readRepositoryFile("docs/SECURITY.md");
  const named = [...text.matchAll(/`([\w./-]+\.(?:ts|json))`/g)].map(([, file = ""]) => file);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter((file) => !existsInRepository(file))).toEqual([]);
});
