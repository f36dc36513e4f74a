export class UnknownSecret extends Error {
  override name = "UnknownSecret" as const;
}

/** A version with this id has another value. */
export class VersionExists extends Error {
  override name = "VersionExists" as const;
}
