/** The one that is taken where no other is asked for, if it is free. */
export const CONSOLE_PORT = 4607;
