import { S3Error } from "../s3-error.ts";
import type { Pairs } from "../store/object-version.ts";
import { childrenNamed, readXml, requiredText } from "../xml/read-xml.ts";
import { element, xmlDocument } from "../xml/write-xml.ts";

const MOST_TAGS = 10;

/** `x-amz-tagging: a=1&b=2`, form-encoded. */
export function parseTagQuery(text: string): Pairs {
  return checkTags([...new URLSearchParams(text)]);
}

/** @param most of an object's tags, or of a bucket's. */
export function parseTagDocument(document: string, most = MOST_TAGS): Pairs {
  const sets = childrenNamed(readXml(document, "Tagging"), "TagSet");
  return checkTags(
    sets
      .flatMap((set) => childrenNamed(set, "Tag"))
      .map((tag) => [requiredText(tag, "Key"), requiredText(tag, "Value")]),
    most,
  );
}

export function tagDocument(tags: Pairs): string {
  const each = tags.map(([key, value]) => element("Tag", element("Key", key), element("Value", value)));
  return xmlDocument("Tagging", element("TagSet", each));
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
function checkTags(tags: Pairs, most = MOST_TAGS): Pairs {
  if (tags.length > most) throw new S3Error("BadRequest", `There cannot be more than ${most} tags`);
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > 128 || value.length > 256) throw new S3Error("InvalidTag");
  }
  if (new Set(tags.map(([key]) => key)).size < tags.length) {
    throw new S3Error("InvalidTag", "Cannot provide multiple Tags with the same key");
  }
  return tags;
}
