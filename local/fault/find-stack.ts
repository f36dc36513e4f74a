import { readFile } from "node:fs/promises";
import * as v from "valibot";
import { endpointsFile } from "../stack/endpoints-file.ts";

const WithControl = v.object({ control: v.object({ url: v.string(), token: v.string() }) });

/** Where the control door of a stack is. */
export type ControlAddress = v.InferOutput<typeof WithControl>["control"];

/** There is no stack to talk to. */
export class NoStack extends Error {
  override name = "NoStack" as const;
}

/** @throws {NoStack} if no stack runs with this data folder. */
export async function findStack(dataDir: string): Promise<ControlAddress> {
  const file = endpointsFile(dataDir);
  try {
    return v.parse(WithControl, JSON.parse(await readFile(file, "utf8"))).control;
  } catch (cause) {
    const absent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (absent) {
      throw new NoStack(
        `no stack runs with ${dataDir}: start one by npm start, or name its folder with --data`,
        {
          cause,
        },
      );
    }
    throw new NoStack(`${file} does not say where the control door is; was it written by another version?`, {
      cause,
    });
  }
}
