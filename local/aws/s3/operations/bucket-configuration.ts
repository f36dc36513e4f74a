import { readText } from "../body/read-text.ts";
import { EMPTY, NO_CONTENT, type Reply, xmlReply } from "../http/reply.ts";
import { S3Error, type S3ErrorCode } from "../s3-error.ts";
import type { BucketSettings } from "../store/buckets.ts";
import { requireBucket } from "../store/require-bucket.ts";
import { type Operation, onBucket, type S3Call } from "./operation.ts";

/** A configuration of a bucket that is put, read back and deleted as one document. */
export type BucketConfiguration = {
  /** The document's root element, and its name among the bucket's documents. */
  root: string;
  /** Actions of IAM; deleting takes `put` unless S3 has an action of its own for it. */
  actions: { get: string; put: string; delete?: string };
  /** What GET answers where there is none. */
  missing: S3ErrorCode;
  /**
   * What the document changes beside being kept.
   * @throws {S3Error} for a document that is refused.
   */
  apply: (document: string | undefined, bucket: string) => Partial<BucketSettings>;
  /** What is kept to be read back, where it is not the document as it was put. */
  keep?: (document: string) => string;
  /** What is read back where no document was put: a template's bucket has only the settings. */
  render?: (settings: BucketSettings) => string | undefined;
  /** What PUT answers: 200 unless said otherwise. */
  stored?: Reply;
  /** XML unless said otherwise. */
  contentType?: string;
};

/** The three operations on a configuration. */
export function bucketConfiguration(configuration: BucketConfiguration): {
  get: Operation;
  put: Operation;
  delete: Operation;
} {
  const { root, actions, missing, apply, keep = (document) => document, render } = configuration;

  async function change({ request, store }: S3Call, document: string | undefined): Promise<void> {
    const settings = apply(document, request.bucket);
    await store.database.transaction(() => {
      const bucket = requireBucket(store, request.bucket);
      const { [root]: _, ...others } = bucket.settings.documents;
      const kept = document === undefined ? {} : { [root]: keep(document) };
      store.buckets.update(bucket.name, { settings: { ...settings, documents: { ...others, ...kept } } });
    });
  }

  return {
    get: {
      needs: (request) => [onBucket(request, actions.get)],
      async run({ request, store }) {
        const { settings } = requireBucket(store, request.bucket);
        const document = settings.documents[root] ?? render?.(settings);
        if (document === undefined) throw new S3Error(missing);
        return xmlReply(document, { "content-type": configuration.contentType ?? "application/xml" });
      },
    },
    put: {
      needs: (request) => [onBucket(request, actions.put)],
      async run(call) {
        await change(call, await readText(call.request, call.body));
        return configuration.stored ?? EMPTY;
      },
    },
    delete: {
      needs: (request) => [onBucket(request, actions.delete ?? actions.put)],
      async run(call) {
        await change(call, undefined);
        return NO_CONTENT;
      },
    },
  };
}
