/** Every setting of the CDK app, given. */
export const ALL_SETTINGS = {
  stage: "staging",
  project: "app:2606f411-dea6-44a0-9743-1130f57d77d8",
  product: "com.example.lamps:street",
  defaultTarget: "fleet:5b0d7c58",
  maxFileBytes: 1_000_000,
  notehubUrl: "https://notehub.example.com",
  logRetentionDays: 30,
  alarmTopicArn: "arn:aws:sns:eu-central-1:123456789012:alarms",
  fileServerConcurrency: 20,
  packing: "off",
  patchMaxBytes: 1_000_000,
  zstdMaxBytes: 8_000_000,
  packSeconds: 30,
  notifierMemoryMb: 2048,
};
