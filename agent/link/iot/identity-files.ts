import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { sentenceOf } from "../../system/errno.ts";
import type { ThingSettings } from "./thing-settings.ts";

/** What a thing shows of itself, and whom it trusts: PEM. */
export type Identity = { ca: Buffer | undefined; cert: Buffer; key: Buffer };

/** The files of an identity cannot be used; the message says which, and what to do. None of it shows the key. */
export class IdentityUnusable extends Error {
  override name = "IdentityUnusable" as const;
}

/**
 * Reads them, at each connection anew: certificates are exchanged while an agent runs.
 *
 * @throws {IdentityUnusable}
 */
export async function readIdentity({
  ca,
  certificate,
  key,
}: Pick<ThingSettings, "ca" | "certificate" | "key">): Promise<Identity> {
  const identity = {
    ca: ca === undefined ? undefined : await readPem(ca),
    cert: await readPem(certificate),
    key: await readPrivatePem(key),
  };
  if (ca !== undefined && identity.ca !== undefined) parseCertificate(identity.ca, ca);
  const parsed = parseCertificate(identity.cert, certificate);
  if (!parsed.checkPrivateKey(parseKey(identity.key, key)))
    throw new IdentityUnusable(`${key} is not the key of ${certificate}`);
  return identity;
}

export async function readPem(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new IdentityUnusable(sentenceOf(cause), { cause });
  }
}

/** Whoever reads the key is the thing. */
export async function readPrivatePem(file: string): Promise<Buffer> {
  const pem = await readPem(file);
  if (((await stat(file)).mode & 0o077) !== 0)
    throw new IdentityUnusable(`others may read ${file}: chmod 600 it`);
  return pem;
}

export function parseCertificate(pem: Buffer, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new IdentityUnusable(`${file} is no certificate in PEM`);
  }
}

/** Without the parser's error as the cause, which may show what is in the file. */
export function parseKey(pem: Buffer, file: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new IdentityUnusable(`${file} is no private key in PEM, or has a passphrase`);
  }
}
