import path from "node:path";
import { describe, expect, test } from "vitest";
import { existsInRepository, readRepositoryFile, repositoryFiles } from "../support/repository-files.ts";

const files = repositoryFiles();
const documents = files.filter((file) => file.endsWith(".md"));

/** `me`, `you` and `pi` are nobody's. */
const MACHINE_PATH =
  /(?<![\w.~:/-])\/(?:work|home|Users|root|mnt|private)\/(?!(?:me|you|pi)\b)[\w.-]|\b[A-Z]:\\Users/;
const REGISTRY = /registr[y]\.npmjs|registr[y]\s*=\s*\S|_auth[T]oken/; // so written that they do not match this line

function linesThatMatch(pattern: RegExp, file: string): string[] {
  return readRepositoryFile(file)
    .split("\n")
    .flatMap((line, index) =>
      pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : [],
    );
}

describe("every file of the repository", () => {
  test("is found", () => {
    expect(files).toContain("package-lock.json");
    expect(files).toContain("docs/PROTOCOL.md");
  });

  test("names no folder of one machine", () => {
    expect(files.flatMap((file) => linesThatMatch(MACHINE_PATH, file))).toEqual([]);
  });

  test("names no package registry, so that every user's own is asked", () => {
    expect(files.flatMap((file) => linesThatMatch(REGISTRY, file))).toEqual([]);
    expect(linesThatMatch(/"resolved": "https?:/, "package-lock.json")).toEqual([]);
  });

  test("starts no program that would be looked for in a registry, where whoever takes the name gets root", () => {
    const { devDependencies } = JSON.parse(readRepositoryFile("package.json"));
    const asked = files.flatMap((file) =>
      [...readRepositoryFile(file).matchAll(/\bnpx ([^`\n]*)/g)].map(([line, rest = ""]) => ({
        file,
        line,
        rest,
      })),
    );
    expect(asked.length).toBeGreaterThan(0);
    const unsafe = asked.filter(({ rest }) => !Object.hasOwn(devDependencies, rest.split(" ", 1)[0] ?? ""));
    expect(unsafe.map(({ file, line }) => `${file}: ${line}`)).toEqual([]);
  });

  test("has a name that every file system can hold beside the others", () => {
    expect(files.filter((file) => !/^[\w./@-]+$/.test(file))).toEqual([]);
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(files.length);
  });
});

test("the lockfile holds every optional package that another names, without which npm ci refuses it", () => {
  const { packages }: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } =
    JSON.parse(readRepositoryFile("package-lock.json"));
  const locked = Object.keys(packages);
  const missing = Object.entries(packages).flatMap(([name, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((optional) => !locked.some((place) => place.endsWith(`node_modules/${optional}`)))
      .map((optional) => `${name}: ${optional}`),
  );
  expect(missing).toEqual([]);
});

test("what the two patterns must find, they find", () => {
  const found = ["see /work", "(/home", '"/Users', " /root"].map((start) =>
    MACHINE_PATH.test(`${start}/someone`),
  );
  expect(found).toEqual([true, true, true, true]);
  expect(MACHINE_PATH.test("https://notehub.io/home/page and ./work/x")).toBe(false);
  expect(REGISTRY.test(`//registry.${"npmjs"}.org/:x`)).toBe(true);
  expect(REGISTRY.test(`registry${"="}https://packages.example`)).toBe(true);
});

describe("the links between documents", () => {
  const links = documents.flatMap((document) =>
    [...proseOf(document).matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map(([, link = ""]) => ({
      document,
      link,
    })),
  );

  test("lead to files that exist", () => {
    const broken = links.filter(({ document, link }) => {
      const file = target(document, link);
      return file !== undefined && !existsInRepository(file);
    });
    expect(broken).toEqual([]);
  });

  test("lead to headings that exist", () => {
    const broken = links.filter(({ document, link }) => {
      const file = target(document, link);
      const heading = link.split("#")[1];
      if (file === undefined || heading === undefined || !file.endsWith(".md")) return false;
      return existsInRepository(file) && !headingsOf(file).includes(heading);
    });
    expect(broken).toEqual([]);
  });
});

/** The file that a link leads to, from the root; undefined for one that leaves the repository. */
function target(document: string, link: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return undefined;
  const [file = ""] = link.split("#");
  return file === "" ? document : path.posix.join(path.posix.dirname(document), decodeURIComponent(file));
}

function proseOf(document: string): string {
  return readRepositoryFile(document)
    .replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "")
    .replaceAll(/`[^`\n]*`/g, "code");
}

/** Anchors as GitHub makes them from headings. */
function headingsOf(document: string): string[] {
  const text = readRepositoryFile(document).replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, "");
  return [...text.matchAll(/^#+ +(.*)$/gm)].map(([, heading = ""]) =>
    heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
}
