import { S3ServiceException } from "@aws-sdk/client-s3";

/** What a request is refused with. */
export type Refusal = { status: number | undefined; name: string };

/** The refusal that a request meets; fails if it succeeds, or fails otherwise. */
export async function errorOf(request: Promise<unknown>): Promise<Refusal> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return { status: error.$metadata.httpStatusCode, name: error.name };
  }
  throw new Error("the request succeeded, and should have been refused");
}
