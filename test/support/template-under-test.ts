import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { NoteferryStack } from "../../lib/noteferry-stack.ts";
import { parseSettings } from "../../lib/settings.ts";

/** Every setting given. */
export const ALL_SETTINGS = {
  project: "app:2606f411-dea6-44a0-9743-1130f57d77d8",
  product: "com.example.lamps:street",
  defaultTarget: "fleet:5b0d7c58",
  maxFileBytes: 1_000_000,
  notehubUrl: "https://notehub.example.com",
  logRetentionDays: 30,
  alarmTopicArn: "arn:aws:sns:eu-central-1:123456789012:alarms",
  fileServerConcurrency: 20,
};

/** The template for these settings. Nothing is bundled: the functions' code is their folder, which is enough here. */
export function templateOf(settings: Readonly<Record<string, unknown>>): Template {
  return withOutputFolder((outdir) => {
    const app = createApp(outdir);
    const stack = new NoteferryStack(app, "Noteferry", parseSettings(settings));
    return Template.fromStack(stack);
  });
}

/** Names of the AwsSolutions rules that the stack breaks without a reason, after `change` was made to it. */
export function nagFindings(
  settings: Readonly<Record<string, unknown>>,
  change: (stack: NoteferryStack) => void = () => {},
): string[] {
  return withOutputFolder((outdir) => {
    const app = createApp(outdir);
    const checks = new AwsSolutionsChecks(app);
    Validations.of(app).addPlugins(checks);
    change(new NoteferryStack(app, "Noteferry", parseSettings(settings)));
    return checks.validateScope(app).violations.map((violation) => violation.ruleName);
  });
}

function createApp(outdir: string): App {
  return new App({ outdir, analyticsReporting: false, context: { "aws:cdk:bundling-stacks": [] } });
}

function withOutputFolder<Result>(use: (outdir: string) => Result): Result {
  const outdir = mkdtempSync(path.join(tmpdir(), "noteferry-synth-"));
  try {
    return use(outdir);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
