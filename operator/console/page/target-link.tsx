import { Link } from "./link.tsx";
import { deviceAddress, fleetAddress } from "./route.ts";

/** A device or a fleet by its UID, which leads to its page. */
export function TargetLink({ uid }: { uid: string }) {
  return (
    <Link to={/^(?:dev|thing):/.test(uid) ? deviceAddress(uid) : fleetAddress(uid)} class="name">
      {uid}
    </Link>
  );
}
