import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatSequencer } from "../../../../local/aws/s3/events/event-record.ts";
import { parseTarget } from "../../../../local/aws/s3/http/request-target.ts";
import { formEncodeKey } from "../../../../local/aws/s3/key-encoding.ts";
import { resolveRange } from "../../../../local/aws/s3/operations/byte-range.ts";
import { chooseOperation } from "../../../../local/aws/s3/operations/choose-operation.ts";
import { refuseHeaders } from "../../../../local/aws/s3/operations/not-implemented.ts";
import { S3Error } from "../../../../local/aws/s3/s3-error.ts";
import { uriEncodePath } from "../../../../local/aws/sigv4/uri-encode.ts";
import { anyKey } from "../../../support/arbitrary-key.ts";
import { thrownBy } from "../../../support/thrown-by.ts";

describe("the request line", () => {
  test("names any key, in path style and in virtual-hosted style", () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const path = uriEncodePath(key);
        const expected = { bucket: "bucket", key };
        expect(parseTarget(`/bucket/${path}?x-id=GetObject`, "localhost:1")).toMatchObject(expected);
        expect(parseTarget(`/${path}`, "bucket.localhost:1")).toMatchObject(expected);
        expect(parseTarget(`/${path}`, "bucket.s3.localhost")).toMatchObject(expected);
      }),
    );
  });

  test.each([
    ["/", "localhost", "", ""],
    ["/bucket", "localhost", "bucket", ""],
    ["/bucket/", "localhost", "bucket", ""],
    ["/bucket//a", "localhost", "bucket", "/a"],
    ["/bucket/../../etc/passwd", "localhost", "bucket", "../../etc/passwd"],
    ["/bucket/a+b", "127.0.0.1:80", "bucket", "a+b"],
    ["/bucket/a", "s3.localhost:80", "bucket", "a"],
  ])("%s at %s", (url, host, bucket, key) => {
    expect(parseTarget(url, host)).toMatchObject({ bucket, key });
  });

  test("the first of repeated parameters counts", () => {
    expect(parseTarget("/b/k?versionId=1&versionId=2", "").query.get("versionId")).toBe("1");
  });

  test("random ones are read or refused", () => {
    const piece = fc.constantFrom(
      "/",
      "%",
      "%2",
      "%2F",
      "%ff",
      "%00",
      "?",
      "&",
      "=",
      "..",
      "a",
      "é",
      "#",
      "+",
    );
    fc.assert(
      fc.property(fc.string({ unit: piece }), fc.string(), (url, host) => {
        const error = thrownBy(() => parseTarget(url, host));
        expect(error === undefined || error instanceof S3Error).toBe(true);
      }),
    );
  });
});

describe("ranges", () => {
  const size = fc.nat(50);

  test("serve what the bytes between the ends are", () => {
    fc.assert(
      fc.property(size, fc.nat(60), fc.nat(60), (bytes, first, last) => {
        const outcome = resolveRange(`bytes=${first}-${last}`, bytes);
        if (last < first) expect(outcome).toBe("whole");
        else if (first >= bytes) expect(outcome).toBe("unsatisfiable");
        else expect(outcome).toEqual({ first, last: Math.min(last, bytes - 1) });
      }),
    );
  });

  test("open and suffix ranges are closed ones", () => {
    fc.assert(
      fc.property(size, fc.integer({ min: 1, max: 60 }), (bytes, n) => {
        expect(resolveRange(`bytes=${n}-`, bytes)).toEqual(resolveRange(`bytes=${n}-999`, bytes));
        const suffix = resolveRange(`bytes=-${n}`, bytes);
        if (bytes === 0) expect(suffix).toBe("whole");
        else expect(suffix).toEqual(resolveRange(`bytes=${Math.max(0, bytes - n)}-`, bytes));
      }),
    );
  });

  test.each([
    [undefined, "whole"],
    ["bytes=0-1,3-4", "whole"],
    ["lines=0-1", "whole"],
    ["bytes=-", "whole"],
    ["bytes=a-b", "whole"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=99999999999999999999-", "unsatisfiable"],
  ])("%s of ten bytes: %s", (header, outcome) => {
    expect(resolveRange(header, 10)).toBe(outcome);
  });
});

describe("the operation", () => {
  const choose = (method: string, url: string, copies = false) =>
    chooseOperation({ method, ...parseTarget(url, "localhost"), copies });

  test.each([
    ["GET", "/", "ListBuckets"],
    ["GET", "/b", "ListObjects"],
    ["GET", "/b?list-type=2&prefix=a", "ListObjectsV2"],
    ["GET", "/b?prefix=a&versions", "ListObjectVersions"],
    ["POST", "/b?delete", "DeleteObjects"],
    ["POST", "/b", "PostObject"],
    ["GET", "/b/k?versionId=1", "GetObject"],
    ["PUT", "/b/k?partNumber=1&uploadId=u", "UploadPart"],
    ["POST", "/b/k?uploads", "CreateMultipartUpload"],
    ["POST", "/b/k?uploadId=u", "CompleteMultipartUpload"],
    ["GET", "/b/k?tagging", "GetObjectTagging"],
  ])("%s %s: %s", (method, url, name) => {
    expect(choose(method, url)).toBe(name);
  });

  test("a copy is an operation of its own", () => {
    expect(choose("PUT", "/b/k", true)).toBe("CopyObject");
    expect(choose("PUT", "/b/k?partNumber=1&uploadId=u", true)).toBe("UploadPartCopy");
  });

  test.each([
    ["PATCH", "/b/k", "MethodNotAllowed"],
    ["POST", "/b/k", "MethodNotAllowed"],
    ["POST", "/", "MethodNotAllowed"],
    ["constructor", "/b", "MethodNotAllowed"],
    ["GET", "/b/k?acl", "NotImplemented"],
    ["POST", "/b/k?restore", "NotImplemented"],
    ["PUT", "/b/k?renameObject", "NotImplemented"], // else it would be a PUT of nothing
    ["DELETE", "/b?metadataTable", "NotImplemented"], // and this a deletion of the bucket
  ])("%s %s: %s", (method, url, code) => {
    expect(thrownBy(() => choose(method, url))).toMatchObject({ code });
  });
});

describe("what is asked for by a header", () => {
  const refuse = (name: string, value: string) =>
    thrownBy(() => refuseHeaders({ header: (asked) => (asked === name ? value : undefined) }, [name]));
  test.each([
    ["x-amz-server-side-encryption", "aws:kms", "NotImplemented"],
    ["x-amz-server-side-encryption-customer-algorithm", "AES256", "NotImplemented"],
    ["x-amz-copy-source-server-side-encryption-customer-key", "a2V5", "NotImplemented"],
    ["x-amz-object-lock-mode", "GOVERNANCE", "NotImplemented"],
    ["x-amz-bucket-object-lock-enabled", "true", "NotImplemented"],
    ["x-amz-website-redirect-location", "/", "NotImplemented"],
    ["x-amz-checksum-xxhash64", "AAAAAAAAAAA=", "NotImplemented"], // it would be stored unverified
    ["x-amz-acl", "public-read", "AccessControlListNotSupported"],
    ["acl", "authenticated-read", "AccessControlListNotSupported"],
    ["x-amz-grant-full-control", "id=a", "AccessControlListNotSupported"],
  ])("%s: %s is refused with %s", (name, value, code) => {
    expect(refuse(name, value)).toMatchObject({ code });
  });

  test.each([
    ["x-amz-server-side-encryption", "AES256"],
    ["x-amz-acl", "private"],
    ["x-amz-bucket-object-lock-enabled", "false"],
    ["x-amz-checksum-crc64nvme", "AAAAAAAAAAA="],
    ["x-amz-checksum-mode", "ENABLED"],
  ])("%s: %s is not", (name, value) => {
    expect(refuse(name, value)).toBeUndefined();
  });
});

describe("events", () => {
  test("tell any key in a form that decodes to it", () => {
    fc.assert(
      fc.property(anyKey, (key) => {
        const encoded = formEncodeKey(key);
        expect(encoded).toMatch(/^[0-9A-Za-z\-._~/+%]*$/);
        expect(decodeURIComponent(encoded.replaceAll("+", " "))).toBe(key);
      }),
    );
  });

  test("have sequencers whose order as text is that of the changes", () => {
    const sequence = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(sequence, sequence, (a, b) => {
        expect(formatSequencer(a) < formatSequencer(b)).toBe(a < b);
      }),
    );
  });
});
