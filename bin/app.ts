import { App } from "aws-cdk-lib";
import { NoteferryStack } from "../lib/noteferry-stack.ts";
import { parseSettings, SettingsRefused } from "../lib/settings.ts";

const app = new App({ analyticsReporting: false });
try {
  new NoteferryStack(app, "Noteferry", parseSettings(app.node.getAllContext()));
  app.synth();
} catch (error) {
  if (!(error instanceof SettingsRefused)) throw error;
  console.error(error.message); // a person's mistake: a sentence, not a stack trace
  process.exit(1); // at once, or the App would synthesise itself empty at exit
}
