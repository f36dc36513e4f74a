/** Who the local Notehub knows: one project with one fleet. The first device is the default target. */
export const LOCAL_IDENTITY = {
  projectUid: "app:00000000-0000-4000-8000-000000000000",
  productUid: "com.example.noteferry:local",
  deviceUid: localDeviceUid(1),
  fleetUid: "fleet:00000000-0000-4000-8000-000000000001",
} as const;

/** The one thing that AWS IoT is started with. */
export const LOCAL_THING = "local-thing";

/** What AWS would give the deployment. */
export const LOCAL_ACCOUNT = { region: "us-east-1", accountId: "000000000000" } as const;

/** @param number from 1 */
export function localDeviceUid(number: number): string {
  return `dev:${String(number).padStart(15, "0")}`;
}
