import * as v from "valibot";
import { CHECKSUM_ALGORITHMS } from "../body/checksum.ts";

/** Names and values that a client chose. Not an object: `__proto__` is a name like any other. */
const Pairs = v.array(v.tuple([v.string(), v.string()]));
export type Pairs = v.InferOutput<typeof Pairs>;

/** What a client stored beside the bytes. */
export const ObjectProperties = v.object({
  /** `content-type` and its like, as given. */
  headers: v.record(v.string(), v.string()),
  /** By name without `x-amz-meta-`. */
  metadata: Pairs,
  tags: Pairs,
  checksum: v.optional(
    v.object({
      algorithm: v.picklist(CHECKSUM_ALGORITHMS),
      type: v.picklist(["FULL_OBJECT", "COMPOSITE"]),
      value: v.string(),
    }),
  ),
  /** Id of the multipart upload that made it. */
  upload: v.optional(v.string()),
});
export type ObjectProperties = v.InferOutput<typeof ObjectProperties>;

export const Segments = v.array(v.object({ blob: v.string(), bytes: v.number() }));

/** A UTF-8 blob. */
export const KeyColumn = v.pipe(
  v.instance(Uint8Array),
  v.transform((bytes) => Buffer.from(bytes).toString("utf8")),
);

const Flag = v.pipe(
  v.number(),
  v.transform((value) => value === 1),
);

export function jsonColumn<Schema extends v.GenericSchema>(schema: Schema) {
  return v.pipe(v.string(), v.parseJson(), schema);
}

/** A row of the table `object`. */
export const ObjectRow = v.pipe(
  v.object({
    bucket: v.string(),
    key: KeyColumn,
    sequence: v.number(),
    version_id: v.string(),
    latest: Flag,
    delete_marker: Flag,
    size: v.number(),
    etag: v.string(),
    modified: v.number(),
    segments: jsonColumn(Segments),
    properties: jsonColumn(ObjectProperties),
  }),
  v.transform(({ version_id: versionId, delete_marker: deleteMarker, ...row }) => ({
    ...row,
    versionId,
    deleteMarker,
  })),
);

/** One version of an object, or a delete marker. `etag` has no quotes; `modified` is milliseconds since 1970. */
export type ObjectVersion = v.InferOutput<typeof ObjectRow>;

/** The version id of what is stored while versioning is not enabled. */
export const NULL_VERSION = "null";
