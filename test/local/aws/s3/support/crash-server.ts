import { appendFileSync } from "node:fs";
import { createAuthorizer } from "../../../../../local/aws/iam/create-authorizer.ts";
import { startS3 } from "../../../../../local/aws/s3/server.ts";

// A server to be killed: `crash-server.ts <data folder> <file for delivered events>`. Prints its endpoint.
const [dataDir = "", deliveredFile = ""] = process.argv.slice(2);
const root = { accessKeyId: "AKIDROOT", secretAccessKey: "root-secret", principal: "root" };
const server = await startS3({
  dataDir,
  region: "us-east-1",
  findCredential: () => root,
  authorize: createAuthorizer([]),
  deliver: async (_, event) => appendFileSync(deliveredFile, `${JSON.stringify(event)}\n`),
});
server.provisionBucket({
  name: "files",
  versioning: true,
  notifications: [{ targetArn: "queue", events: ["s3:ObjectCreated:*"] }],
});
console.log(server.endpoint);
