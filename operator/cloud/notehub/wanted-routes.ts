import { RECEIPT_NOTEFILE } from "../../../protocol/notefiles.ts";
import { parseSecretPair } from "../../../protocol/secret-pair.ts";
import { type Deployment, outputOf } from "../deployment.ts";
import { OperatorError } from "../operator-error.ts";
import type { WantedRoute } from "./route.ts";

/** A route by the outputs that its URL and its token are found by. */
type RouteTemplate = { urlOutput: string; secretOutput: string } & (
  | { type: "proxy"; label: string; alias: string }
  | { type: "http"; label: string; notefile: string }
);

const FILES: RouteTemplate = {
  ...{ type: "proxy", label: "Noteferry files", alias: "noteferry" },
  ...{ urlOutput: "RouteUrl", secretOutput: "TokenSecretArn" },
};
const RECEIPTS: RouteTemplate = {
  ...{ type: "http", label: "Noteferry receipts", notefile: RECEIPT_NOTEFILE },
  ...{ urlOutput: "ReceiptRouteUrl", secretOutput: "ReceiptTokenSecretArn" },
};
/** For the hosts of the original sample. */
const SAMPLE: RouteTemplate = {
  ...{ type: "proxy", label: "Noteferry sample hosts", alias: "remoteFileDownloader" },
  ...{ urlOutput: "SampleRouteUrl", secretOutput: "TokenSecretArn" },
};

/**
 * The routes that a deployment needs.
 *
 * @param which `sample`: also that for hosts of the original sample; `type`: of this type alone
 * @param readSecret the text of the secret with this ARN
 * @throws {OperatorError}
 */
export async function wantedRoutes(
  deployment: Deployment,
  { sample, type }: { sample?: boolean | undefined; type?: WantedRoute["type"] },
  readSecret: (arn: string) => Promise<string | undefined>,
): Promise<WantedRoute[]> {
  const wanted: WantedRoute[] = [];
  const all = sample === true ? [FILES, RECEIPTS, SAMPLE] : [FILES, RECEIPTS];
  for (const { urlOutput, secretOutput, ...route } of all) {
    if (type !== undefined && route.type !== type) continue; // another's secret is none of its business
    const tokens = parseSecretPair(await readSecret(outputOf(deployment, secretOutput)));
    if (tokens === undefined)
      throw new OperatorError(
        "fault",
        `the secret of the output ${secretOutput} holds no current token: store {"current": "…", "previous": ""} in it`,
      );
    const headers = { Authorization: `Bearer ${tokens.current}` };
    wanted.push({ ...route, url: outputOf(deployment, urlOutput), headers });
  }
  return wanted;
}
