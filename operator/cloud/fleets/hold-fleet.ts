import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Hold, holdKey } from "../../../protocol/fleet-state.ts";
import { clientConfig } from "../client-config.ts";
import type { Deployment } from "../deployment.ts";

export type HoldTimes = {
  /** Milliseconds that a hold lasts: what dies keeps nobody waiting for longer. */
  lastsMs: number;
  renewMs: number;
};

const TIMES: HoldTimes = { lastsMs: 60_000, renewMs: 20_000 };

/**
 * Keeps a fleet from being announced to until it is disposed of, so that many files are one manifest. [NF-11.14]
 *
 * @param by who holds, for others that look
 * @throws if the hold cannot be written. That it cannot be renewed or taken away is no failure: it ends by itself.
 */
export async function holdFleet(
  deployment: Deployment,
  fleet: string,
  by: string,
  signal: AbortSignal,
  { lastsMs, renewMs }: HoldTimes = TIMES,
): Promise<AsyncDisposable> {
  const client = new S3Client({ ...clientConfig(deployment.s3), forcePathStyle: deployment.local });
  const object = { Bucket: deployment.outputs.AnnouncementsBucketName, Key: holdKey(fleet) };
  let etag: string | undefined;

  async function write(abortSignal?: AbortSignal): Promise<void> {
    const hold: Hold = { until: Date.now() + lastsMs, by };
    const command = new PutObjectCommand({ ...object, Body: JSON.stringify(hold) });
    ({ ETag: etag } = await client.send(command, abortSignal === undefined ? {} : { abortSignal }));
  }

  try {
    await write(signal);
  } catch (error) {
    client.destroy();
    throw error;
  }
  let renewing = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(() => write()).catch(() => undefined);
  }, renewMs);

  return {
    // Not with the signal: it is taken away also after Ctrl-C.
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await renewing;
      try {
        const { ETag } = await client.send(new HeadObjectCommand(object));
        // Somebody else may hold the fleet by now.
        if (ETag === etag) await client.send(new DeleteObjectCommand(object));
      } catch {
        // It ends by itself.
      } finally {
        client.destroy();
      }
    },
  };
}
