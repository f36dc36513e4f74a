import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import * as v from "valibot";
import { fleetStateKey, Hold, holdKey, parseFleetState } from "../../../protocol/fleet-state.ts";
import { isManifestOwner } from "../../../protocol/target.ts";
import type { FleetStates } from "../fleet/ports.ts";
import { isFailure } from "./s3-failure.ts";

const HoldText = v.pipe(v.string(), v.parseJson(), Hold);

/** What is known of fleets, as objects that never expire, written by S3's conditional writes. docs/adr/0012-a-fleet-is-one-variable.md */
export function createS3FleetStates(s3: S3Client, bucket: string): FleetStates {
  return {
    async read(fleet, signal) {
      const found = await get(fleetStateKey(fleet), signal);
      if (found === undefined) return { state: undefined, tag: undefined };
      const state = parseFleetState(found.text);
      if (state?.fleet !== fleet) throw new Error(`the state of ${fleet} cannot be read`);
      return { state, tag: found.tag };
    },

    async write(state, over, signal) {
      const command = new PutObjectCommand({
        ...{ Bucket: bucket, Key: fleetStateKey(state.fleet) },
        ...{ Body: JSON.stringify(state), ContentType: "application/json" },
        ...(over === undefined ? { IfNoneMatch: "*" } : { IfMatch: over }),
      });
      try {
        const { ETag } = await s3.send(command, { abortSignal: signal });
        if (ETag === undefined) throw new Error("S3 gave a written state no ETag");
        return ETag;
      } catch (error) {
        // 412: written since; 409: being written; 404: deleted since it was read.
        if (isFailure(error, [404, 409, 412])) return undefined;
        throw error;
      }
    },

    async fleets(signal) {
      const [prefix = "", suffix = ""] = fleetStateKey("\n").split("\n");
      const pages = paginateListObjectsV2(
        { client: s3 },
        { Bucket: bucket, Prefix: prefix },
        { abortSignal: signal },
      );
      const uids: string[] = [];
      for await (const { Contents = [] } of pages)
        for (const { Key = "" } of Contents) uids.push(Key.slice(prefix.length, -suffix.length));
      return uids.filter(isManifestOwner);
    },

    async hold(fleet, signal) {
      const found = await get(holdKey(fleet), signal);
      const parsed = v.safeParse(HoldText, found?.text);
      return parsed.success ? parsed.output : undefined;
    },
  };

  async function get(key: string, signal: AbortSignal) {
    try {
      const command = new GetObjectCommand({ Bucket: bucket, Key: key });
      const { Body, ETag } = await s3.send(command, { abortSignal: signal });
      return { text: (await Body?.transformToString()) ?? "", tag: ETag };
    } catch (error) {
      if (isFailure(error, [404])) return undefined;
      throw error;
    }
  }
}
