import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Credential } from "../../../../../local/aws/sigv4/credential.ts";

type Data = string | ArrayBuffer | ArrayBufferView;

/** Node's own hashes, as the SDK's signer wants them. */
class Sha256 {
  private readonly hash;

  constructor(key?: Data) {
    this.hash = key === undefined ? createHash("sha256") : createHmac("sha256", viewOf(key));
  }

  update(data: Data) {
    this.hash.update(viewOf(data));
  }

  async digest() {
    return new Uint8Array(this.hash.digest());
  }

  reset() {}
}

function viewOf(data: Data): string | Uint8Array {
  if (typeof data === "string") return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** The signer of the SDK: a second opinion on what a signature is. */
export function sdkSigner(service: string, region: string, credential: Credential): SignatureV4 {
  return new SignatureV4({
    service,
    region,
    credentials: credential,
    sha256: Sha256,
    uriEscapePath: service !== "s3",
    applyChecksum: service === "s3",
  });
}
