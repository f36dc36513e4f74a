/** True for the name of a stage: what tells apart several deployments in one AWS account. */
export function isStage(text: string): boolean {
  return /^[A-Za-z](?:-?[0-9A-Za-z]){0,31}$/.test(text) && text.length <= 32;
}

/** Name of the CloudFormation stack, by which the operator's command finds what was deployed. */
export function stackName(stage?: string): string {
  return stage === undefined ? "Noteferry" : `Noteferry-${stage}`;
}
