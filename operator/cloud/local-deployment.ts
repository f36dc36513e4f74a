import { readFile } from "node:fs/promises";
import path from "node:path";
import * as v from "valibot";
import type { Deployment } from "./deployment.ts";
import { OperatorError } from "./operator-error.ts";

const Service = v.object({
  endpoint: v.string(),
  region: v.string(),
  accessKeyId: v.string(),
  secretAccessKey: v.string(),
});

/** What the operator needs of `endpoints.json`, which a running local stack writes. */
const Endpoints = v.object({
  caFile: v.string(),
  s3: Service,
  aws: Service,
  outputs: v.record(v.string(), v.string()),
});

/**
 * The stack that runs on this machine with this data folder.
 *
 * @throws {OperatorError} `not-found` if none runs there.
 */
export async function readLocalDeployment(dataDir: string): Promise<Deployment> {
  const file = path.join(dataDir, "endpoints.json");
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Endpoints), await read(file));
  if (!parsed.success) {
    throw new OperatorError("not-found", `${file} is not from this version: start the local stack again`);
  }
  const { caFile, s3, aws, outputs } = parsed.output;
  const ca = await read(caFile);
  const settings = ({ endpoint, region, ...credentials }: v.InferOutput<typeof Service>) => {
    return { endpoint, region, credentials, ca };
  };
  const name = `the stack in ${dataDir}`;
  return { name, local: true, caFile, outputs, aws: settings(aws), s3: settings(s3) };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new OperatorError(
      "not-found",
      `no local stack runs here: ${file} cannot be read; npm start starts one, --data says where its data is`,
      { cause },
    );
  }
}
