import { RequestError } from "../../../protocol/errors.ts";
import { KeyRefused } from "../../../protocol/key-refused.ts";
import { parseRequest } from "../../../protocol/request.ts";
import {
  formatSignedLink,
  LINK_HOST_MAX_CHARS,
  LINK_PATH_MAX_CHARS,
  type Linked,
} from "../../../protocol/signed-link.ts";
import { OperatorError } from "../../cloud/operator-error.ts";

/**
 * The address of a signed link.
 *
 * @param origin of the file-server, without a trailing slash
 * @throws {OperatorError} `usage` for a key that no request can name.
 */
export function signFor(linked: Linked, secret: string, origin: string): string {
  const link = linkTo(linked, secret);
  if (link === undefined)
    throw new OperatorError("usage", `no signed link can name the key ${linked.key}; --s3 can`);
  return origin + link;
}

function linkTo(linked: Linked, secret: string): string | undefined {
  try {
    const link = formatSignedLink(linked, secret);
    const [rawPath = "", rawQuery = ""] = link.split("?");
    const { key } = parseRequest({ method: "GET", rawPath, rawQuery, headers: {} });
    return key === linked.key ? link : undefined; // slashes at its ends are not part of a request
  } catch (error) {
    if (error instanceof RequestError || error instanceof KeyRefused) return undefined;
    throw error;
  }
}

/** What a small client may have no room for; undefined if that is nothing. [NF-12.6] */
export function tooLongFor(url: string): string | undefined {
  const { hostname, pathname, search } = new URL(url);
  const path = pathname.length + search.length;
  if (hostname.length <= LINK_HOST_MAX_CHARS && path <= LINK_PATH_MAX_CHARS) return undefined;
  return `its host has ${hostname.length} characters and its path ${path}: the older client of Nordic's nRF Connect SDK takes ${LINK_HOST_MAX_CHARS} and ${LINK_PATH_MAX_CHARS}`;
}
