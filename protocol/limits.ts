/** Bytes of an announcement as JSON: the payload a Notecard takes without a template. [NF-1.5] */
export const ANNOUNCEMENT_MAX_BYTES = 250;

/** Bytes of a Note's payload: what Blues' staff names as the bound of a Note without a template. [NF-10.4] */
export const PAYLOAD_MAX_BYTES = 250;

/** Characters of a web request's `name`: the device-side field holds 254 bytes with its terminator. [NF-1.5] */
export const REQUEST_NAME_MAX_CHARS = 253;

/** Bytes of a JSON reply that a Notecard accepts from a proxy route. [NF-3.4] */
export const JSON_REPLY_MAX_BYTES = 8192;

/** Bytes of file in a chunk when the request names no size: what the original sample served. [NF-3.1] */
export const CHUNK_DEFAULT_BYTES = 250;

/** Bytes of file in the largest chunk: 8000 characters of base64 and the envelope stay below 8192 bytes. [NF-3.1] */
export const CHUNK_MAX_BYTES = 6000;

/** Bytes of file in a chunk for the original sample's hosts: a multiple of three. [NF-4.1] */
export const SAMPLE_CHUNK_BYTES = 249;

/** Bytes of one raw reply: a function URL carries 6 MB, as base64. [NF-5.6] */
export const RANGE_MAX_BYTES = 4 * 1024 * 1024;

/** S3's bound on a key, in bytes of UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const KEY_MAX_BYTES = 1024;

/** Base-two logarithm of the window that a packed content may ask of its reader: 8 MiB, which RFC 8878 §3.1.1.1.2 asks every decoder to support. [NF-10.3] */
export const PACKED_WINDOW_LOG_MAX = 23;

/** Files of a manifest: whole it then has some 300 kB, and a fleet's state 600. [NF-11.1] */
export const MANIFEST_MAX_FILES = 2000;

/** Bytes of a manifest that a device reads: more than the largest has, with paths of 960 bytes. [NF-11.1] */
export const MANIFEST_MAX_BYTES = 4 * 1024 * 1024;

/** Bytes of a step: what one web request of a Notecard brings. [NF-11.7] */
export const STEP_MAX_BYTES = 8192;

/** Bytes of a variable's value: no document bounds it, and Blues' examples stay far below. [NF-11.4] */
export const VARIABLE_MAX_BYTES = 250;
