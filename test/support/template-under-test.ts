import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { FEATURE_FLAGS } from "../../lib/feature-flags.ts";
import { NoteferryStack } from "../../lib/noteferry-stack.ts";
import { parseSettings } from "../../lib/settings.ts";
import { stackName } from "../../protocol/stack-name.ts";

/** The template for these settings. */
export function templateOf(settings: Readonly<Record<string, unknown>>): Template {
  return withStack(settings, Template.fromStack);
}

/** Nothing is bundled: the functions' code is their folder, which is enough where no function runs. */
export function withStack<Result>(
  settings: Readonly<Record<string, unknown>>,
  use: (stack: NoteferryStack) => Result,
): Result {
  const outdir = mkdtempSync(path.join(tmpdir(), "noteferry-synth-"));
  try {
    const context = { ...FEATURE_FLAGS, "aws:cdk:bundling-stacks": [] };
    // CDK's own validation takes longer than all the rest; test/bin runs it once.
    const app = new App({
      outdir,
      context,
      analyticsReporting: false,
      builtinCloudFormationValidation: false,
    });
    const parsed = parseSettings(settings);
    return use(new NoteferryStack(app, stackName(parsed.stage), parsed));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
