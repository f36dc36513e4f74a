import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App } from "aws-cdk-lib";
import { expect, onTestFinished, test } from "vitest";
import { writeBundle } from "../../lib/bundle.ts";
import { FEATURE_FLAGS } from "../../lib/feature-flags.ts";
import { NoteferryStack } from "../../lib/noteferry-stack.ts";
import { OutputFolderRefused, prepareOutputFolder } from "../../lib/output-folder.ts";
import { parseSettings } from "../../lib/settings.ts";
import { ALL_SETTINGS } from "../support/all-settings.ts";

function outputFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "noteferry-bundle-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test.each(["index.cjs", "added.cjs"])("a bundle whose %s is not what was built is not deployed", (name) => {
  const outdir = outputFolder();
  const app = new App({
    outdir,
    context: FEATURE_FLAGS,
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  new NoteferryStack(app, "Noteferry", parseSettings(ALL_SETTINGS));
  const [bundle = ""] = readdirSync(outdir).filter((file) => file.startsWith("asset."));
  writeFileSync(path.join(outdir, bundle, name), "export const handler = steal;");
  expect(() => app.synth()).toThrow(`${path.join(outdir, bundle, name)} is not what was built`);
});

test.each([
  ["index.ts", false],
  ["with-iot/index.ts", true],
])("the notifier of %s has AWS IoT's client: %s", (entry, has) => {
  const built = writeBundle(`functions/file-notifier/${entry}`, outputFolder());
  const notices = Buffer.from(built.get("THIRD-PARTY-NOTICES") ?? []).toString();
  expect(notices).toContain("@aws-sdk/client-s3 ");
  expect(notices.includes("@aws-sdk/client-iot ")).toBe(has);
});

test("a folder of another user's is refused", () => {
  const isRoot = process.getuid?.() === 0;
  const folder = isRoot ? outputFolder() : "/usr";
  if (isRoot) chownSync(folder, 65_534, 65_534);
  expect(() => prepareOutputFolder(folder)).toThrow(OutputFolderRefused);
});
