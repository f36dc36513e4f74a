import fc from "fast-check";

/** What addresses, queries, headers and file systems give a meaning to, and one character of every UTF-8 length. */
const AWKWARD = [
  ..." +%:/&=?#;,.~'\"()*!@$|<>[]{}^`",
  "%2F",
  "%2e",
  "%",
  "\u00a0",
  "é",
  "語",
  "😀",
  "\u202e",
];

/** One character or a short awkward piece, always well-formed. */
export const keyPiece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...AWKWARD) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
);

/** A key as S3 could hold it, deliverable or not. */
export const anyKey = fc
  .string({ unit: keyPiece, minLength: 1, maxLength: 60 })
  .filter((key) => Buffer.byteLength(key) <= 1024);

/** A key that a request may name: no `.` or `..` segment, and no slash at either end. */
export const requestableKey = anyKey.filter(
  (key) =>
    !key.startsWith("/") &&
    !key.endsWith("/") &&
    key.split("/").every((segment) => segment !== "." && segment !== ".."),
);

export const anyEtag = fc.string({
  unit: fc.constantFrom(..."0123456789abcdefABCDEFxyzXYZ-"),
  minLength: 1,
  maxLength: 64,
});

/** An id of a version, of any characters that one may have. [NF-3.10] */
export const anyVersionId = fc.stringMatching(/^[!-~]{1,64}$/).filter((id) => id !== "null");
