/** Only root can make what another user has made; without it there is nothing to refuse. */
export const AS_ROOT = process.geteuid?.() === 0;

export const NOBODY = 65_534;
