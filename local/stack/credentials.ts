import type { Credential, FindCredential } from "../aws/sigv4/credential.ts";
import { type LocalKeys, makeRoleCredential } from "./local-keys.ts";

/** The keys that the local services accept: the person's own, and one per role. */
export type Credentials = {
  find: FindCredential;
  /** Temporary credentials for what runs under a role. */
  forRole(roleArn: string): Credential;
};

export function createCredentials(keys: LocalKeys): Credentials {
  const person: Credential = {
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    principal: "root",
  };
  const byId = new Map<string, Credential>([[person.accessKeyId, person]]);
  return {
    find: (accessKeyId) => byId.get(accessKeyId),
    forRole(roleArn) {
      const credential = makeRoleCredential(roleArn);
      byId.set(credential.accessKeyId, credential);
      return credential;
    },
  };
}
