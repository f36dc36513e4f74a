/** An access key as the local stack hands it out. `principal` is the role's ARN, or `root` for the person's own key. */
export type Credential = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  principal: string;
};

export type FindCredential = (accessKeyId: string) => Credential | undefined;
