import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { FileNotifierEnv } from "../functions/file-notifier/env.ts";
import type { Settings } from "./settings.ts";
import { allow, type Wiring } from "./wiring.ts";

export type PackingWiring = Pick<
  Wiring<FileNotifierEnv>,
  "PACKED_BUCKET" | "PATCH_MAX_BYTES" | "ZSTD_MAX_BYTES" | "PACK_SECONDS"
>;

const NO_PACKING: PackingWiring = {
  PACKED_BUCKET: { value: undefined },
  PATCH_MAX_BYTES: { value: undefined },
  ZSTD_MAX_BYTES: { value: undefined },
  PACK_SECONDS: { value: undefined },
};

/** What the notifier packs with; nothing, and no grant, with packing switched off. */
export function wirePacking(packed: Bucket, settings: Settings): PackingWiring {
  if (settings.packing === "off") return NO_PACKING;
  return {
    PACKED_BUCKET: {
      value: packed.bucketName,
      grants: [
        allow(["s3:GetObject", "s3:PutObject"], packed.arnForObjects("*")),
        allow(["s3:ListBucket"], packed.bucketArn), // without it a missing object is 403, not 404
      ],
    },
    PATCH_MAX_BYTES: { value: String(settings.patchMaxBytes) },
    ZSTD_MAX_BYTES: { value: String(settings.zstdMaxBytes) },
    PACK_SECONDS: { value: String(settings.packSeconds) },
  };
}
