import { S3Error } from "../s3-error.ts";
import type { BucketSettings, CorsRule } from "../store/buckets.ts";
import { childrenNamed, childText, readXml, wholeNumber } from "../xml/read-xml.ts";
import { element, type Xml, xmlDocument } from "../xml/write-xml.ts";
import { bucketConfiguration } from "./bucket-configuration.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html */
export const bucketCors = bucketConfiguration({
  root: "CORSConfiguration",
  actions: { get: "s3:GetBucketCORS", put: "s3:PutBucketCORS" },
  missing: "NoSuchCORSConfiguration",
  apply: (document) => ({ cors: document === undefined ? [] : readCors(document) }),
  render: ({ cors }) =>
    cors.length === 0 ? undefined : xmlDocument("CORSConfiguration", cors.map(corsElement)),
});

function readCors(document: string): BucketSettings["cors"] {
  const rules = childrenNamed(readXml(document, "CORSConfiguration"), "CORSRule");
  if (rules.length === 0 || rules.length > 100) throw new S3Error("MalformedXML");
  return rules.map((rule) => {
    const texts = (name: string) => childrenNamed(rule, name).map(({ text }) => text);
    const maxAge = childText(rule, "MaxAgeSeconds");
    const methods = texts("AllowedMethod");
    const known = methods.every((method) => ["GET", "PUT", "POST", "DELETE", "HEAD"].includes(method));
    if (methods.length === 0 || !known || texts("AllowedOrigin").length === 0) {
      throw new S3Error("InvalidRequest", "A CORS rule needs an AllowedOrigin, and methods that CORS knows.");
    }
    return {
      origins: texts("AllowedOrigin"),
      methods,
      headers: texts("AllowedHeader"),
      expose: texts("ExposeHeader"),
      maxAgeSeconds: maxAge === undefined ? undefined : wholeNumber(maxAge),
    };
  });
}

function corsElement(rule: CorsRule): Xml {
  return element(
    "CORSRule",
    rule.origins.map((text) => element("AllowedOrigin", text)),
    rule.methods.map((text) => element("AllowedMethod", text)),
    rule.headers.map((text) => element("AllowedHeader", text)),
    rule.expose.map((text) => element("ExposeHeader", text)),
    rule.maxAgeSeconds === undefined ? undefined : element("MaxAgeSeconds", rule.maxAgeSeconds),
  );
}
