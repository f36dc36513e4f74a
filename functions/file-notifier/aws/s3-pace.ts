import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import type { PaceStore } from "../fleet/ports.ts";
import { isFailure } from "./s3-failure.ts";

const KEY = "pace/notehub.json";

const Turns = v.pipe(
  v.string(),
  v.parseJson(),
  v.array(v.object({ at: v.pipe(v.number(), v.finite()), by: v.optional(v.string()) })),
);

/** When Notehub was called, and who is to call it next, in one object for all environments. */
export function createS3Pace(s3: S3Client, bucket: string): PaceStore {
  return {
    async read(signal) {
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: KEY });
        const { Body, ETag } = await s3.send(command, { abortSignal: signal });
        const parsed = v.safeParse(Turns, await Body?.transformToString());
        return { turns: parsed.success ? parsed.output : [], tag: ETag }; // what cannot be read is written over
      } catch (error) {
        if (isFailure(error, [404])) return { turns: [], tag: undefined };
        throw error;
      }
    },

    async write(turns, over, signal) {
      const command = new PutObjectCommand({
        ...{ Bucket: bucket, Key: KEY, Body: JSON.stringify(turns), ContentType: "application/json" },
        ...(over === undefined ? { IfNoneMatch: "*" } : { IfMatch: over }),
      });
      try {
        await s3.send(command, { abortSignal: signal });
        return true;
      } catch (error) {
        if (isFailure(error, [404, 409, 412])) return false;
        throw error;
      }
    },
  };
}
