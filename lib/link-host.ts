import { Annotations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { LINK_HOST_MAX_CHARS } from "../protocol/signed-link.ts";

/** Characters of what stands before the region in a function URL, an id and `.lambda-url.`, and of `.on.aws` behind it. */
const AROUND_THE_REGION = 32 + ".lambda-url.".length + ".on.aws".length;

/**
 * Tells whoever deploys that the addresses of links will be too long for Nordic's older client, which has room for 63 characters of
 * a host. [NF-12.6] https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
 *
 * @param region undefined where it is not known before the deployment
 */
export function tellOfLongHost(scope: IConstruct, region: string | undefined): void {
  const length = AROUND_THE_REGION + (region?.length ?? 0);
  if (region === undefined || length <= LINK_HOST_MAX_CHARS) return;
  Annotations.of(scope).addInfoV2(
    "noteferry:LongLinkHost",
    `in ${region} the host of signed links has ${length} characters; the client of Nordic's nRF Connect SDK before its downloader takes ${LINK_HOST_MAX_CHARS} and would not fetch by them (other clients do)`,
  );
}
