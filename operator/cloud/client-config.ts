import { Agent } from "node:https";
import type { ClientSettings } from "./deployment.ts";

/** How often the SDK tries a call: a person waits for it. */
const MAX_ATTEMPTS = 3;

/** The configuration of an SDK client. Where nothing is given, the SDK's own chain of credentials and regions holds. */
export function clientConfig({ region, endpoint, credentials, ca }: ClientSettings) {
  return {
    maxAttempts: MAX_ATTEMPTS,
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials: { ...credentials } }), // the SDK writes into it
    ...(ca === undefined ? {} : { requestHandler: { httpsAgent: new Agent({ ca, keepAlive: true }) } }),
  };
}
