/**
 * One call to be allowed or denied: `action` as `s3:GetObject`, `resource` as an ARN, `context` the condition keys
 * that the caller's request sets.
 */
export type AccessRequest = {
  principal: string;
  action: string;
  resource: string;
  context?: Readonly<Record<string, string>>;
};

export type Authorize = (request: AccessRequest) => boolean;
