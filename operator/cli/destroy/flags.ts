/** `stage`: of which stack in AWS. */
export type DestroyFlags = {
  stage: string | undefined;
  yes: boolean | undefined;
  dryRun: boolean | undefined;
};
