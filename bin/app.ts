import { App } from "aws-cdk-lib";
import { FEATURE_FLAGS } from "../lib/feature-flags.ts";
import { tellOfLongHost } from "../lib/link-host.ts";
import { NoteferryStack } from "../lib/noteferry-stack.ts";
import { OutputFolderRefused, prepareOutputFolder } from "../lib/output-folder.ts";
import { parseSettings, SettingsRefused } from "../lib/settings.ts";
import { stackName } from "../protocol/stack-name.ts";

process.umask(process.umask() | 0o022); // nobody else changes what is deployed
const app = new App({ analyticsReporting: false, context: FEATURE_FLAGS });
try {
  prepareOutputFolder(app.outdir);
  const settings = parseSettings(app.node.getAllContext());
  const stack = new NoteferryStack(app, stackName(settings.stage), settings);
  tellOfLongHost(stack, process.env.CDK_DEFAULT_REGION); // which the CDK's command sets
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsRefused || error instanceof OutputFolderRefused)) throw error;
  console.error(error.message); // a person's mistake: a sentence, not a stack trace
  process.exit(1); // at once, or the App would synthesise itself empty at exit
}
