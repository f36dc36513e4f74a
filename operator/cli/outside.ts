/** Why nothing is known of devices outside a share of which there is no version before. */
export const OUTSIDE = "outside the share, with no version before for them, they keep what they have";
