import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;
const NOTICE_FILE = /^(?:licen[cs]e|notice|copying)(?:\.(?:md|txt))?$/i;
const RULE = `\n${"-".repeat(80)}\n\n`;

/**
 * The licences and notices of the packages that went into a bundle, as most of them ask of whoever passes it on.
 * Packages with the same text share it.
 *
 * @param inputs files that were bundled, relative to `root`
 */
export function noticesOf(root: string, inputs: readonly string[]): string {
  const folders = [...new Set(inputs.flatMap((input) => PACKAGE.exec(input)?.[0] ?? []))];
  const packages = folders.map((folder) => path.join(root, folder)).map(readPackage);
  packages.sort((a, b) => (a.head < b.head ? -1 : 1));
  const byText = Map.groupBy(packages, ({ text }) => text);
  return [...byText]
    .map(([text, those]) => `${those.map(({ head }) => head).join("")}${text === "" ? "" : `\n${text}\n`}`)
    .join(RULE);
}

function readPackage(folder: string): { head: string; text: string } {
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const { name, version, license, author } = manifest;
  const by = typeof author === "string" ? author : author?.name;
  const texts = readdirSync(folder)
    .filter((file) => NOTICE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(path.join(folder, file), "utf8").trim());
  return {
    head: `${name} ${version}, licence ${license}${by === undefined ? "" : `, by ${by}`}\n`,
    text: texts.join("\n\n"),
  };
}
