import { S3Client } from "@aws-sdk/client-s3";
import { readContent } from "../../functions/file-notifier/announce/read-content.ts";
import { createS3Files } from "../../functions/file-notifier/aws/s3-files.ts";

/** Hashes one object as the notifier does, and prints this process's peak memory in bytes. */
const [, , endpoint = "", size = ""] = process.argv;
const s3 = new S3Client({
  endpoint,
  region: "eu-west-1",
  credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  forcePathStyle: true,
  responseChecksumValidation: "WHEN_REQUIRED",
});
const version = { bucket: "files", key: size, versionId: "1", sequencer: "0" };
const file = await createS3Files(s3).open(version, new AbortController().signal);
if (file?.size !== Number(size)) throw new Error("the object has another size");
await readContent(file, 0, new AbortController().signal);
console.log(process.resourceUsage().maxRSS * 1024); // libuv tells kilobytes
s3.destroy();
