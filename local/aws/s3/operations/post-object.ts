import { parseCredential } from "../../sigv4/signature-claim.ts";
import { SignatureError } from "../../sigv4/signature-error.ts";
import { signatureOf, signingKey } from "../../sigv4/signing-key.ts";
import { equalInConstantTime } from "../../sigv4/verify.ts";
import { createDigester } from "../body/digests.ts";
import { type MultipartForm, readForm } from "../form/multipart-form.ts";
import { type AllowedLength, checkPostPolicy } from "../form/post-policy.ts";
import { type Reply, xmlReply } from "../http/reply.ts";
import { LONGEST_KEY_BYTES } from "../http/request-target.ts";
import { latin1 } from "../http/s3-request.ts";
import { S3Error } from "../s3-error.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { element, plainDocument } from "../xml/write-xml.ts";
import { refuseHeaders } from "./not-implemented.ts";
import { encryptionHeader, readProperties } from "./object-headers.ts";
import { objectUrl } from "./object-url.ts";
import { type Caller, type Operation, onObject, originOf, requireAllowed, type S3Call } from "./operation.ts";
import { MOST_BYTES_PER_PUT, orDiscard, type Received, receiveBytes } from "./receive-object.ts";
import { parseTagDocument } from "./tags.ts";
import { versionHeader } from "./version-header.ts";

/**
 * An upload by a browser's form, whose fields carry a signed policy in place of signed headers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
export const postObject: Operation = {
  needs: () => [], // asked once the form says who calls, and for which key
  async run(formCall) {
    const contentType = formCall.request.header("content-type") ?? "";
    if (!/^multipart\/form-data\b/i.test(contentType)) throw new S3Error("MethodNotAllowed");
    const form = await readForm(contentType, formCall.body.read());
    refuseHeaders({ header: (name) => form.fields.get(name) }, [...form.fields.keys()]);
    const { bucket } = formCall.request;
    const caller = authenticateForm(formCall, form.fields);
    const policy = form.fields.get("policy") ?? "";
    const key = keyOf(form); // expanded first: a policy speaks of the key that is stored
    const checked = new Map([...form.fields, ["bucket", bucket], ["key", key]]);
    const allowed = checkPostPolicy(policy, checked, formCall.now());

    const call = { ...formCall, caller, request: { ...formCall.request, key } };
    const tagged = form.fields.has("tagging") ? ["s3:PutObjectTagging"] : [];
    requireAllowed(
      call,
      ["s3:PutObject", ...tagged].map((action) => onObject(call.request, action)),
    );

    const received = await receiveFile(call, form, allowed);
    const etag = received.md5.toString("hex");
    const { versionId, properties } = await orDiscard(
      call.store.blobs,
      received.segments,
      storeFile(call, form, received, etag),
    );
    const headers = {
      ...versionHeader(requireBucket(call.store, bucket), versionId),
      ...encryptionHeader(properties),
    };
    const reply = successReply(call, form.fields, etag);
    return {
      ...reply,
      headers: { ...reply.headers, ...headers },
      about: { key, principal: caller.principal },
    };
  },
};

/** @throws {S3Error} unless a known key signed the policy. */
function authenticateForm(call: S3Call, fields: ReadonlyMap<string, string>): Caller {
  const policy = fields.get("policy");
  const signature = fields.get("x-amz-signature");
  if (policy === undefined || signature === undefined) throw new S3Error("AccessDenied");
  const { accessKeyId, scope } = readCredential(fields.get("x-amz-credential"));
  const credential = call.findCredential(accessKeyId);
  if (credential === undefined) throw new S3Error("InvalidAccessKeyId");
  if (scope.region !== call.region || scope.service !== "s3") {
    throw new S3Error("InvalidArgument", "The credential's region or service is wrong.");
  }
  const expected = signatureOf(signingKey(credential.secretAccessKey, scope), policy);
  if (!equalInConstantTime(expected, signature)) throw new S3Error("SignatureDoesNotMatch");
  if (!equalInConstantTime(credential.sessionToken ?? "", fields.get("x-amz-security-token") ?? "")) {
    throw new S3Error("InvalidToken");
  }
  return { accessKeyId, principal: credential.principal };
}

function readCredential(text: string | undefined): ReturnType<typeof parseCredential> {
  try {
    return parseCredential(text);
  } catch (error) {
    if (!(error instanceof SignatureError)) throw error;
    throw new S3Error("InvalidArgument", error.message, { cause: error });
  }
}

/** `${filename}` stands for the file's own name, without folders. */
function keyOf({ fields, file }: MultipartForm): string {
  const key = fields.get("key") ?? "";
  if (key === "") throw new S3Error("InvalidArgument", "Bucket POST must contain a field named 'key'.");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is what forms write
  const full = key.replaceAll("${filename}", () => file.name.replace(/^.*[\\/]/, ""));
  if (Buffer.byteLength(full) > LONGEST_KEY_BYTES) throw new S3Error("KeyTooLongError");
  return full;
}

async function receiveFile(
  call: S3Call,
  form: MultipartForm,
  { least, most }: AllowedLength,
): Promise<Received> {
  const digester = createDigester({ header: (name) => form.fields.get(name) }, undefined);
  const mostBytes = Math.min(most, MOST_BYTES_PER_PUT);
  const received = await receiveBytes(call.store.blobs, form.file.bytes, digester, mostBytes);
  if (received.bytes >= least) return received;
  call.store.blobs.discard(received.segments);
  throw new S3Error("EntityTooSmall");
}

async function storeFile(call: S3Call, { fields, file }: MultipartForm, received: Received, etag: string) {
  const header = (name: string): string | undefined => {
    const value = fields.get(name) ?? (name === "content-type" ? file.contentType : undefined);
    return value === undefined ? undefined : latin1(value);
  };
  const tagging = fields.get("tagging");
  const { bytes: size, segments, checksum } = received;
  const properties = {
    ...readProperties({ header }, [...fields.keys()], requireBucket(call.store, call.request.bucket)),
    ...(tagging === undefined ? {} : { tags: parseTagDocument(tagging) }),
    checksum,
  };
  return await call.changes.put({
    bucket: call.request.bucket,
    key: call.request.key,
    content: { size, etag, segments, properties },
    event: "ObjectCreated:Post",
    origin: originOf(call),
  });
}

/** What the form asks for: a redirect, a status, or nothing. */
function successReply({ request }: S3Call, fields: ReadonlyMap<string, string>, etag: string): Reply {
  const { bucket, key } = request;
  const location = objectUrl(request, key);
  const redirect = fields.get("success_action_redirect") ?? fields.get("redirect") ?? "";
  if (URL.canParse(redirect) && /^https?:/.test(redirect)) {
    const url = new URL(redirect);
    for (const [name, value] of Object.entries({ bucket, key, etag: `"${etag}"` }))
      url.searchParams.set(name, value);
    return { status: 303, headers: { "content-length": 0, etag: `"${etag}"`, location: url.href } };
  }
  const headers = { etag: `"${etag}"`, location };
  const status = fields.get("success_action_status");
  if (status === "201") {
    const document = plainDocument(
      "PostResponse",
      element("Location", location),
      element("Bucket", bucket),
      element("Key", key),
      element("ETag", `"${etag}"`),
    );
    return { ...xmlReply(document, headers), status: 201 };
  }
  return status === "200"
    ? { status: 200, headers: { ...headers, "content-length": 0 } }
    : { status: 204, headers };
}
