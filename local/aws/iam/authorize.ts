/**
 * One call to be allowed or denied: `action` such as `s3:GetObject`, `resource` an ARN, `context` the condition keys
 * that the request sets.
 */
export type AccessRequest = {
  principal: string;
  action: string;
  resource: string;
  context?: Readonly<Record<string, string>>;
};

export type Authorize = (request: AccessRequest) => boolean;
