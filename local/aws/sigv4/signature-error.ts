/** Why a signature was not accepted; each service has its own error code and status for each. */
export type SignatureFault =
  | "missing"
  | "malformed"
  | "wrong-region"
  | "wrong-scope"
  | "unknown-key"
  | "invalid-token"
  | "skewed"
  | "not-yet-valid"
  | "expired"
  | "unsigned-header"
  | "mismatch";

/** A request whose signature was not accepted. Its message never shows a secret, a token or the signature expected. */
export class SignatureError extends Error {
  override name = "SignatureError" as const;
  readonly fault: SignatureFault;

  constructor(fault: SignatureFault, message: string) {
    super(message);
    this.fault = fault;
  }
}
