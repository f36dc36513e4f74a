import {
  CopyObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { createAuthorizer } from "../../../../local/aws/iam/create-authorizer.ts";
import type { PolicyStatement } from "../../../../local/aws/iam/policy-statement.ts";
import { errorOf } from "../../../conformance/s3/support/error-of.ts";
import { connect, dataFolder, FILES, openS3, ROOT } from "./support/local-s3.ts";

const ROLE = {
  accessKeyId: "ASIAROLE",
  secretAccessKey: "role-secret",
  sessionToken: "role-token",
  principal: "arn:aws:iam::000000000000:role/server",
};
const FORBIDDEN = { status: 403, name: "AccessDenied" };

/** A server that knows the person and one role, which may do what `grants` say. */
async function withGrants(...grants: PolicyStatement[]) {
  const server = await openS3(await dataFolder(), {
    findCredential: (id) => [ROOT, ROLE].find(({ accessKeyId }) => accessKeyId === id),
    authorize: createAuthorizer([{ principal: ROLE.principal, statements: grants }]),
  });
  server.provisionBucket(FILES);
  const [root, role] = [connect(server), connect(server, ROLE)];
  await root.send(new PutObjectCommand({ Bucket: "files", Key: "devices/1", Body: "one" }));
  return { server, root, role };
}

const grant = (action: string | string[], resource = "arn:aws:s3:::files/*"): PolicyStatement => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
});

const at = (Key: string) => ({ Bucket: "files", Key });
const read = (client: S3Client, Key = "devices/1", more: object = {}) =>
  client.send(new GetObjectCommand({ ...at(Key), ...more })).then((reply) => reply.Body?.transformToString());

test("a role reads with the grant, and not once it is removed", async () => {
  const granted = await withGrants(grant("s3:GetObject"));
  expect(await read(granted.role)).toBe("one");
  await granted.role.send(new HeadObjectCommand(at("devices/1")));
  const removed = await withGrants();
  expect(await errorOf(read(removed.role))).toEqual(FORBIDDEN);
  expect(await read(removed.root)).toBe("one");
});

test("a grant to read is none to write, to list, or to read a version that is named", async () => {
  const { root, role } = await withGrants(grant("s3:GetObject"));
  const { VersionId } = await root.send(new HeadObjectCommand(at("devices/1")));
  const refusals = await Promise.all([
    errorOf(role.send(new PutObjectCommand({ ...at("devices/1"), Body: "two" }))),
    errorOf(role.send(new ListObjectsV2Command({ Bucket: "files" }))),
    errorOf(read(role, "devices/1", { VersionId })),
  ]);
  expect(refusals).toEqual([FORBIDDEN, FORBIDDEN, FORBIDDEN]);
  expect(await read(root)).toBe("one");
});

test("a grant below a prefix ends there", async () => {
  const { root, role } = await withGrants(grant("s3:GetObject", "arn:aws:s3:::files/devices/*"));
  await root.send(new PutObjectCommand({ ...at("fleets/1"), Body: "secret" }));
  expect(await read(role)).toBe("one");
  expect(await errorOf(read(role, "fleets/1"))).toEqual(FORBIDDEN);
});

test("what is missing is told only to who may list", async () => {
  const reader = await withGrants(grant("s3:GetObject"));
  expect(await errorOf(read(reader.role, "missing"))).toEqual(FORBIDDEN);
  const lister = await withGrants(grant("s3:GetObject"), grant("s3:ListBucket", "arn:aws:s3:::files"));
  expect(await errorOf(read(lister.role, "missing"))).toEqual({ status: 404, name: "NoSuchKey" });
});

test("a condition on the prefix of a listing", async () => {
  const Condition = { StringLike: { "s3:prefix": "devices/*" } };
  const { role } = await withGrants({ ...grant("s3:ListBucket", "arn:aws:s3:::files"), Condition });
  const list = (Prefix?: string) => role.send(new ListObjectsV2Command({ Bucket: "files", Prefix }));
  expect((await list("devices/")).KeyCount).toBe(1);
  expect(await errorOf(list("fleets/"))).toEqual(FORBIDDEN);
  expect(await errorOf(list())).toEqual(FORBIDDEN);
});

test("a write with If-Match, or with tags, needs more than a write", async () => {
  const { root, role } = await withGrants(grant("s3:PutObject"));
  const { ETag } = await root.send(new HeadObjectCommand(at("devices/1")));
  const put = (more: object) => role.send(new PutObjectCommand({ ...at("devices/1"), Body: "x", ...more }));
  expect(await errorOf(put({ IfMatch: ETag }))).toEqual(FORBIDDEN);
  expect(await errorOf(put({ Tagging: "a=b" }))).toEqual(FORBIDDEN);
  await put({});
});

test("a copy needs to read its source", async () => {
  const { root, role } = await withGrants(grant("s3:PutObject"));
  const copy = (client: S3Client) =>
    client.send(new CopyObjectCommand({ ...at("copy"), CopySource: "files/devices/1" }));
  expect(await errorOf(copy(role))).toEqual(FORBIDDEN);
  await copy(root);
});

test("of many keys, those are deleted that may be", async () => {
  const { root, role } = await withGrants(grant("s3:DeleteObject", "arn:aws:s3:::files/mine/*"));
  await root.send(new PutObjectCommand({ ...at("mine/1"), Body: "x" }));
  const Objects = [{ Key: "mine/1" }, { Key: "devices/1" }];
  const reply = await role.send(new DeleteObjectsCommand({ Bucket: "files", Delete: { Objects } }));
  expect(reply.Deleted?.map(({ Key }) => Key)).toEqual(["mine/1"]);
  expect(reply.Errors).toMatchObject([{ Key: "devices/1", Code: "AccessDenied" }]);
  expect(await read(root)).toBe("one");
});

test("the bucket's own policy grants, and denies even the person", async () => {
  const { server, root, role } = await withGrants();
  const policy = (statement: object) =>
    root.send(
      new PutBucketPolicyCommand({
        Bucket: "files",
        Policy: JSON.stringify({
          Statement: [
            { Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::files/*", ...statement },
          ],
        }),
      }),
    );
  await policy({ Effect: "Allow", Principal: { AWS: ROLE.principal } });
  expect(await read(role)).toBe("one");
  await policy({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } });
  expect(await errorOf(read(role))).toEqual(FORBIDDEN);
  expect(await errorOf(read(root))).toEqual(FORBIDDEN);
  expect(await errorOf(policy({ Effect: "Allow", Condition: { IpAddress: {} } }))).toMatchObject({
    name: "MalformedPolicy",
  });
  server.provisionBucket(FILES); // a start takes the template's word again
  expect(await read(root)).toBe("one");
});

test("a session token that is not the key's is refused", async () => {
  const { server } = await withGrants(grant("s3:*"));
  const forged = connect(server, { ...ROLE, sessionToken: "another" });
  expect(await errorOf(read(forged))).toMatchObject({ name: "InvalidToken" });
});
