import { S3Client } from "@aws-sdk/client-s3";
import { describeFile } from "../../functions/file-notifier/announce/describe-file.ts";
import { createS3Files } from "../../functions/file-notifier/aws/s3-files.ts";
import { createS3Packed } from "../../functions/file-notifier/aws/s3-packed.ts";
import { createS3Packings } from "../../functions/file-notifier/aws/s3-packings.ts";
import { createPackVersion } from "../../functions/file-notifier/pack/pack-version.ts";

/** Describes and packs a batch of files as the notifier does, side by side, and prints this process's peak memory in bytes. */
const [, , endpoint = "", ...sizes] = process.argv;
const s3 = new S3Client({
  endpoint,
  region: "eu-west-1",
  credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  forcePathStyle: true,
  responseChecksumValidation: "WHEN_REQUIRED",
});
const files = createS3Files(s3);
const packed = createS3Packed(s3, "packed");
const packings = createS3Packings(s3, "packed");
let made = 0;
const report = ({ message, ...event }: { message: string }) => {
  if (message === "packed") made += 1;
  else console.error(message, event);
};
// The settings' defaults, but for the time, which a busy machine may need.
const limits = { patchMaxBytes: 2 * 1024 * 1024, zstdMaxBytes: 64 * 1024 * 1024, packMs: 600_000 };
const pack = createPackVersion({ files, packed, packings, report, now: Date.now }, limits);
const signal = new AbortController().signal;
await Promise.all(
  sizes.map((size, at) => {
    const version = { bucket: "files", key: `${size}-${at}`, versionId: "1", sequencer: "0A" };
    return describeFile({ files, maxFileBytes: Number.POSITIVE_INFINITY, pack }, version, signal);
  }),
);
if (made !== sizes.length) throw new Error(`only ${made} of ${sizes.length} were packed`);
console.log(process.resourceUsage().maxRSS * 1024); // libuv tells kilobytes
s3.destroy();
