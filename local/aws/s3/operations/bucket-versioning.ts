import * as v from "valibot";
import { readText } from "../body/read-text.ts";
import { EMPTY, xmlReply } from "../http/reply.ts";
import { S3Error } from "../s3-error.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { childText, readXml } from "../xml/read-xml.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";
import { type Operation, onBucket } from "./operation.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export const putBucketVersioning: Operation = {
  needs: (request) => [onBucket(request, "s3:PutBucketVersioning")],
  async run({ request, body, store }) {
    const document = readXml(await readText(request, body), "VersioningConfiguration");
    const status = v.safeParse(v.picklist(["Enabled", "Suspended"]), childText(document, "Status"));
    if (!status.success) throw new S3Error("MalformedXML");
    if (childText(document, "MfaDelete") === "Enabled") throw new S3Error("NotImplemented");
    await store.database.transaction(() => {
      store.buckets.update(requireBucket(store, request.bucket).name, { versioning: status.output });
    });
    return EMPTY;
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export const getBucketVersioning: Operation = {
  needs: (request) => [onBucket(request, "s3:GetBucketVersioning")],
  async run({ request, store }) {
    const { versioning } = requireBucket(store, request.bucket);
    return xmlReply(
      xmlDocument("VersioningConfiguration", versioning === "" ? undefined : element("Status", versioning)),
    );
  },
};
