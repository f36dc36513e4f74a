import { expect, test } from "vitest";
import { readRepositoryFile, sourceFiles } from "../support/repository-files.ts";

const FOLDERS = ["bin", "lib", "protocol", "functions", "agent", "operator", "local"];

test("every name that ARCHITECTURE.md gives is in the code", () => {
  const text = readRepositoryFile("docs/ARCHITECTURE.md");
  const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  const files = sourceFiles(...FOLDERS);
  const code = files.map(readRepositoryFile).join("\n");
  const names = quoted.filter((name) => /^[A-Za-z]+$/.test(name) && /[a-z][A-Z]|^[A-Z]/.test(name));
  expect(names.length).toBeGreaterThan(25);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  const paths = quoted.filter((name) => /^[a-z-]+(\/[a-z-]+)*\/?$|\.ts$/.test(name) && /[/.]/.test(name));
  const missing = paths.filter((path) => !files.some((file) => `/${file}`.includes(`/${path}`)));
  expect(missing.filter((path) => !path.startsWith("test"))).toEqual([]);
});
