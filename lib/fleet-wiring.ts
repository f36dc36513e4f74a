import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { FileNotifierEnv } from "../functions/file-notifier/env.ts";
import type { Settings } from "./settings.ts";
import { allow, type Wiring } from "./wiring.ts";

export type FleetWiring = Pick<
  Wiring<FileNotifierEnv>,
  "FILES_BUCKET" | "FLEET_ANNOUNCEMENTS" | "NOTEHUB_CALLS_PER_MINUTE" | "PACKED_BUCKET" | "PRUNE" | "STAGE"
>;

/** Folders of the packed bucket whose objects the notifier deletes itself, since the newest must never expire. [NF-11.6] */
export const MANIFEST_FOLDERS = ["manifest", "step"] as const;

/** How the notifier tells fleets, and compares with the bucket what it told them. */
export function wireFleets(files: Bucket, packed: Bucket, settings: Settings): FleetWiring {
  return {
    FILES_BUCKET: {
      value: files.bucketName,
      grants: [allow(["s3:ListBucketVersions"], files.bucketArn)],
    },
    PACKED_BUCKET: {
      value: packed.bucketName,
      grants: [
        allow(["s3:GetObject", "s3:PutObject"], packed.arnForObjects("*")),
        ...MANIFEST_FOLDERS.map((folder) => allow(["s3:DeleteObject"], packed.arnForObjects(`${folder}/*`))),
        allow(["s3:ListBucket"], packed.bucketArn), // without it a missing object is 403, not 404
      ],
    },
    FLEET_ANNOUNCEMENTS: { value: settings.fleetAnnouncements },
    NOTEHUB_CALLS_PER_MINUTE: { value: String(settings.notehubCallsPerMinute) },
    PRUNE: { value: settings.prune ? "true" : "false" },
    STAGE: { value: settings.stage },
  };
}
